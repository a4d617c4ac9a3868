"""Lesson 11: files. Ours with ours, with senders and receivers in Python, and with those who mean no good."""

import os
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import unittest
import zlib
from pathlib import Path

from harness import PATIENCE, WINE, Program, Server, connect, listen, program, receive_exactly, reset, run

GOOD = ["foto.png", "ñandú.txt", "a b", "x" * 255, "COM10", "console.txt", "a.b.c", "-rf", "日本"]
BAD = ["", ".", "..", "../x", "/etc/passwd", "a/b", "a\\b", "C:x", "a:b", "x" * 256, "CON", "con", "nul.txt", "PRN", "aux.c", "COM1",
       "lpt9.log", "CON .txt", "a\nb", "a\0b", "\x7f", ".hidden", "x.", "x ", "a*", "a?", "<a>", "a|b", 'a"b', b"\xff\xfe", b"\xc3", "CONIN$"]


def header(name, size):
    name = name if isinstance(name, bytes) else name.encode()
    return struct.pack(">HQ", len(name), size) + name


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.here, self.there = self.folder / "here", self.folder / "there"
        self.here.mkdir()
        self.there.mkdir()

    def receiver(self, *options):
        server = Server("file_receiver", "127.0.0.1", 0, self.there, *options)
        self.addCleanup(server.stop)
        return server

    def file(self, name, data):
        path = self.here / name
        path.write_bytes(data)
        return path

    def send(self, server, name, data, said=None):
        """As a Python sender does; the two answers."""
        with connect(server.port) as client:
            answers = client.makefile("rb")
            client.sendall(header(name, len(data) if said is None else said))
            first = answers.readline()
            if first != b"OK\n":
                return first.decode().strip(), None
            client.sendall(data + struct.pack(">I", zlib.crc32(data)))
            return "OK", answers.readline().decode().strip()

    def kept(self):
        return sorted(path.name for path in self.there.iterdir())

    def settled(self, server):
        """Nothing is half received any more."""
        server.wait_until(lambda: not [name for name in self.kept() if name.startswith(".part")])
        return self.kept()

    def test_ours_with_ours(self):
        server = self.receiver()
        data = {"grande.bin": os.urandom(3_000_000), "vacío": b"", "ñandú.txt": b"hola\n", "65536": b"x" * 65536}
        paths = [self.file(name, content) for name, content in data.items()]
        status, output, errors = run("file_sender", "127.0.0.1", server.port, *paths)
        self.assertEqual((status, errors, len(output.splitlines())), (0, "", 4))
        for name, content in data.items():
            self.assertEqual((self.there / name).read_bytes(), content)
        self.assertEqual(self.kept(), sorted(data))

    def test_many_at_once(self):
        server = self.receiver()
        paths = [self.file(f"{number}.bin", os.urandom(500_000)) for number in range(8)]
        senders = [Program("file_sender", "127.0.0.1", server.port, path) for path in paths]
        for sender in senders:
            self.addCleanup(sender.stop)
        self.assertEqual([sender.wait() for sender in senders], [0] * 8)
        for path in paths:
            self.assertEqual((self.there / path.name).read_bytes(), path.read_bytes())

    def test_a_foreign_sender_and_a_foreign_receiver(self):
        server = self.receiver()
        for name in GOOD:
            self.assertEqual(self.send(server, name, b"hola"), ("OK", "OK"), name)
        self.assertEqual(self.kept(), sorted(GOOD))
        got = []

        def receive(listener):
            client, _ = listener.accept()
            size, length = struct.unpack(">HQ", receive_exactly(client, 10))
            got.append(receive_exactly(client, size))
            client.sendall(b"OK\n")
            data = receive_exactly(client, length)
            got.append(receive_exactly(client, 4) == struct.pack(">I", zlib.crc32(data)) and data)
            client.sendall(b"OK\n")

        with listen() as listener:
            thread = threading.Thread(target=receive, args=(listener,), daemon=True)
            thread.start()
            self.assertEqual(run("file_sender", "127.0.0.1", listener.getsockname()[1], self.file("a.txt", b"hola\n"))[0], 0)
            thread.join(PATIENCE)
        self.assertEqual(got, [b"a.txt", b"hola\n"])

    def test_bad_names_are_refused_with_a_word(self):
        server = self.receiver()
        for name in BAD:
            first, _ = self.send(server, name, b"x")
            self.assertRegex(first, "^(el )?nombre", repr(name))
        self.assertEqual(self.kept(), [])
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["here", "there"])

    def test_sizes_over_the_limit_are_refused_before_a_byte_comes(self):
        server = self.receiver("--max", 1)
        for size in (1_048_577, 2**32, 2**63, 2**64 - 1):
            self.assertEqual(self.send(server, "x", b"", said=size), ("demasiado grande", None))
        self.assertEqual(self.send(server, "x", b"y" * 1_048_576), ("OK", "OK"))

    def test_what_is_there_already_stays(self):
        server = self.receiver()
        self.assertEqual(self.send(server, "x", b"first"), ("OK", "OK"))
        self.assertEqual(self.send(server, "x", b"second"), ("ya existe", None))
        self.assertEqual((self.there / "x").read_bytes(), b"first")

    def test_of_two_with_one_name_at_the_same_time_one_is_kept_whole(self):
        server = self.receiver()
        for round_ in range(20):
            name, data = f"same{round_}", [bytes([65 + number]) * 1000 for number in range(4)]
            clients = [connect(server.port) for _ in data]
            for client in clients:
                self.addCleanup(client.close)
                client.sendall(header(name, 1000))
                self.assertEqual(client.recv(3), b"OK\n")
            for client, content in zip(clients, data):
                client.sendall(content + struct.pack(">I", zlib.crc32(content)))
            said = [client.makefile("rb").readline() for client in clients]
            self.assertEqual(sorted(said), [b"OK\n"] + [b"ya existe\n"] * 3)
            self.assertEqual((self.there / name).read_bytes(), data[said.index(b"OK\n")])

    def test_who_is_refused_and_never_stops_is_cut_off(self):
        server = self.receiver()
        with connect(server.port) as client:
            client.sendall(header("CON", 1))
            with self.assertRaises(OSError):
                for _ in range(2000):  # 130 MB
                    client.sendall(b"x" * 65536)

    def test_who_leaves_in_the_middle_leaves_nothing(self):
        server = self.receiver()
        for leave in (socket.socket.close,) if WINE else (socket.socket.close, reset):
            for begun in (header("x", 1000)[:5], header("x", 1000), header("x", 1000) + b"y" * 500, header("x", 4) + b"hola\0\0"):
                client = connect(server.port)
                client.sendall(begun)
                if len(begun) > 10:
                    self.assertEqual(client.recv(3), b"OK\n")
                leave(client)
        self.assertEqual(self.settled(server), [])
        sender = Program("file_sender", "127.0.0.1", server.port, self.file("big", os.urandom(80_000_000)))
        server.wait_until(lambda: any(path.stat().st_size > 0 for path in self.there.glob(".part*")))
        sender.stop()  # killed
        self.assertNotIn("big", self.settled(server))
        self.assertEqual(self.send(server, "x", b"hola"), ("OK", "OK"))

    def test_a_wrong_sum_is_told(self):
        server = self.receiver()
        with connect(server.port) as client:
            client.sendall(header("x", 4))
            self.assertEqual(client.recv(3), b"OK\n")
            client.sendall(b"hola\0\0\0\0")
            self.assertEqual(client.makefile("rb").readline().decode(), "la suma no coincide\n")
        self.assertEqual(self.settled(server), [])

    def test_the_sender_says_what_is_wrong(self):
        server = self.receiver("--max", 1)
        path = self.file("twice", b"1")
        self.assertEqual(run("file_sender", "127.0.0.1", server.port, path)[0], 0)
        self.assertEqual(run("file_sender", "127.0.0.1", server.port, path), (1, "", "el receptor dice: ya existe\n"))
        self.assertEqual(run("file_sender", "127.0.0.1", server.port, self.file("large", b"x" * 2_000_000)),
                         (1, "", "el receptor dice: demasiado grande\n"))
        for words, text in (((self.here / "none",), "no se puede leer"), ((self.here,), "no se puede leer"),
                            ((self.file(".x", b""),), "empieza con un punto")):
            status, _, errors = run("file_sender", "127.0.0.1", server.port, *words)
            self.assertEqual((status, len(errors.splitlines())), (1, 1))
            self.assertIn(text, errors)
        self.assertEqual(run("file_sender", "127.0.0.1", server.port)[0], 2)
        self.assertEqual(run("file_receiver", "127.0.0.1", 0, self.here / "none")[0], 1)
        with listen() as listener:  # a receiver that goes away
            threading.Thread(target=lambda: listener.accept()[0].close(), daemon=True).start()
            status, _, errors = run("file_sender", "127.0.0.1", listener.getsockname()[1], self.file("y", b"1"))
            self.assertEqual((status, len(errors.splitlines())), (1, 1))

    @unittest.skipUnless(not WINE and os.path.exists("/dev/full") and os.geteuid() == 0 and shutil.which("mount") and shutil.which("unshare"),
                         "a small disk needs root")
    def test_a_full_disk_is_told(self):
        script = 'mount -t tmpfs -o size=1m none "$1" && exec "$0" 127.0.0.1 0 "$1"'
        try:
            server = Server(command=["unshare", "--mount", "sh", "-c", script, program("file_receiver"), str(self.there)])
        except (AssertionError, OSError):
            self.skipTest("no mount here")
        self.addCleanup(server.stop)
        self.assertEqual(self.send(server, "x", b"y" * 3_000_000)[1], "no queda lugar en el disco")
        self.assertEqual(self.send(server, "x", b"hola"), ("OK", "OK"))

    @unittest.skipIf(WINE or os.name != "posix", "a terminal of one's own")
    def test_progress_is_shown_on_a_terminal_alone(self):
        import fcntl
        import pty
        import termios

        server = self.receiver()
        path = self.file("z", os.urandom(20_000_000))
        keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        with Program("file_sender", "127.0.0.1", server.port, path, terminal=screen) as sender:
            os.close(screen)
            seen = b""
            while b"bytes" not in seen:
                try:
                    seen += os.read(keyboard, 4096)
                except OSError:
                    break
            self.assertEqual(sender.wait(), 0)
        os.close(keyboard)
        self.assertRegex(seen.decode(), r"100 %, \d+ MB/s, faltan 0 s")


if __name__ == "__main__":
    unittest.main()
