"""talk: the steps of a conversation, the guide's own lines, and what is said when something else comes."""

import re
import shutil
import subprocess
import unittest
from pathlib import Path

from harness import PATIENCE, WINE, Program, Server, Serving, program, reset, run

GUIDE = Path(__file__).resolve().parents[2] / "docs/guide"
LINE = re.compile(r"(?:\./)?talk localhost (\d+)((?: (?:\"[^\"]+\"|[\w-]+))*)")
SERVERS = {"8000": "hola_server", "6975": "message_server", "1337": "stream_echo_server", "65432": "echo_server", "9998": "chat_server",
           "8080": "web_server", "51216": "calculator_server"}


def lines_of_the_guide():
    """Each line with talk, once: the port and its steps."""
    found = {}
    for page in sorted(GUIDE.glob("*/*.md")):
        for port, steps in LINE.findall(page.read_text(encoding="utf-8")):
            words = re.findall(r"\"([^\"]+)\"|([\w-]+)", steps)
            if words:
                found[port, steps] = [quoted or plain for quoted, plain in words]
    return found


def glued(text):
    """What came one after another may come together."""
    return re.sub(r"'\n<- b'", "", text)


class Talk(unittest.TestCase):
    def serve(self, answers):
        """A server that says the answers, each after it has heard something, and keeps what it heard."""
        heard = []

        def handle(connection):
            for answer in answers:
                heard.append(connection.recv(1000))
                connection.sendall(answer)
            while piece := connection.recv(1000):
                heard.append(piece)

        server = Serving(handle)
        server.__enter__()
        self.addCleanup(server.__exit__, None, None, None)
        return server.port, heard

    def test_sends_in_every_way(self):
        for steps, sent in ((["send hola\\n"], [b"hola\n"]), (["line ¿qué tal?"], ["¿qué tal?\n".encode()]), (["hex 13 89"], [b"\x13\x89"]),
                            (["hex 1389ff00"], [b"\x13\x89\xff\x00"]), (["bytes a\\x0ab"], [b"a", b"\n", b"b"]),
                            (["pieces 3 holaadios"], [b"hol", b"aad", b"ios"]), (["send a\\\\b\\t\\0"], [b"a\\b\t\0"]),
                            (["send uno", "pause 0.1", "send dos"], [b"uno", b"dos"])):
            port, heard = self.serve([])
            status, _, errors = run("talk", "127.0.0.1", port, *steps, "end")
            self.assertEqual((status, errors), (0, ""))
            self.assertEqual(heard, sent, steps)

    def test_what_was_expected_came(self):
        port, _ = self.serve([b"OK\nmore", b"\x01\x02"])
        status, output, errors = run("talk", "127.0.0.1", port, "send a", "expect-line OK", "expect more", "send b", "expect-hex 01 02",
                                     "silence 0.2", "end", "expect-end")
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("-> b'a'\n<- b'OK\\nmore'\n-> b'b'\n<- b'\\x01\\x02'\n<- fin\n", output)

    def test_a_line_may_end_as_windows_ends_it_and_come_in_pieces(self):
        def handle(connection):
            for piece in (b"O", b"K\r", b"\n"):
                connection.sendall(piece)
        with Serving(handle) as server:
            self.assertEqual(run("talk", "127.0.0.1", server.port, "expect-line OK", "expect-end")[0], 0)

    def test_something_else_is_told_with_both_and_status_1(self):
        for answer, step, told in ((b"KO\n", "expect-line OK", r"esperaba la línea b'OK', llegó b'KO'"), (b"OK", "expect-line OK", "llegó b'OK', sin fin de línea"),
                                   (b"x", "expect hola", "esperaba b'hola', llegó b'x'"), (b"", "expect hola", "llegó nada"),
                                   (b"x", "expect-end", "esperaba el fin, llegó b'x'"), (b"x", "silence 1", "esperaba silencio, llegó b'x'")):
            port, _ = self.serve([answer])
            status, _, errors = run("talk", "127.0.0.1", port, "send a", step, "--wait", 1)
            self.assertEqual((status, len(errors.splitlines())), (1, 1))
            self.assertIn(told, errors)

    def test_a_reset_a_second_connection_and_nobody_there(self):
        kinds = []

        def handle(connection):
            try:
                kinds.append(connection.recv(10))
                kinds.append(connection.recv(10))
            except ConnectionResetError:
                kinds.append("reset")

        with Serving(handle) as server:
            self.assertEqual(run("talk", "127.0.0.1", server.port, "send x", "pause 0.3", "reset")[0], 0)
        self.assertEqual(kinds, [b"x", "reset"])
        with Server("hola_server", "127.0.0.1", 0) as server:
            self.assertEqual(run("talk", "127.0.0.1", server.port, "use B", "send hola", "expect pues hola", "use A", "send adios",
                                 "expect pues adios", "expect-end", "use B", "send adios", "expect pues adios", "expect-end")[0], 0)
        status, _, errors = run("talk", "127.0.0.1", server.port, "send x")
        self.assertEqual((status, len(errors.splitlines())), (1, 1))

    def test_datagrams_and_listening(self):
        with Server("datagram_server", "127.0.0.1", 0) as server:
            self.assertEqual(run("talk", "127.0.0.1", server.port, "--udp", "send hola", "expect hola", "silence 0.2")[0], 0)
        with Program("talk", "127.0.0.1", 0, "--listen", "expect hola", "send pues hola", "expect adios", "send pues adios", "end") as talk:
            port = re.search(r"(\d+)$", talk.wait_for("Escuchando"))[1]
            self.assertEqual(run("hola_client", "127.0.0.1", port, "--wait", 0)[0], 0)
            self.assertEqual(talk.wait(), 0)

    def test_by_hand_what_is_typed_goes_and_what_comes_is_shown(self):
        with Server("echo_server", "127.0.0.1", 0) as server:
            done = subprocess.run([program("talk"), "127.0.0.1", str(server.port)], input=b"hola\n\xff\0" * 1000, capture_output=True,
                                  timeout=PATIENCE, check=True)
            self.assertEqual((done.stdout, done.stderr), (b"hola\n\xff\0" * 1000, b""))

    @unittest.skipIf(WINE, "there a reset looks like an end")
    def test_by_hand_a_connection_that_is_cut_is_told_with_status_1(self):
        with Serving(lambda connection: (connection.recv(10), reset(connection))) as server:
            with Program("talk", "127.0.0.1", server.port) as talk:
                talk.write("hola\n")
                self.assertEqual(talk.wait(), 1)
                self.assertEqual(len(talk.errors), 1)

    def test_an_empty_datagram_is_no_end(self):
        with Server("datagram_server", "127.0.0.1", 0) as server:
            self.assertEqual(run("talk", "127.0.0.1", server.port, "--udp", "send ", "pause 0.2", "send hola", "expect hola")[0], 0)

    def test_bad_steps_are_named_with_their_number(self):
        for steps, told in ((["send a", "sned b"], "paso 2, sned b: no hay paso sned"), (["hex 1"], "dos cifras"), (["hex"], "faltan"), (["pause x"], "segundos"),
                            (["pieces x hola"], "pieces"), (["pieces 0 hola"], "pieces"), (["end now"], "va solo"), (["use "], "nombre"), (["send \\q"], "después de")):
            status, _, errors = run("talk", "127.0.0.1", 1, *steps)
            self.assertEqual(status, 2)
            self.assertIn(told, errors)

    def test_each_line_of_the_guide_does_what_the_page_says(self):
        lines = lines_of_the_guide()
        self.assertGreater(len(lines), 5)
        for (port, text), steps in lines.items():
            with self.subTest(line=f"talk localhost {port}{text}"):
                self.assertNotRegex(text, r"[$%!`]|\\\"")
                options = ["--auto"] if port == "6975" else []
                with Server(SERVERS[port], "localhost", 0, *options) as server:
                    status, output, errors = run("talk", "localhost", server.port, *steps)
                    self.assertEqual((status, errors), (0, ""))
                    self.assertIn("->", output)

    def test_what_the_guide_shows_below_a_line_is_what_it_prints(self):
        shown = {}
        for page in sorted(GUIDE.glob("*/*.md")):
            for port, words, below in re.findall(r"^\$ \./talk localhost (\d+)( .*)\n((?:(?:->|<-).*\n)+)", page.read_text(encoding="utf-8"), re.M):
                shown[port, words] = below
        self.assertGreater(len(shown), 3)
        for (port, words), below in shown.items():
            steps = [quoted or plain for quoted, plain in re.findall(r"\"([^\"]+)\"|([\w-]+)", words)]
            with self.subTest(line=words), Server(SERVERS[port], "localhost", 0) as server:
                self.assertEqual(glued(run("talk", "localhost", server.port, *steps)[1]), glued(below))

    @unittest.skipUnless(shutil.which("sh"), "no sh")
    def test_a_shell_leaves_the_steps_alone(self):
        port, heard = self.serve([])
        subprocess.run(f'"{program("talk")}" 127.0.0.1 {port} "send a\\n b\\x41 # & | < > ( ) ; * ? ~ \'" end', shell=True, check=True,
                       capture_output=True, timeout=PATIENCE)
        self.assertEqual(b"".join(heard), b"a\n bA # & | < > ( ) ; * ? ~ '")


if __name__ == "__main__":
    unittest.main()
