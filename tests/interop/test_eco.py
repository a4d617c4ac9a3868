"""Document 003: eco on 4000, in pieces of 19 bytes. Ours against programs of the document's kind."""

import errno
import unittest

from harness import Server, Serving, connect, receive_exactly, reset, run, system_words


class Eco(unittest.TestCase):
    def server(self):
        return Server("eco_server", "localhost", 0)

    def test_document_client_with_our_server(self):
        with self.server() as server:
            self.assertEqual(server.first_line, f"Empezando a levantar localhost puerto {server.port}")
            for message in ("Aquí va el mensaje", "YSYA"):
                with connect(server.port) as client:
                    port = client.getsockname()[1]
                    client.sendall(message.encode())
                    received = b""
                    while len(received) < len(message.encode()):
                        received += client.recv(19)
                self.assertEqual(received.decode(), message)
                server.wait_for(f"conexión desde (127.0.0.1, {port})")
                server.wait_for(f'recibido "{message}"')
            server.wait_for("devolviendo mensaje al cliente")
            server.wait_for("no hay mas datos")

    def test_our_client_with_document_server(self):
        def handle(connection):
            while True:
                data = connection.recv(19)
                if not data:
                    break
                connection.sendall(data)

        with Serving(handle) as server:
            status, output, errors = run("eco_client", "localhost", server.port)
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(
            output.splitlines(),
            [
                f"conectando a localhost puerto {server.port}",
                'enviando "Aquí va el mensaje"',
                'recibiendo "Aquí va el mensaje"',
                "cerrando socket",
            ],
        )

    def test_typed_message(self):
        with self.server() as server:
            status, output, _ = run("eco_client", "localhost", server.port, "-", data="YSYA\n".encode())
            self.assertEqual(status, 0)
            self.assertIn('Dame un mensaje: enviando "YSYA"', output)
            server.wait_for('recibido "YSYA"')

    def test_character_cut_by_the_end_of_a_piece_is_shown_whole(self):
        message = "a" * 18 + "ñandú" + "€" * 20
        with self.server() as server:
            status, output, _ = run("eco_client", "localhost", server.port, message)
            self.assertEqual(status, 0)
            server.wait_for("no hay mas datos")
        shown = "".join(line.split('"')[1] for line in output.splitlines() if line.startswith("recibiendo"))
        self.assertEqual(shown, message)
        shown = "".join(line.split('"')[1] for line in server.output if line.startswith("recibido"))
        self.assertEqual(shown, message)

    def test_control_characters_are_shown_as_escapes(self):
        with self.server() as server, connect(server.port) as client:
            client.sendall(b"\x1b[2J\x07\xff")
            receive_exactly(client, 6)
            server.wait_for('recibido "\\x1b[2J\\x07\\xff"')

    def test_long_message_comes_back_whole(self):
        with self.server() as server:
            status, output, _ = run("eco_client", "localhost", server.port, "-", data=b"z" * 200_000 + b"\n")
        self.assertEqual(status, 0)
        self.assertEqual(sum(line.count("z") for line in output.splitlines() if "recibiendo" in line), 200_000)

    def test_server_that_ends_early_is_noticed(self):
        with Serving(lambda connection: connection.sendall(connection.recv(5))) as server:
            status, _, errors = run("eco_client", "localhost", server.port)
        self.assertEqual(status, 1)
        self.assertEqual(len(errors.splitlines()), 1)

    def test_vanished_client_does_not_end_the_server(self):
        with self.server() as server:
            client = connect(server.port)
            client.sendall(b"x")
            receive_exactly(client, 1)
            reset(client)
            server.wait_for(system_words(errno.ECONNRESET), server.errors)
            self.assertEqual(run("eco_client", "localhost", server.port)[0], 0)


if __name__ == "__main__":
    unittest.main()
