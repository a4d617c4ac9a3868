"""Lesson 10: the echo at a path. Ours against Python and socat; who is there already, and what was left behind."""

import os
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import unittest

from harness import PATIENCE, Program, receive_exactly, run


@unittest.skipUnless(os.name == "posix", "sockets at a path: Wine has none")
class Local(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "door")

    def server(self):
        server = Program("local_server", self.path)
        self.addCleanup(server.stop)
        server.wait_for("Escuchando en " + self.path)
        return server

    def connect(self):
        client = socket.socket(socket.AF_UNIX)
        self.addCleanup(client.close)
        client.settimeout(PATIENCE)
        client.connect(self.path)
        return client

    def echo(self):
        return run("local_client", self.path, data="hola\n¿qué tal?\n".encode())

    def test_ours_with_ours_and_with_foreign_programs(self):
        self.server()
        self.assertEqual(self.echo(), (0, "hola\n¿qué tal?\n", ""))
        client = self.connect()
        client.sendall(b"hola")
        self.assertEqual(receive_exactly(client, 4), b"hola")
        client.close()
        if shutil.which("socat"):
            done = subprocess.run(["socat", "-t", "5", "-", f"UNIX-CONNECT:{self.path}"], input=b"hola", capture_output=True,
                                  timeout=PATIENCE, check=True)
            self.assertEqual(done.stdout, b"hola")

    def test_our_client_with_a_foreign_server(self):
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(self.path)
            server.listen()

            def serve():
                client, _ = server.accept()
                while data := client.recv(7):
                    client.sendall(data)

            threading.Thread(target=serve, daemon=True).start()
            self.assertEqual(self.echo()[:2], (0, "hola\n¿qué tal?\n"))

    def test_a_long_line_comes_back_whole(self):
        self.server()
        line = "x" * 3_000_000 + "\n"
        status, output, _ = run("local_client", self.path, data=line.encode())
        self.assertEqual((status, output == line), (0, True))

    def test_only_its_owner_may_connect(self):
        self.server()
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o600)

    def test_a_path_that_was_left_behind_is_taken_over(self):
        server = self.server()
        server.stop()  # killed: nothing is tidied up
        self.assertTrue(os.path.exists(self.path))
        self.server()
        self.assertEqual(self.echo()[0], 0)

    def test_a_path_where_somebody_listens_is_left_alone(self):
        self.server()
        self.assertEqual(run("local_server", self.path), (1, "", f"ya hay un servidor en {self.path}\n"))
        self.assertEqual(self.echo()[0], 0)

    def test_a_file_is_left_alone(self):
        with open(self.path, "w", encoding="ascii") as file:
            file.write("precious")
        status, _, errors = run("local_server", self.path)
        self.assertEqual(status, 1)
        self.assertIn("Address already in use", errors)
        with open(self.path, encoding="ascii") as file:
            self.assertEqual(file.read(), "precious")

    def test_who_is_told_to_end_takes_its_path_away(self):
        server = self.server()
        server.process.send_signal(signal.SIGTERM)
        self.assertEqual(server.wait(), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_it_ends_so_too_while_somebody_is_connected_and_says_nothing(self):
        server = self.server()
        self.connect()
        server.wait_for("conectado")
        server.process.send_signal(signal.SIGINT)
        self.assertEqual(server.wait(), 0)
        self.assertFalse(os.path.exists(self.path))

    def test_who_vanishes_does_not_end_the_server(self):
        self.server()
        client = self.connect()
        client.sendall(b"x" * 100_000)
        client.close()
        self.assertEqual(self.echo()[0], 0)

    def test_nobody_there_and_bad_words(self):
        self.assertEqual(run("local_client", self.path)[0], 1)
        self.assertEqual(run("local_client", "/tmp/" + "x" * 200)[0], 1)
        for words in (("local_server",), ("local_client",), ("local_client", "a", "b")):
            self.assertEqual(run(*words)[0], 2)


if __name__ == "__main__":
    unittest.main()
