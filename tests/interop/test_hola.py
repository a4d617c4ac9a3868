"""Document 001: hola and adios on 8000, bare words. Ours against programs of the document's kind."""

import os
import unittest

from harness import Server, Serving, connect, receive_exactly, reset, run


def memory(server):
    """Resident memory in KiB."""
    with open(f"/proc/{server.process.pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class Hola(unittest.TestCase):
    def server(self):
        return Server("hola_server", "localhost", 0)

    def test_document_client_with_our_server(self):
        with self.server() as server:
            with connect(server.port) as client:
                port = client.getsockname()[1]
                client.sendall(b"hola")
                self.assertEqual(client.recv(1000), b"pues hola")
                client.sendall(b"adios")
                self.assertEqual(client.recv(1000), b"pues adios")
                self.assertEqual(client.recv(1000), b"")
            server.wait_for(f"conectado (127.0.0.1, {port})")
            server.wait_for(f"(127.0.0.1, {port}) envia hola: contesto")
            server.wait_for(f"(127.0.0.1, {port}) envia adios: contesto y desconecto")
            server.wait_for(f"desconectado (127.0.0.1, {port})")

    def test_our_client_with_document_server(self):
        heard = []

        def handle(connection):
            while True:
                word = connection.recv(1000)
                heard.append(word)
                connection.sendall(b"pues " + word)
                if word == b"adios":
                    break

        with Serving(handle) as server:
            status, output, errors = run("hola_client", "localhost", server.port, "--wait", 0)
        self.assertEqual((status, output.split("\n"), errors), (0, ["pues hola", "pues adios", ""], ""))
        self.assertEqual(heard, [b"hola", b"adios"])

    def test_our_client_understands_an_answer_in_pieces(self):
        def handle(connection):
            for answer in (b"pues hola", b"pues adios"):
                connection.recv(1000)
                for byte in answer:
                    connection.sendall(bytes([byte]))

        with Serving(handle) as server:
            self.assertEqual(run("hola_client", "localhost", server.port, "--wait", 0)[:2], (0, "pues hola\npues adios\n"))

    def test_split_and_glued_words(self):
        for pieces in ([b"ho", b"la", b"adi", b"os"], [b"holaadios"], [b"hola\r\n", b"adios\n"], [b"hola adios more"]):
            with self.subTest(pieces=pieces), self.server() as server, connect(server.port) as client:
                for piece in pieces:
                    client.sendall(piece)
                self.assertEqual(receive_exactly(client, 19), b"pues holapues adios")
                self.assertEqual(client.recv(1), b"")

    def test_anything_else_is_answered_with_what_is_understood(self):
        with self.server() as server, connect(server.port) as client:
            client.sendall(b"que tal\nhola")
            answer = b"solo entiendo hola y adios\npues hola"
            self.assertEqual(receive_exactly(client, len(answer)), answer)

    def test_500_clients_at_once_and_an_idle_one_delays_nobody(self):
        with self.server() as server:
            idle = connect(server.port)
            clients = [connect(server.port) for _ in range(500)]
            for client in clients:
                client.sendall(b"hola")
            for client in clients:
                self.assertEqual(receive_exactly(client, 9), b"pues hola")
            for client in clients:
                client.sendall(b"adios")
            for client in clients:
                self.assertEqual(receive_exactly(client, 10), b"pues adios")
                client.close()
            idle.sendall(b"hola")
            self.assertEqual(receive_exactly(idle, 9), b"pues hola")
            idle.close()

    @unittest.skipUnless(os.path.exists("/proc/self/status"), "measures memory with Linux' /proc")
    def test_a_flood_without_a_line_end_grows_no_memory(self):
        with self.server() as server:
            with connect(server.port) as client:
                client.sendall(b"x")
                receive_exactly(client, 27)
                before = memory(server)
                for _ in range(13):
                    client.sendall(b"y" * 1_000_000)
                client.sendall(b"\nhola")
                self.assertEqual(receive_exactly(client, 9), b"pues hola")
                after = memory(server)
            print(f"\nflood of 13 MB: {before} KiB before, {after} KiB after")
            if not os.environ.get("SOCKETS_SANITIZE"):  # sanitizers keep what was freed
                self.assertLess(after - before, 2048)

    def test_vanished_client_does_not_end_the_server(self):
        with self.server() as server:
            client = connect(server.port)
            client.sendall(b"ho")
            reset(client)
            server.wait_for("desconectado")
            self.assertEqual(run("hola_client", "localhost", server.port, "--wait", 0)[0], 0)


if __name__ == "__main__":
    unittest.main()
