"""Document 001: the stream echo on 1337. Ours with nc, with a PHP server of the document's kind, and with each other."""

import errno
import hashlib
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

from harness import PATIENCE, Server, connect, free_port, listen, program, reset, run, system_words

MEBIBYTES = int(os.environ.get("SOCKETS_STREAM_MIB", "64"))

PHP_SERVER = """<?php
$server = stream_socket_server("tcp://127.0.0.1:" . $argv[1], $number, $message);
echo stream_socket_get_name($server, false), PHP_EOL;
while ($client = stream_socket_accept($server, 30)) { stream_copy_to_stream($client, $client); fclose($client); }
"""


def peak_memory(server):
    """The most resident memory so far, in KiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


class StreamEcho(unittest.TestCase):
    def server(self, *options):
        return Server("stream_echo_server", "localhost", 0, *options)

    @unittest.skipUnless(shutil.which("nc"), "needs nc")
    def test_nc_with_our_server(self):
        with self.server() as server:
            for _ in range(2):
                nc = subprocess.run(
                    ["nc", "-N", "127.0.0.1", str(server.port)],
                    input=b"Hola que tal\n", stdout=subprocess.PIPE, timeout=PATIENCE, check=True,
                )
                self.assertEqual(nc.stdout, b"Hola que tal\n")

    @unittest.skipUnless(shutil.which("php"), "needs php")
    def test_our_client_with_a_php_server(self):
        with tempfile.NamedTemporaryFile("w", suffix=".php") as script:
            script.write(PHP_SERVER)
            script.flush()
            with Server(command=["php", script.name, "0"]) as server:
                status, output, errors = run("stream_echo_client", "127.0.0.1", server.port, data=b"Hola que tal\n")
        self.assertEqual((status, output, errors), (0, "Hola que tal\n", ""))

    def test_pair_returns_every_byte(self):
        data = bytes(range(256)) * 4000 + b"\r\nsin fin de linea"
        with self.server() as server:
            done = subprocess.run(
                [program("stream_echo_client"), "localhost", str(server.port)],
                input=data, stdout=subprocess.PIPE, timeout=PATIENCE, check=True,
            )
        self.assertEqual(done.stdout, data)

    def test_our_client_returns_three_megabytes_of_anything(self):
        data = os.urandom(3_000_000)
        with self.server() as server:
            done = subprocess.run(
                [program("stream_echo_client"), "localhost", str(server.port)],
                input=data, stdout=subprocess.PIPE, timeout=PATIENCE, check=True,
            )
        self.assertTrue(done.stdout == data)  # a difference would be no help on the screen

    def test_our_client_waits_for_no_line_end(self):
        with self.server() as server, subprocess.Popen(
            [program("stream_echo_client"), "localhost", str(server.port)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0,
        ) as client:
            overdue = threading.Timer(PATIENCE, client.kill)
            overdue.start()
            for piece in (b"abc", b"d", b"\xc3", b"\xb1\0"):
                client.stdin.write(piece)
                self.assertEqual(client.stdout.read(100), piece)
            client.stdin.close()
            self.assertEqual((client.stdout.read(1), client.wait(PATIENCE)), (b"", 0))
            overdue.cancel()

    def test_what_cannot_be_read_is_one_clear_line(self):
        folder = os.open("/", os.O_RDONLY)
        self.addCleanup(os.close, folder)
        with self.server() as server:
            done = subprocess.run(
                [program("stream_echo_client"), "localhost", str(server.port)],
                stdin=folder, capture_output=True, timeout=PATIENCE, check=False,
            )
        self.assertEqual((done.returncode, done.stdout, len(done.stderr.splitlines())), (1, b"", 1))

    def test_much_data_with_constant_memory(self):
        block = os.urandom(1 << 20)
        sent, received = hashlib.sha256(), hashlib.sha256()
        with self.server() as server, connect(server.port) as client:

            def send():
                for _ in range(MEBIBYTES):
                    client.sendall(block)
                client.shutdown(1)

            sender = threading.Thread(target=send)
            sender.start()
            while True:
                piece = client.recv(1 << 20)
                if not piece:
                    break
                received.update(piece)
            sender.join(PATIENCE)
            memory = peak_memory(server) if os.path.exists("/proc/self/status") else 0
        for _ in range(MEBIBYTES):
            sent.update(block)
        print(f"\n{MEBIBYTES} MiB: equal {sent.hexdigest() == received.hexdigest()}, server's peak memory {memory} KiB")
        self.assertEqual(sent.hexdigest(), received.hexdigest())
        self.assertLess(memory, 16384)

    def test_time_that_runs_out_is_told_and_the_server_goes_on(self):
        with self.server("--wait", "1") as server:
            server.wait_for("Nadie en 1 s, sigo")
            self.assertEqual(run("stream_echo_client", "localhost", server.port, data=b"x\n")[1], "x\n")

    def test_taken_port(self):
        with listen() as taken:
            status, output, errors = run("stream_echo_server", "localhost", taken.getsockname()[1])
        self.assertEqual((status, output), (1, ""))
        self.assertIn("No se ha podido enlazar el socket: ", errors)
        self.assertIn(system_words(errno.EADDRINUSE), errors)
        self.assertEqual(len(errors.splitlines()), 1)

    def test_vanished_client_does_not_end_the_server(self):
        with self.server() as server:
            client = connect(server.port)
            client.sendall(b"x")
            client.recv(1)
            reset(client)
            server.wait_for(system_words(errno.ECONNRESET), server.errors)
            self.assertEqual(run("stream_echo_client", "localhost", server.port, data=b"y\n")[1], "y\n")

    def test_no_server(self):
        status, _, errors = run("stream_echo_client", "localhost", free_port(), data=b"x\n")
        self.assertEqual((status, len(errors.splitlines())), (1, 1))


if __name__ == "__main__":
    unittest.main()
