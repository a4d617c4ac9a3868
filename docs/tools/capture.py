#!/usr/bin/env python3
"""Captures the conversation of document 000 as it was: message_client on one computer, message_server on another, and
Wireshark's tshark looking at what passes between them. The two computers are network namespaces of Linux, made for this
and gone afterwards.

    capture.py <folder of the programs> -o messages.pcap        such as build/dev/examples

It needs root, or a system whose users may make namespaces. Exit status 3: this cannot be done here, and why.
"""

import argparse
import array
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "tests", "interop")]

import packets  # noqa: E402
from harness import Program, Server  # noqa: E402

NOT_HERE = 3
NOTEBOOK, RASPBERRY = "192.0.2.2", "192.0.2.7"  # of a network that exists in examples alone
PORT = 6975
MARK = (RASPBERRY, 9)  # a datagram that is no part of the conversation: who sees it has seen all before it


def give_up(reason):
    print(f"capture.py: {reason}", file=sys.stderr)
    sys.exit(NOT_HERE)


def enter_namespace():
    """Runs this program again, in a network namespace of its own."""
    for tool in ("unshare", "nsenter", "ip", "tshark"):
        if not shutil.which(tool):
            give_up(f"{tool} is missing")
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    tried = subprocess.run([*unshare, "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        give_up(f"no namespace can be made: {tried.stderr.strip()}")
    os.execvp(unshare[0], [*unshare, sys.executable, os.path.abspath(__file__), "--inside", *sys.argv[1:]])


def do(*words):
    subprocess.run([str(word) for word in words], check=True)


def finish_checksums(interface):
    """Nobody between two namespaces would finish them, and Wireshark would call them wrong."""
    set_tx_checksum = array.array("B", struct.pack("II", 0x17, 0))
    request = struct.pack("16sP", interface.encode(), set_tx_checksum.buffer_info()[0])
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, 0x8946, request)  # SIOCETHTOOL


class Raspberry:
    """The other computer: a namespace that lasts as long as the program in it, and a cable to it."""

    def __enter__(self):
        self.holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo here; exec cat"],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.holder.stdout.readline()
        do("ip", "link", "add", "eth0", "address", "02:00:00:00:00:02", "type", "veth",
           "peer", "name", "peer0", "address", "02:00:00:00:00:07")
        for interface in ("eth0", "peer0"):
            finish_checksums(interface)
        do("ip", "link", "set", "peer0", "netns", self.holder.pid, "name", "eth0")
        for inside, address in (([], NOTEBOOK), (self.inside(), RASPBERRY)):
            do(*inside, "ip", "address", "add", f"{address}/24", "dev", "eth0")
            do(*inside, "ip", "link", "set", "eth0", "up")
        return self

    def inside(self):
        return ["nsenter", "--net", "--target", self.holder.pid]

    def __exit__(self, *_):
        self.holder.stdin.close()  # cat ends, and the namespace with it
        self.holder.wait()


class Tshark(Program):
    """Looks at the cable from the notebook's side."""

    def __init__(self, file):
        super().__init__(command=["tshark", "-i", "eth0", "-f", f"tcp or udp port {MARK[1]}", "-F", "pcap", "-w", file,
                                  "-P", "-l"])

    def catch_up(self):
        """Until it has seen everything that was sent before."""
        seen = len(self.output)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:

            def marked():
                sender.sendto(b"", MARK)
                return not self.runs() or any(" UDP " in line for line in self.output[seen:])

            self.wait_until(marked)
        if not self.runs():
            give_up("tshark ended: " + " ".join(self.errors))

    def finish(self):
        self.process.send_signal(signal.SIGINT)
        self.wait()


def capture(folder, file):
    with tempfile.TemporaryDirectory() as scratch, Raspberry() as raspberry:
        raw = os.path.join(scratch, "raw.pcap")
        with Tshark(raw) as tshark:
            tshark.catch_up()
            server = [*raspberry.inside(), os.path.join(folder, "message_server"), "0.0.0.0", PORT, "--auto"]
            client = [os.path.join(folder, "message_client"), RASPBERRY, PORT]
            with Server(command=server) as server, Program(command=client) as client:
                client.write("hola\n")
                client.wait_for("recibido: hola")
                client.process.stdin.close()
                client.wait()
                server.wait_for("Desconectado")
            tshark.catch_up()
            tshark.finish()
        with open(raw, "rb") as source, open(file, "wb") as target:
            target.write(packets.only_tcp(source.read()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="where the programs are")
    parser.add_argument("-o", dest="file", required=True, metavar="FILE.pcap")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        enter_namespace()
    capture(arguments.folder, arguments.file)


if __name__ == "__main__":
    main()
