"""Document 000: messages on 6975. Ours against programs of the document's kind, which send no line end."""

import errno
import unittest

from harness import Program, Server, Serving, connect, reset, run, system_words


def document_client(port, words):
    """Sends a word, waits for one recv, and shows it as the document's client does."""
    answers = []
    with connect(port) as client:
        for word in words:
            client.sendall(word.encode())
            answers.append(client.recv(1024))
    return answers


class Messages(unittest.TestCase):
    def server(self):
        return Server("message_server", "localhost", 0, "--auto")

    def test_document_client_with_our_server(self):
        with self.server() as server:
            answers = document_client(server.port, ["hola", "adiós"])
            self.assertEqual(answers, [b"recibido: hola\n", "recibido: adiós\n".encode()])
            server.wait_for("Recibido  'hola'")
            server.wait_for("Desconectado")

    def test_our_client_with_document_server(self):
        def handle(connection):
            while True:
                data = connection.recv(1024)
                if not data:
                    break
                connection.sendall(b"contestado " + data.strip())

        with Serving(handle) as server:
            status, output, errors = run("message_client", "localhost", server.port, data="hola\n\nñ\n".encode())
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(output.count("Tu Mensaje: "), 4)
        self.assertEqual(output.count("Esperando Respuesta"), 3)
        self.assertIn("Recibido  'contestado hola'", output)
        self.assertIn("Recibido  'contestado '", output)  # an empty line is a message too
        self.assertIn("Recibido  'contestado \\xc3\\xb1'", output)

    def test_pair(self):
        with self.server() as server:
            status, output, _ = run("message_client", "localhost", server.port, data=b"uno\ndos\n")
        self.assertEqual(status, 0)
        self.assertIn("Recibido  'recibido: uno'", output)
        self.assertIn("Recibido  'recibido: dos'", output)

    def test_split_and_glued_messages(self):
        with self.server() as server, connect(server.port) as client:
            client.sendall(b"uno\ndos\ntr")
            client.sendall(b"es\n")
            answers = b""
            while answers.count(b"\n") < 3:
                answers += client.recv(1024)
            self.assertEqual(answers, b"recibido: uno\nrecibido: dos\nrecibido: tres\n")

    def test_operator_types_the_answer_and_leaves(self):
        with Server("message_server", "localhost", 0) as server:
            with connect(server.port) as client:
                client.sendall(b"hola\n")
                server.wait_for("Recibido  'hola'")
                server.write("buenas\n")
                self.assertEqual(client.recv(1024), b"buenas\n")
                client.sendall(b"otra\n")
                server.wait_for("Recibido  'otra'")
                server.process.stdin.close()
                self.assertEqual(client.recv(1024), b"")
                self.assertEqual(server.wait(), 0)

    def test_vanished_client_does_not_end_the_server(self):
        with self.server() as server:
            client = connect(server.port)
            client.sendall(b"ho")
            reset(client)
            server.wait_for(system_words(errno.ECONNRESET), server.errors)
            self.assertEqual(document_client(server.port, ["hola"]), [b"recibido: hola\n"])

    def test_vanished_server_ends_the_client(self):
        with Serving(lambda connection: connection.recv(1024)) as server:
            status, _, errors = run("message_client", "localhost", server.port, data=b"hola\nadios\n")
        self.assertEqual(status, 1)
        self.assertEqual(len(errors.splitlines()), 1)

    def test_too_long_a_message_loses_its_client_alone(self):
        with self.server() as server:
            client = connect(server.port)
            client.sendall(b"x" * 20000)
            server.wait_for("longer", server.errors)
            client.close()
            self.assertEqual(document_client(server.port, ["hola"]), [b"recibido: hola\n"])

    def test_no_server(self):
        with Program("message_client", "localhost", 1) as client:
            self.assertEqual(client.wait(), 1)
            self.assertIn("is a server listening there?", client.errors[0])


if __name__ == "__main__":
    unittest.main()
