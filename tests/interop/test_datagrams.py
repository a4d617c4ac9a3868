"""Lesson 8: datagrams. Ours against foreign programs, and through the relay that treats them as a bad network would."""

import os
import re
import shutil
import signal
import socket
import subprocess
import threading
import unittest

from harness import PATIENCE, WINE, Program, Server, run


def figures(text):
    """What a summary counts."""
    return {name: int(number) for name, number in re.findall(r"^([A-Z][\w ]+): (\d+)$", text, re.M)}


class PythonEcho:
    """A server of another make."""

    def __enter__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.settimeout(PATIENCE)
        self.port = self.socket.getsockname()[1]
        self.seen = []
        threading.Thread(target=self.serve, daemon=True).start()
        return self

    def serve(self):
        while True:
            try:
                data, sender = self.socket.recvfrom(65535)
            except OSError:
                return
            self.seen.append(data)
            self.socket.sendto(data, sender)

    def __exit__(self, *_):
        self.socket.close()


class Relay(Server):
    def __init__(self, target, *options):
        super().__init__("unkind", "0", target, *options)

    def end(self):
        """Ends it as Ctrl+C does; what it has counted."""
        self.process.send_signal(signal.SIGINT)
        if self.wait() != 0:
            raise AssertionError(self.errors)
        return figures("\n".join(self.output))


class Datagrams(unittest.TestCase):
    def client(self, port, *options):
        status, output, errors = run("datagram_client", "127.0.0.1", port, *options)
        self.assertEqual((status, errors), (0, ""))
        return figures(output)

    def test_our_client_with_our_server_and_with_a_foreign_one(self):
        with Server("datagram_server", "127.0.0.1", 0) as ours, PythonEcho() as theirs:
            for port in (ours.port, theirs.port):
                found = self.client(port, "--count", 20, "--every", 1)
                self.assertEqual(found, {"Enviados": 20, "Devueltos": 20, "Perdidos": 0, "Repetidos": 0, "Fuera de orden": 0})
            self.assertEqual(theirs.seen[0], b"1 " + b"." * 62)

    def test_every_size_up_to_the_largest_comes_back(self):
        with Server("datagram_server", "127.0.0.1", 0) as server:
            for size in (0, 1, 1400, 65507):
                self.assertEqual(self.client(server.port, "--count", 2, "--every", 1, "--size", size)["Devueltos"], 2)
            status, _, errors = run("datagram_client", "127.0.0.1", server.port, "--size", 65508)
            self.assertEqual(status, 1)
            self.assertIn("send", errors)

    def test_foreign_clients_with_our_server(self):
        with Server("datagram_server", "127.0.0.1", 0) as server:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
                client.settimeout(PATIENCE)
                for data in (b"hola", b"", b"\x00" * 60000):
                    client.sendto(data, ("127.0.0.1", server.port))
                    self.assertEqual(client.recvfrom(65535)[0], data)
            for command in (["nc", "-u", "-w", "1", "127.0.0.1", str(server.port)],
                            ["socat", "-t", "1", "-", f"UDP:127.0.0.1:{server.port}"]):
                if shutil.which(command[0]):
                    done = subprocess.run(command, input=b"hola", capture_output=True, timeout=PATIENCE, check=True)
                    self.assertEqual(done.stdout, b"hola", command)

    def test_nobody_there_is_one_line_and_status_1(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        status, _, errors = run("datagram_client", "127.0.0.1", port, "--wait", 2000)
        self.assertEqual(status, 1)
        self.assertEqual(len(errors.splitlines()), 1)

    def test_answers_of_somebody_else_and_bytes_that_are_no_number_count_for_nothing(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.1", 0))
            server.settimeout(PATIENCE)
            with Program("datagram_client", "127.0.0.1", server.getsockname()[1], "--count", 2, "--every", 1, "--wait", 300) as client:
                data, sender = server.recvfrom(100)
                self.assertEqual(server.recvfrom(100)[0][:2], b"2 ")
                for answer in (b"", b"2", b"2x", b"2\t", b"3 ", b"0 ", b"-1 ", b"99999999999 ", b"x 2 ", b" 2 ", data, data):
                    server.sendto(answer, sender)
                client.wait()
                found = figures("\n".join(client.output))
                self.assertEqual((found["Devueltos"], found["Repetidos"]), (1, 1))

    @unittest.skipIf(WINE or os.name != "posix", "ends the relay by a signal")
    def test_the_client_counts_as_the_relay_does(self):
        with Server("datagram_server", "127.0.0.1", 0) as server:
            with Relay(server.port, "--lose", 20, "--seed", 1) as relay:
                found = self.client(relay.port, "--count", 200, "--every", 1)
                counted = relay.end()
                self.assertGreater(counted["Perdidos"], 20)
                self.assertEqual(found["Perdidos"], counted["Perdidos"])
            with Relay(server.port, "--double", 20, "--delay", 5, "--shuffle", "--seed", 1) as relay:
                found = self.client(relay.port, "--count", 100, "--every", 1)
                self.assertEqual(found["Devueltos"], 100)
                self.assertGreater(found["Fuera de orden"], 0)
                counted = relay.end()
                self.assertLessEqual(found["Repetidos"], counted["Repetidos"])  # the last ones may still be on their way
                self.assertGreater(found["Repetidos"], 10)

    @unittest.skipIf(WINE or os.name != "posix", "ends the relay by a signal")
    def test_with_reliable_every_message_arrives_in_order(self):
        count = int(os.environ.get("SOCKETS_DATAGRAMS", 100))
        with PythonEcho() as server:
            with Relay(server.port, "--lose", 20, "--double", 20, "--delay", 2, "--shuffle", "--seed", 3) as relay:
                found = self.client(relay.port, "--count", count, "--reliable", "--wait", 60)
                self.assertEqual((found["Devueltos"], found["Perdidos"]), (count, 0))
                self.assertGreater(found["Reenviados"], 0)
                self.assertGreater(relay.end()["Perdidos"], 0)
            firsts = list(dict.fromkeys(int(data.split()[0]) for data in server.seen))
            self.assertEqual(firsts, list(range(1, count + 1)))

    def test_bad_words_are_refused(self):
        for words in (("unkind",), ("unkind", "0"), ("unkind", "0", "x"), ("unkind", "0", "1", "--lose", "x"),
                      ("datagram_client", "--count", "0"), ("datagram_server", "localhost", "70000")):
            status, _, errors = run(*words)
            self.assertEqual(status, 2, words)
            self.assertIn("uso:", errors)


if __name__ == "__main__":
    unittest.main()
