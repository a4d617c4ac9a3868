"""Document 004: the echo server and client against Python's, both ways, and what must not end them."""

import ast
import errno
import os
import subprocess
import threading
import unittest

from harness import PATIENCE, Server, Serving, connect, free_port, listen, program, receive_exactly, reset, run
from harness import Program, system_words


def echo(connection):
    """The server's side, as it is written in Python."""
    while True:
        data = connection.recv(1024)
        if not data:
            break
        connection.sendall(data)


def talk(port, message):
    """The client's side, for a message that may be long: sends while it receives, and ends its side."""
    with connect(port) as connection:
        sending = threading.Thread(target=lambda: (connection.sendall(message), connection.shutdown(1)), daemon=True)
        sending.start()
        data = receive_exactly(connection, len(message))
        sending.join(PATIENCE)
        assert connection.recv(1) == b"", "more came back than was sent"
        return data


def received(output):
    """The bytes that the client says it has received."""
    assert output.startswith("Received b"), output[:100]
    return ast.literal_eval(output[len("Received ") :])


LONG = bytes(range(256)) * 4096  # 1 MiB, every byte, NULs and line ends included


class EchoServer(unittest.TestCase):
    def test_says_where_it_listens_and_who_connects(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            self.assertEqual(server.first_line, f"Escuchando en 127.0.0.1:{server.port}")
            with server.connect() as client:
                host, port = client.getsockname()
                self.assertEqual(server.wait_for("Connected by"), f"Connected by {host}:{port}")

    def test_sends_back_what_arrives(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            with server.connect() as client:
                client.sendall(b"Hello, world")
                self.assertEqual(receive_exactly(client, 12), b"Hello, world")
                client.sendall("año\0\r\n".encode())
                self.assertEqual(receive_exactly(client, 7), "año\0\r\n".encode())

    def test_sends_back_a_long_message_whole(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            self.assertEqual(talk(server.port, LONG), LONG)

    def test_sends_back_byte_by_byte(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            with server.connect() as client:
                for byte in b"hola":
                    client.sendall(bytes([byte]))
                    self.assertEqual(receive_exactly(client, 1), bytes([byte]))

    def test_answers_the_end_with_the_end(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            with server.connect() as client:
                client.sendall(b"last")
                client.shutdown(1)
                self.assertEqual(receive_exactly(client, 4), b"last")
                self.assertEqual(client.recv(1), b"")

    def test_serves_one_client_after_another(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            for number in range(5):
                message = f"client {number}".encode()
                self.assertEqual(talk(server.port, message), message)
            server.wait_until(lambda: sum("Connected by" in line for line in server.output) == 5)

    def test_who_waits_is_served_next(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            with server.connect() as first:
                server.wait_for("Connected by")
                with server.connect() as second:
                    second.sendall(b"second")
                    first.sendall(b"first")
                    self.assertEqual(receive_exactly(first, 5), b"first")
                    first.close()
                    self.assertEqual(receive_exactly(second, 6), b"second")

    def test_a_client_that_vanishes_does_not_end_it(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            for _ in range(3):
                client = server.connect()
                client.sendall(b"x" * 200000)  # so that something is on its way back
                receive_exactly(client, 1)
                reset(client)
            reset(server.connect())  # gone before it was accepted, perhaps
            self.assertEqual(talk(server.port, b"still there?"), b"still there?")
            self.assertTrue(server.runs())

    def test_serves_by_ipv6(self):
        try:
            with Server("echo_server", "::1", "0") as server:
                self.assertEqual(server.first_line, f"Escuchando en [::1]:{server.port}")
                with connect(server.port, "::1") as client:
                    client.sendall(b"x")
                    self.assertEqual(receive_exactly(client, 1), b"x")
        except AssertionError as failure:
            no_ipv6 = (system_words(number) for number in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT))
            if any(words in str(failure) for words in no_ipv6):
                self.skipTest("no IPv6 on this machine")
            raise

    def test_starts_again_at_once(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            port = server.port
            client = server.connect()
            server.wait_for("Connected by")
        # The server went first: its port is in TIME_WAIT when the client has gone too.
        client.close()
        with Server("echo_server", "127.0.0.1", port) as server:
            self.assertEqual(talk(server.port, b"again"), b"again")

    def test_a_taken_port_is_one_clear_line(self):
        with listen() as taken:
            port = taken.getsockname()[1]
            status, output, errors = run("echo_server", "127.0.0.1", port)
        self.assertEqual(status, 1)
        self.assertEqual(output, "")
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(f"127.0.0.1:{port}: {system_words(errno.EADDRINUSE)}", errors)

    def test_a_host_that_is_not_this_machine_is_one_clear_line(self):
        status, output, errors = run("echo_server", "198.51.100.1", "0")
        self.assertEqual(status, 1)
        self.assertEqual(output, "")
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(f"bind to 198.51.100.1:0: {system_words(errno.EADDRNOTAVAIL)}", errors)


class EchoClient(unittest.TestCase):
    def test_talks_with_a_server_in_python(self):
        with Serving(echo) as server:
            status, output, errors = run("echo_client", "127.0.0.1", server.port)
        self.assertEqual((status, output, errors), (0, "Received b'Hello, world'\n", ""))

    def test_sends_the_message_that_it_is_given(self):
        for message in ("hola", "ñandú", 'both \' and "', "it's", 'say "x"', "back\\slash", "tab\tline\n"):
            with Serving(echo) as server:
                status, output, errors = run("echo_client", "127.0.0.1", server.port, message)
            self.assertEqual((status, errors), (0, ""))
            self.assertEqual(output, f"Received {message.encode()!r}\n")

    def test_sends_what_comes_from_standard_input(self):
        with Serving(echo) as server:
            status, output, errors = run("echo_client", "127.0.0.1", server.port, "-", data=LONG)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(received(output), LONG)

    def test_shows_bytes_as_python_does(self):
        every = bytes(range(256))
        with Serving(echo) as server:
            _, output, _ = run("echo_client", "127.0.0.1", server.port, "-", data=every)
        self.assertEqual(output, f"Received {every!r}\n")

    def test_a_server_that_answers_byte_by_byte(self):
        def slowly(connection):
            while data := connection.recv(1024):
                for byte in data:
                    connection.sendall(bytes([byte]))

        with Serving(slowly) as server:
            status, output, _ = run("echo_client", "127.0.0.1", server.port)
        self.assertEqual((status, output), (0, "Received b'Hello, world'\n"))

    @unittest.skipUnless(os.path.exists("/dev/full"), "needs a device that is always full")
    def test_an_output_that_takes_nothing_is_one_clear_line(self):
        with Serving(echo) as server, open("/dev/full", "wb") as full:
            client = [program("echo_client"), "127.0.0.1", str(server.port)]
            done = subprocess.run(client, stdout=full, stderr=subprocess.PIPE, timeout=PATIENCE, check=False)
        self.assertEqual(done.stderr.decode(), "no se pudo escribir todo en la salida\n")
        self.assertEqual(done.returncode, 1)

    def test_no_server_is_one_clear_line(self):
        port = free_port()
        status, output, errors = run("echo_client", "127.0.0.1", port)
        self.assertEqual(status, 1)
        self.assertEqual(output, "")
        self.assertEqual(
            errors, f"connect to 127.0.0.1:{port}: {system_words(errno.ECONNREFUSED)} (is a server listening there?)\n"
        )

    def test_an_unknown_host_is_one_clear_line(self):
        status, output, errors = run("echo_client", "no-such-host.invalid", "80")
        self.assertEqual(status, 1)
        self.assertEqual(output, "")
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn("getaddrinfo of no-such-host.invalid:80: ", errors)

    def test_a_server_that_ends_early_is_one_clear_line(self):
        def half(connection):
            connection.sendall(connection.recv(1024)[:5])

        with Serving(half) as server:
            status, output, errors = run("echo_client", "127.0.0.1", server.port)
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn("5 of 12 bytes", errors)

    def test_a_server_that_vanishes_is_one_clear_line(self):
        def vanish(connection):
            connection.recv(1)
            reset(connection)

        with Serving(vanish) as server:
            status, output, errors = run("echo_client", "127.0.0.1", server.port)
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(system_words(errno.ECONNRESET), errors)


class Both(unittest.TestCase):
    def test_talk_with_each_other(self):
        with Server("echo_server", "127.0.0.1", "0") as server:
            for _ in range(2):
                status, output, errors = run("echo_client", "127.0.0.1", server.port)
                self.assertEqual((status, output, errors), (0, "Received b'Hello, world'\n", ""))
            _, output, _ = run("echo_client", "127.0.0.1", server.port, "-", data=LONG)
            self.assertEqual(received(output), LONG)
            _, output, _ = run("echo_client", "127.0.0.1", server.port, "-", data=b"")
            self.assertEqual(output, "Received b''\n")
            self.assertTrue(server.runs())

    def test_meet_on_localhost(self):
        with Server("echo_server", "localhost", "0") as server:
            _, output, errors = run("echo_client", "localhost", server.port)
            self.assertEqual((output, errors), ("Received b'Hello, world'\n", ""))

    def test_wrong_arguments_are_answered_with_the_usage(self):
        for name in ("echo_server", "echo_client"):
            for wrong in (
                ("127.0.0.1", "port"),
                ("127.0.0.1", "65536"),
                ("127.0.0.1", "-1"),
                ("127.0.0.1", "99999999999999999999"),
                ("127.0.0.1", ""),
                ("127.0.0.1", "80", "message", "more"),
                ("--no-such-option",),
            ):
                status, output, errors = run(name, *wrong)
                self.assertEqual((name, wrong, status), (name, wrong, 2))
                self.assertEqual(output, "")
                self.assertIn(name, errors)

    def test_help_tells(self):
        for name in ("echo_server", "echo_client"):
            status, output, errors = run(name, "--help")
            self.assertEqual((status, errors), (0, ""))
            self.assertIn(f"{name} [host = localhost] [puerto = 65432]", output)

    def test_have_the_ports_of_the_document(self):
        # Without a word about it they meet on 65432: whoever has that port is talked to.
        try:
            server = listen(65432)
        except OSError:
            self.skipTest("somebody has port 65432")
        with server:
            status, _, errors = run("echo_server")
            self.assertEqual(status, 1)
            self.assertIn(":65432", errors)
            with Program(command=[program("echo_client")]) as client:
                connection, _ = server.accept()
                with connection:
                    connection.settimeout(PATIENCE)
                    self.assertEqual(receive_exactly(connection, 12), b"Hello, world")
                    connection.sendall(b"Hello, world")
                    self.assertEqual(client.wait(), 0)
            self.assertEqual(client.output, ["Received b'Hello, world'"])


if __name__ == "__main__":
    unittest.main()
