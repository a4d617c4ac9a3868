"""Lesson 9: what getaddrinfo knows of a name, as Python is told too; and both ends of a connection."""

import re
import socket
import threading
import unittest

from harness import PATIENCE, listen, run


def shown(address):
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class Addresses(unittest.TestCase):
    def test_what_python_is_told_in_its_order(self):
        for host, service in (("localhost", "80"), ("localhost", "http"), ("127.0.0.1", "1"), ("::1", "443")):
            found = socket.getaddrinfo(host, service, type=socket.SOCK_STREAM)
            status, output, errors = run("show_addresses", host, service)
            self.assertEqual((status, errors), (0, ""))
            self.assertEqual(re.findall(r"^\d+\. (\S+) \(IPv[46]\)$", output, re.M), [shown(address) for *_, address in found])

    def test_a_connection_is_a_pair_of_pairs(self):
        with listen() as server:
            seen = []
            thread = threading.Thread(target=lambda: seen.append(server.accept()), daemon=True)
            thread.start()
            port = server.getsockname()[1]
            status, output, _ = run("show_addresses", "127.0.0.1", port, "--connect")
            thread.join(PATIENCE)
            self.assertEqual(status, 0)
            connection = re.search(r"^Conexión: (\S+) con (\S+)$", output, re.M)
            self.assertEqual(connection[2], f"127.0.0.1:{port}")
            self.assertEqual(connection[1], shown(seen[0][1]))  # as the other side sees it

    def test_what_is_not_there_is_one_line_and_status_1(self):
        for words in (("localhost", "nosuchservice"), ("127.0.0.1", "nosuchservice")):
            status, output, errors = run("show_addresses", *words)
            self.assertEqual((status, output, len(errors.splitlines())), (1, "", 1), errors)
        with listen() as server:
            port = server.getsockname()[1]
        status, _, errors = run("show_addresses", "127.0.0.1", port, "--connect")
        self.assertEqual(status, 1)
        self.assertIn("Connection refused", errors)
        self.assertEqual(run("show_addresses")[0], 2)


if __name__ == "__main__":
    unittest.main()
