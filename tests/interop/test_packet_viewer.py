"""Lesson 13: the packets as they pass. tshark looks at the same conversations, in a network namespace of the test's own."""

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import unittest

from harness import BIN, PATIENCE, Program, Server, program, run

FIELDS = ["ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.srcport", "tcp.dstport", "udp.srcport", "udp.dstport", "tcp.flags",
          "tcp.seq", "tcp.ack", "tcp.len", "udp.length"]
LINE = re.compile(r" *\d+\.\d+ (?P<src>\S+) > (?P<dst>\S+) (?:UDP|TCP \[(?P<flags>[A-Z, ]+)\] seq (?P<seq>\d+)(?: ack (?P<ack>\d+))?), "
                  r"(?P<size>\d+) bytes?")
FLAGS = (("SYN", 2), ("FIN", 1), ("RST", 4), ("PSH", 8), ("ACK", 16))


def ours(lines):
    return [(match["src"], match["dst"], match["flags"], match["seq"], match["ack"], match["size"]) for match in map(LINE.match, lines) if match]


def theirs(lines):
    found = []
    for line in lines:
        one = dict(zip(FIELDS, line.split("\t")))
        if not one.get("tcp.srcport") and not one.get("udp.srcport"):
            continue
        kind = "tcp" if one["tcp.srcport"] else "udp"
        ends = [(one[f"ip.{way}"] or f"[{one[f'ipv6.{way}']}]") + ":" + one[f"{kind}.{way}port"] for way in ("src", "dst")]
        if kind == "udp":
            found.append((*ends, None, None, None, str(int(one["udp.length"]) - 8)))
            continue
        flags = int(one["tcp.flags"], 16)
        found.append((*ends, ", ".join(name for name, bit in FLAGS if flags & bit), one["tcp.seq"], one["tcp.ack"] if flags & 16 else None,
                      one["tcp.len"]))
    return found


def converse():
    """All conversations of the demo, datagrams, and one over IPv6 where there is one."""
    subprocess.run([program("show_demo"), BIN], check=True, capture_output=True, stdin=subprocess.DEVNULL, timeout=4 * PATIENCE)
    with Server("datagram_server", "127.0.0.1", 0) as server:
        run("datagram_client", "127.0.0.1", server.port, "--count", 5, "--every", 1)
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as server:
            threading.Thread(target=lambda: server.accept()[0].sendall(b"hola"), daemon=True).start()
            with socket.create_connection(server.getsockname()[:2], PATIENCE) as client:
                client.recv(4)
    except OSError:
        pass  # no IPv6 here


def mark(number, seen):
    """A datagram of this size, until both have seen it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as itself:
        itself.bind(("127.0.0.1", 0))
        itself.sendto(b"x" * number, itself.getsockname())
    return seen(f"{number} bytes", str(number + 8))


def look():
    fields = [word for field in FIELDS for word in ("-e", field)]
    with Program("packet_viewer", "lo") as viewer, \
            Program(command=["tshark", "-i", "lo", "-l", "-n", "-T", "fields", *fields, "-o", "tcp.relative_sequence_numbers:TRUE"]) as tshark:
        viewer.wait_for("Mirando lo")

        def seen(by_us, by_them):
            return any(by_us in line for line in viewer.output) and any(line.endswith("\t" + by_them) for line in tshark.output)

        viewer.wait_until(lambda: mark(777, seen))  # from now on both look
        mark(778, lambda *_: True)
        viewer.wait_until(lambda: seen("778 bytes", "786"))
        converse()
        mark(779, lambda *_: True)
        viewer.wait_until(lambda: seen("779 bytes", "787"))
        us, them = ours(viewer.output), theirs(tshark.output)
        begin = [next(at for at, packet in enumerate(side) if packet[5] == "778") for side in (us, them)]
        return us[begin[0]:], them[begin[1]:]


class Packets(unittest.TestCase):
    @unittest.skipUnless(sys.platform == "linux" and os.environ.get("SOCKETS_RECORDABLE") and all(map(shutil.which, ("tshark", "unshare", "ip"))),
                         "tshark and namespaces of Linux; once is enough")
    def test_tshark_sees_the_same(self):
        unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
        if subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode != 0:
            self.skipTest("no namespace can be made here")
        done = subprocess.run([*unshare, sys.executable, __file__, "--inside"], capture_output=True, text=True, timeout=170, check=False)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])
        print(done.stdout.strip())

    @unittest.skipUnless(sys.platform == "linux" and getattr(os, "geteuid", lambda: 1)() == 0 and shutil.which("setpriv"), "root gives up its right")
    def test_without_the_right_it_says_which_one(self):
        done = subprocess.run(["setpriv", "--bounding-set", "-net_raw", "--inh-caps", "-net_raw", "--reuid", "65534", "--clear-groups",
                               program("packet_viewer")], capture_output=True, text=True, timeout=PATIENCE, check=False)
        if done.returncode == 126 or "setpriv" in done.stderr:
            self.skipTest("the right cannot be given up, or nobody may run the program")
        self.assertEqual(done.returncode, 1)
        self.assertIn("CAP_NET_RAW", done.stderr)

    def test_bad_words_are_refused(self):
        self.assertEqual(run("packet_viewer", "lo", "x")[0], 2)
        self.assertEqual(run("packet_viewer", "none0")[0], 1)


if __name__ == "__main__":
    if sys.argv[1:] == ["--inside"]:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        us, them = look()
        different = [pair for pair in zip(us, them) if pair[0] != pair[1]]
        print(f"{len(us)} packets here, {len(them)} there, {len(different)} differences")
        sys.exit(f"{different[:5]}" if different or len(us) != len(them) else 0)
    unittest.main()
