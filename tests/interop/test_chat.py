"""Document 002: the chat on 9998. Its figures, programs of the document's kind, and what strangers may do to it."""

import errno
import os
import re
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import unittest

from harness import PATIENCE, Program, Server, Serving, connect, free_port, listen, program, reset, run, system_words

SANITIZED = bool(os.environ.get("SOCKETS_SANITIZE"))
LINUX = sys.platform == "linux"
LONGEST = 4096  # bytes of a line
MOST_UNSENT = 1024  # KiB, kept for a client that does not read
WELCOME = "Welcome to the best chat in the universe!"
GOODBYE = "<Servidor>: Te has desconectado. Vuelve pronto!"
TOO_LONG = "<Servidor>: Mensaje demasiado largo (más de 4096 bytes)"
NOT_VALID = "Nombre no válido: de 1 a 32 caracteres que se vean, sin guion (-) ni < >"
COMMANDS = """<Servidor>: Los comandos disponibles son

      :q = Desconectarse del chat
      :h = Mostrar comandos
      :i = Usuarios conectados
      :add = Identificador interno
      :p-name-msg = Envía mensaje privado msg a name"""


class Guest:
    """A client of the chat, in Python: each message a line."""

    def __init__(self, port, name=None):
        self.socket = connect(port)
        self.port = self.socket.getsockname()[1]
        self.unread = b""  # what has come and nobody has asked for yet
        self.greeting = self.read()
        if name is not None:
            self.say(name)
            assert self.read() == "no", name

    def say(self, text):
        self.send(text.encode() + b"\n")

    def send(self, data):
        self.socket.sendall(data)

    def read(self):
        """The next line; "" at the end."""
        while b"\n" not in self.unread:
            piece = self.socket.recv(65536)
            if not piece:
                assert not self.unread, f"half a line: {self.unread}"
                return ""
            self.unread += piece
        line, _, self.unread = self.unread.partition(b"\n")
        return line.decode()

    def ends(self):
        """Whether the server has ended this conversation, with nothing more said."""
        return not self.unread and self.socket.recv(1) == b""

    def close(self):
        self.socket.close()


class Typist(Program):
    """Our client, and who sits before it: typing into a pipe or, if told so, at a terminal."""

    def __init__(self, port, *options, terminal=False):
        self.seen = 0
        self.keyboard = None
        there = None
        if terminal:
            import pty

            self.keyboard, there = pty.openpty()
        try:
            super().__init__("chat_client", "localhost", port, *options, terminal=there)
        finally:
            if terminal:
                os.close(there)
        if terminal:
            reader = threading.Thread(target=self._collect, args=(self.keyboard, self.output), daemon=True)
            reader.start()
            self._readers.append(reader)

    def _collect(self, stream, pieces):  # a prompt has no line end: so piece by piece, not line by line
        handle = stream if isinstance(stream, int) else stream.fileno()
        while True:
            try:
                piece = os.read(handle, 65536)
            except OSError:  # the terminal's other side is closed
                piece = b""
            with self._changed:
                if piece:
                    pieces.append(piece)
                self._changed.notify_all()
            if not piece:
                return

    def screen(self):
        return b"".join(self.output).decode().replace("\r\n", "\n")

    def complaints(self):
        return b"".join(self.errors).decode()

    def sees(self, text):
        """Waits until this comes after what was waited for last; gives all that came up to there."""
        begin = self.seen
        with self._changed:
            self._changed.wait_for(lambda: text in self.screen()[begin:] or not self._any_reader(), PATIENCE)
        at = self.screen().find(text, begin)
        if at < 0:
            raise AssertionError(f"no {text!r} in {self.screen()[begin:]!r}; standard error: {self.complaints()!r}")
        self.seen = at + len(text)
        return self.screen()[begin : self.seen]

    def types(self, text):
        if self.keyboard is None:
            self.write(text)
        else:
            os.write(self.keyboard, text.encode())

    def enters(self, name):
        self.sees("Ingresa tu nombre: ")
        self.types(name + "\n")
        self.sees(f"<{name}>: ")

    def says(self, name, text):
        """At a terminal: until the next line can be typed."""
        self.types(text + "\n")
        self.sees(f"{text}\n<{name}>: ")

    def stop(self):
        super().stop()
        if self.keyboard is not None:
            os.close(self.keyboard)
            self.keyboard = None


class Reading:
    """Reads what comes for many guests, in a thread, until each has as many lines as told or has ended."""

    def __init__(self, guests, lines):
        self.received = {guest: b"" for guest in guests}
        self._lines = lines
        self._more = threading.Condition()
        self._read_lines = 0
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self):
        pieces = {guest: [guest.unread] for guest in self.received}
        left = {guest: self._lines - guest.unread.count(b"\n") for guest in self.received}
        end = time.monotonic() + PATIENCE
        with selectors.DefaultSelector() as selector:
            for guest in self.received:
                selector.register(guest.socket, selectors.EVENT_READ, guest)
            while selector.get_map() and time.monotonic() < end:
                for key, _ in selector.select(1):
                    piece = key.fileobj.recv(262144)
                    pieces[key.data].append(piece)
                    left[key.data] -= piece.count(b"\n")
                    with self._more:
                        self._read_lines += piece.count(b"\n")
                        self._more.notify_all()
                    if not piece or left[key.data] <= 0:
                        selector.unregister(key.fileobj)
        for guest, parts in pieces.items():
            self.received[guest] = b"".join(parts)

    def wait_for(self, lines):
        """Until the guests have read so many, all together."""
        with self._more:
            assert self._more.wait_for(lambda: self._read_lines >= lines, PATIENCE), f"{self._read_lines} of {lines}"

    def lines(self):
        """What each guest was told."""
        self._thread.join(2 * PATIENCE)
        return {guest: data.decode().splitlines() for guest, data in self.received.items()}


def memory(server):
    """How much of the memory a program has, and the most that it had, in KiB."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        found = {line.split(":")[0]: line.split()[1] for line in status if line.startswith(("VmRSS", "VmHWM"))}
    return int(found["VmRSS"]), int(found["VmHWM"])


def processor_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class Chat(unittest.TestCase):
    """A server for each test, which must be there at its end and have complained of nothing but a lack of handles."""

    options = ()

    def setUp(self):
        self.server = Server("chat_server", "localhost", 0, *self.options)
        self.port = self.server.port
        self.addCleanup(self.server.stop)

    def tearDown(self):
        self.assertTrue(self.server.runs())
        self.assertEqual([line for line in self.server.errors if not line.startswith("accept")], [])

    def guest(self, name=None):
        guest = Guest(self.port, name)
        self.addCleanup(guest.close)
        return guest

    def guests(self, *names):
        """Who come one after another, each having been told of those after it."""
        all_guests = []
        for name in names:
            newcomer = self.guest(name)
            for guest in all_guests:
                self.assertEqual(guest.read(), f"<Servidor>: {name} se ha conectado")
            all_guests.append(newcomer)
        return all_guests

    def typist(self, *options, **how):
        typist = Typist(self.port, *self.options, *options, **how)
        self.addCleanup(typist.stop)
        return typist

    def check_has_heard_nothing(self, guest):
        """The answer to its question is the next that it gets."""
        guest.say(":add")
        self.assertEqual(guest.read(), f"Tu identificador es 127.0.0.1:{guest.port}")

    def check_talk(self, one, other):
        one.say("sigues ahí?")
        self.assertRegex(other.read(), "^<.*>: sigues ahí\\?$")
        other.say("sí")
        self.assertRegex(one.read(), "^<.*>: sí$")

    def check_memory(self, before, limit):
        after = memory(self.server)
        print(f"\n{self._testMethodName}: resident {before[0]} KiB before, {after[0]} after, {after[1]} at most")
        if not SANITIZED:  # sanitizers keep what was freed
            self.assertLess(after[1] - before[0], limit)


class Dialogue(Chat):
    def test_of_the_document_by_pipes(self):
        self.assertEqual(self.server.first_line, f"Servidor escuchando en localhost: {self.port}")
        luciano = self.typist()
        start = luciano.sees("Ingresa tu nombre: ")
        self.assertEqual(start, f"Connected to localhost: {self.port}\n{WELCOME}\nIngresa tu nombre: ")
        luciano.types("Luciano\n")
        luciano.sees("<Luciano>: ")
        first = self.server.wait_for("Luciano")
        self.assertRegex(first, r"^\[SERVER\] Cliente <Luciano,\d+> conectado!$")
        samuel = self.typist()
        samuel.enters("Samuel")
        second = self.server.wait_for("Samuel")
        self.assertRegex(second, r"^\[SERVER\] Cliente <Samuel,\d+> conectado!$")
        luciano.sees("<Servidor>: Samuel se ha conectado\n")
        for who, name, other, text in (
            (luciano, "Luciano", samuel, "Hola"),
            (luciano, "Luciano", samuel, "Cómo estas?"),
            (samuel, "Samuel", luciano, "Holaaaa :D"),
        ):
            who.types(text + "\n")
            other.sees(f"<{name}>: {text}\n")
        samuel.types(":h\n")
        samuel.sees(COMMANDS + "\n<Samuel>: ")
        luciano.types(":p-Samuel-Estudemos principios\n")
        samuel.sees("<Mensaje privado de: Luciano>: Estudemos principios\n<Samuel>: ")
        port = re.search(r"(\d+)>", second).group(1)
        samuel.types(":add\n")
        samuel.sees(f"Tu identificador es 127.0.0.1:{port}\n")
        samuel.types(":i\n")
        users = samuel.sees(f"Samuel     127.0.0.1:{port}\n")
        self.assertRegex(users, r"<Servidor>:\nLos usuarios disponibles son\n +Luciano +127\.0\.0\.1:\d+\n +Samuel")
        samuel.types(":p-Nadie-hola\n")
        samuel.sees("Usuario no conectado\n")
        samuel.types(":q\n")
        samuel.sees(GOODBYE + "\n")
        self.assertEqual((samuel.wait(), samuel.complaints()), (0, ""))
        luciano.sees("<Servidor>: Samuel se ha desconectado\n")
        luciano.process.stdin.close()
        luciano.sees(GOODBYE + "\n")
        self.assertEqual((luciano.wait(), luciano.complaints()), (0, ""))
        self.server.wait_for("<Luciano," + re.search(r"(\d+)>", first).group(1) + "> solicitó desconectarse")
        self.assertEqual(
            self.server.output[1:],
            [
                first,
                second,
                "[Luciano]: Hola",
                "[Luciano]: Cómo estas?",
                "[Samuel]: Holaaaa :D",
                f"El usuario <Samuel,{port}> solicitó los comandos del chat",
                "El usuario <Luciano> ha enviado un mensaje privado a <Samuel>",
                f"El usuario <Samuel,{port}> solicitó su identificador",
                f"El usuario <Samuel,{port}> solicitó la lista de usuarios",
                "El usuario <Samuel> ha enviado un mensaje privado a <Nadie>",
                f"El usuario <Samuel,{port}> solicitó desconectarse del chat",
                first.replace("[SERVER] Cliente", "El usuario").replace("conectado!", "solicitó desconectarse del chat"),
            ],
        )

    @unittest.skipUnless(os.name == "posix", "needs a terminal to pretend with")
    def test_as_the_figures_show_it_at_terminals(self):
        luciano, samuel = self.typist(terminal=True), self.typist(terminal=True)
        luciano.enters("Luciano")
        samuel.enters("Samuel")
        luciano.sees("<Servidor>: Samuel se ha conectado\n<Luciano>: ")
        luciano.says("Luciano", "Hola")
        samuel.sees("<Luciano>: Hola\n<Samuel>: ")
        samuel.says("Samuel", "Holaaaa :D")
        luciano.sees("<Samuel>: Holaaaa :D\n<Luciano>: ")
        samuel.says("Samuel", ":h")
        samuel.sees("msg a name\n<Samuel>: ")
        luciano.says("Luciano", ":p-Samuel-Estudemos principios")
        samuel.sees("Estudemos principios\n<Samuel>: ")
        samuel.types(":q\n")
        self.assertEqual(samuel.wait(), 0)
        luciano.sees("<Servidor>: Samuel se ha desconectado\n<Luciano>: ")
        luciano.types("\x04")  # Ctrl+D
        self.assertEqual(luciano.wait(), 0)
        start = f"Connected to localhost: {self.port}\n{WELCOME}\nIngresa tu nombre: "
        self.assertEqual(
            luciano.screen().replace("<Luciano>: \n", ""),  # what stood there when something came
            f"""{start}Luciano
<Servidor>: Samuel se ha conectado
<Luciano>: Hola
<Samuel>: Holaaaa :D
<Luciano>: :p-Samuel-Estudemos principios
<Servidor>: Samuel se ha desconectado
{GOODBYE}
""",
        )
        self.assertEqual(
            samuel.screen().replace("<Samuel>: \n", ""),
            f"""{start}Samuel
<Luciano>: Hola
<Samuel>: Holaaaa :D
<Samuel>: :h
{COMMANDS}
<Mensaje privado de: Luciano>: Estudemos principios
<Samuel>: :q
{GOODBYE}
""",
        )


class UnframedClient:
    """A client as the document writes it: one recv is one message."""

    def __init__(self, port):
        self.socket = connect(port)
        self.port = self.socket.getsockname()[1]
        self.greeting = self.hears()

    def sends(self, text):
        self.socket.sendall(text.encode())

    def hears(self):
        return self.socket.recv(1024).decode()

    def tries(self, name):
        self.sends(name)
        return self.hears()

    def close(self):
        self.socket.close()


class DocumentServer(Chat):
    options = ("--document",)

    def unframed(self, name=None):
        client = UnframedClient(self.port)
        self.addCleanup(client.close)
        self.assertEqual(client.greeting, WELCOME)
        if name:
            self.assertEqual(client.tries(name), "no")
        return client

    def test_serves_clients_of_the_documents_kind(self):
        luciano = self.unframed("Luciano")
        samuel = self.unframed()
        self.assertEqual(samuel.tries("Luciano"), "yes")
        self.assertEqual(samuel.tries("Luciano"), "yes")
        self.assertEqual(samuel.tries("Samuel"), "no")
        self.server.wait_for(f"[SERVER] Cliente <Samuel,{samuel.port}> conectado!")
        self.assertEqual(luciano.hears(), "<Servidor>: Samuel se ha conectado")
        luciano.sends("Cómo estas?")
        self.server.wait_for("[Luciano]: Cómo estas?")
        self.assertEqual(samuel.hears(), "<Luciano>: Cómo estas?")
        luciano.sends(":h")
        self.assertEqual(luciano.hears(), COMMANDS)
        luciano.sends(":add")
        self.assertEqual(luciano.hears(), f"Tu identificador es 127.0.0.1:{luciano.port}")
        luciano.sends(":p-Samuel-Estudemos - principios")
        self.assertEqual(samuel.hears(), "<Mensaje privado de: Luciano>: Estudemos - principios")
        luciano.sends(":i")
        self.assertIn("Los usuarios disponibles son\n", luciano.hears())
        luciano.sends(":q")
        self.assertEqual(luciano.hears(), GOODBYE)
        self.assertEqual(luciano.hears(), "")
        self.assertEqual(samuel.hears(), "<Servidor>: Luciano se ha desconectado")

    def test_refuses_a_name_in_the_one_way_that_such_clients_know(self):
        client = self.unframed()  # whatever is not "yes" would be taken for an acceptance
        for name in ("Ana-María", "<b>", "\x1b[2J", "x" * 33, " "):
            self.assertEqual(client.tries(name), "yes")
        self.assertEqual(client.tries("Ana"), "no")

    def test_serves_our_client_too(self):
        ana = self.unframed("Ana")
        ours = self.typist()
        ours.sees("Ingresa tu nombre: ")
        ours.types("Ana\n")
        ours.sees("Nombre en uso. Escoge otro nombre: ")
        ours.types("Luis\n")
        self.assertEqual(ana.hears(), "<Servidor>: Luis se ha conectado")
        ana.sends("Hola")
        ours.sees("<Ana>: Hola\n<Luis>: ")
        ours.types("Hola, Ana\n")
        self.assertEqual(ana.hears(), "<Luis>: Hola, Ana")
        ours.types(":h\n")
        ours.sees(COMMANDS + "\n<Luis>: ")
        ours.types(":q\n")
        ours.sees(GOODBYE)
        self.assertEqual((ours.wait(), ours.complaints()), (0, ""))
        self.assertTrue(ours.screen().endswith(GOODBYE + "\n"), ours.screen())
        self.assertEqual(ana.hears(), "<Servidor>: Luis se ha desconectado")

    def test_goes_on_when_a_client_vanishes(self):
        ana, luis = self.unframed("Ana"), self.unframed("Luis")
        self.assertEqual(ana.hears(), "<Servidor>: Luis se ha conectado")
        reset(luis.socket)
        self.assertEqual(ana.hears(), "<Servidor>: Luis se ha desconectado")


def unframed_server(names, heard):
    """A server as the document writes it, for one client: plain messages go nowhere, one recv is one message."""

    def handle(connection):
        connection.sendall(WELCOME.encode())
        name = connection.recv(1024).decode()
        while name in names:
            connection.sendall(b"yes")
            name = connection.recv(1024).decode()
        connection.sendall(b"no")
        heard.append(name)
        while message := connection.recv(1024).decode():
            heard.append(message)
            if message == ":q":
                connection.sendall(GOODBYE.encode())
                return
            if message == ":h":
                connection.sendall(COMMANDS.encode())
            elif message == ":add":
                connection.sendall(f"Tu identificador es {connection.getpeername()[1]}".encode())
            elif message == f":p-{name}-yo":
                connection.sendall(f"<Mensaje privado de: {name}>: yo".encode())

    return handle


class DocumentClient(unittest.TestCase):
    def test_talks_with_a_server_of_the_documents_kind(self):
        heard = []
        with Serving(unframed_server(["Luciano"], heard)) as server, Typist(server.port, "--document") as ours:
            ours.sees(f"{WELCOME}\nIngresa tu nombre: ")
            ours.types("Luciano\n")
            ours.sees("Nombre en uso. Escoge otro nombre: ")
            ours.types("Samuel\n")
            ours.sees("<Samuel>: ")
            ours.types("Hola\n")
            ours.wait_until(lambda: "Hola" in heard)  # nobody answers: else the next would be glued to it
            ours.types(":h\n")
            ours.sees(COMMANDS + "\n<Samuel>: ")
            ours.types(":add\n")
            ours.sees(f"Tu identificador es {server.addresses[0][1]}\n")
            ours.types(":p-Samuel-yo\n")
            ours.sees("<Mensaje privado de: Samuel>: yo\n<Samuel>: ")
            ours.types(":q\n")
            self.assertEqual((ours.wait(), ours.complaints()), (0, ""))
            self.assertTrue(ours.screen().endswith(f"<Samuel>: \n{GOODBYE}\n"), ours.screen())
        self.assertEqual(heard, ["Samuel", "Hola", ":h", ":add", ":p-Samuel-yo", ":q"])

    def test_leaves_even_if_such_a_server_takes_its_farewell_for_something_else(self):
        def deaf(connection):
            connection.sendall(WELCOME.encode())
            connection.recv(1024)
            connection.sendall(b"no")
            while connection.recv(1024):
                pass

        with Serving(deaf) as server:
            status, _, errors = run("chat_client", "localhost", server.port, "--document", data=b"Ana\nhola\n:q\n")
        self.assertEqual((status, errors), (0, ""))

    def test_what_is_glued_to_the_acceptance_is_not_lost(self):
        def glues(connection):
            connection.sendall(WELCOME.encode())
            connection.recv(1024)
            connection.sendall(b"no<Ana>: Hola")
            connection.recv(1024)

        with Serving(glues) as server, Typist(server.port, "--document") as ours:
            ours.sees("Ingresa tu nombre: ")
            ours.types("Luis\n")
            ours.sees("<Ana>: Hola\n<Luis>: ")

    def test_says_that_such_a_server_has_gone(self):
        def once(connection):
            connection.sendall(WELCOME.encode())
            connection.recv(1024)
            connection.sendall(b"no")

        with Serving(once) as server, Typist(server.port, "--document") as ours:
            ours.enters("Ana")
            self.assertEqual(ours.wait(), 1)
            self.assertEqual(ours.complaints(), "El servidor ha cerrado la conexión\n")
            self.assertTrue(ours.screen().endswith("<Ana>: \n"), ours.screen())


class Wire(Chat):
    def test_messages_may_come_byte_by_byte(self):
        ana = self.guest("Ana")
        slow = self.guest()
        slow.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in "Ñandú\n¿Qué tal?\n:add\n".encode():
            slow.send(bytes([byte]))
        self.assertEqual([slow.read(), slow.read()], ["no", f"Tu identificador es 127.0.0.1:{slow.port}"])
        self.assertEqual([ana.read(), ana.read()], ["<Servidor>: Ñandú se ha conectado", "<Ñandú>: ¿Qué tal?"])

    def test_messages_may_come_glued(self):
        ana = self.guest("Ana")
        fast = self.guest()
        fast.send(b"Luis\n" + b"".join(b"linea %d\n" % i for i in range(3000)) + b"\n:add\n:q\nno more\n")
        self.assertEqual(fast.read(), "no")
        self.assertEqual(fast.read(), f"Tu identificador es 127.0.0.1:{fast.port}")
        self.assertEqual(fast.read(), GOODBYE)
        self.assertTrue(fast.ends())
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
        for i in range(3000):
            self.assertEqual(ana.read(), f"<Luis>: linea {i}")
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")
        self.check_has_heard_nothing(ana)

    def test_both_line_ends_will_do(self):
        ana = self.guest("Ana")
        luis = self.guest()
        luis.send(b"Luis\r\nhola\r\n:add\r\n")
        self.assertEqual([luis.read(), luis.read()], ["no", f"Tu identificador es 127.0.0.1:{luis.port}"])
        self.assertEqual([ana.read(), ana.read()], ["<Servidor>: Luis se ha conectado", "<Luis>: hola"])

    def test_a_line_may_be_as_long_as_promised(self):
        ana, luis = self.guests("Ana", "Luis")
        for end in ("\n", "\r\n"):
            luis.send(b"x" * LONGEST + end.encode())
            self.assertEqual(ana.read(), "<Luis>: " + "x" * LONGEST)

    @unittest.skipUnless(shutil.which("nc"), "needs nc")
    def test_nc_can_talk(self):
        ana = self.guest("Ana")
        nc = subprocess.run(["nc", "-N", "127.0.0.1", str(self.port)], input=b"Luis\nhola\n:q\n", capture_output=True,
                            timeout=PATIENCE, check=False)  # fmt: skip
        if b"invalid option" in nc.stderr:
            self.skipTest("this nc has no -N")
        self.assertEqual(nc.stdout.decode().splitlines(), [WELCOME, "no", GOODBYE])
        self.assertEqual([ana.read() for _ in range(3)], ["<Servidor>: Luis se ha conectado", "<Luis>: hola",
                                                         "<Servidor>: Luis se ha desconectado"])  # fmt: skip


class Names(Chat):
    def test_a_taken_name_is_refused_until_it_is_free(self):
        ana, other = self.guest("Ana"), self.guest()
        other.say("Ana")
        self.assertEqual(other.read(), "yes")
        other.say("  Ana ")
        self.assertEqual(other.read(), "yes")
        ana.say(":q")
        self.assertEqual(ana.read(), GOODBYE)
        other.say("Ana")
        self.assertEqual(other.read(), "no")

    def test_what_is_no_name_is_refused(self):
        guest = self.guest()
        for name in (b"", b" ", b"a-b", b"<a", b"a>", b"x" * 33, "ñ".encode() * 33, b"\x1b[2J", b"a\tb", b"a\rb", b"\x07",
                     b"a\x00", b"\x7f", "\x85".encode(), "a\u202eb".encode(), "a\u200bb".encode(), b"\xff", b"a\xc3"):
            guest.send(name + b"\n")
            self.assertEqual((name, guest.read()), (name, NOT_VALID))
        for name in (b"Servidor", b"SERVER"):
            guest.send(name + b"\n")
            self.assertEqual((name, guest.read()), (name, "yes"))
        guest.say("ñ" * 32)
        self.assertEqual(guest.read(), "no")
        self.server.wait_for("ñ" * 32)
        self.assertEqual(len(self.server.output), 2)  # the server's screen has shown none of the others

    def test_who_has_no_name_yet_can_leave(self):
        guest = self.guest()
        guest.say(":q")
        self.assertEqual(guest.read(), GOODBYE)
        self.assertTrue(guest.ends())

    def test_a_message_reaches_every_other_named_client_and_nobody_else(self):
        ana, luis, eva = self.guests("Ana", "Luis", "Eva")
        nameless = self.guest()
        ana.say("Hola")
        self.assertEqual([luis.read(), eva.read()], ["<Ana>: Hola"] * 2)
        for guest in (ana, luis, eva):
            self.check_has_heard_nothing(guest)
        nameless.say("Leo")
        self.assertEqual(nameless.read(), "no")

    def test_there_is_one_order_for_all(self):
        names = ["Ana", "Luis", "Eva", "Leo", "Pau"]
        guests = self.guests(*names)
        talkers = guests[:3]
        count = 300
        # Who talks does not get its own lines.
        readings = [Reading([guest], count * (2 if guest in talkers else 3)) for guest in guests]
        threads = [
            threading.Thread(target=lambda guest=guest: [guest.say(f"linea {i}") for i in range(count)])
            for guest in talkers
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(PATIENCE)
        heard = [reading.lines()[guest] for reading, guest in zip(readings, guests)]
        order = heard[-1]
        self.assertEqual(len(order), 3 * count)
        for name in names[:3]:
            own = [line for line in order if line.startswith(f"<{name}>")]
            self.assertEqual(own, [f"<{name}>: linea {i}" for i in range(count)])
        for name, lines in zip(names, heard):
            self.assertEqual(lines, [line for line in order if not line.startswith(f"<{name}>")])

    def test_a_private_message_goes_to_the_right_one_after_somebody_has_left(self):
        ana, luis, nameless = *self.guests("Ana", "Luis"), self.guest()
        eva = self.guest("Eva")
        leo = self.guest("Leo")
        for guest, others in ((ana, 2), (luis, 2), (eva, 1)):
            for _ in range(others):
                guest.read()
        luis.close()
        nameless.close()
        for guest in (ana, eva, leo):
            self.assertEqual(guest.read(), "<Servidor>: Luis se ha desconectado")
        ana.say(":p-Leo-solo - para ti")
        self.assertEqual(leo.read(), "<Mensaje privado de: Ana>: solo - para ti")
        leo.say(":p-Eva-hola")
        self.assertEqual(eva.read(), "<Mensaje privado de: Leo>: hola")
        ana.say(":p-Luis-hola")
        self.assertEqual(ana.read(), "Usuario no conectado")
        ana.say(":p-Eva")
        self.assertEqual(ana.read(), "<Servidor>: Se escribe :p-nombre-mensaje")
        for guest in (ana, eva, leo):
            self.check_has_heard_nothing(guest)
        self.assertFalse([line for line in self.server.output if "para ti" in line])

    def test_coming_and_going_are_announced(self):
        ana, luis = self.guests("Ana", "Luis")
        luis.say(":q")
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")
        self.guest().close()  # who had no name is not spoken of
        eva = self.guest("Eva")
        self.assertEqual(ana.read(), "<Servidor>: Eva se ha conectado")
        eva.close()
        self.assertEqual(ana.read(), "<Servidor>: Eva se ha desconectado")
        self.server.wait_for(f"[SERVER] Cliente <Eva,{eva.port}> desconectado")


class Screens(Chat):
    SENT = "a\x1b[2Jb\x07c\rd\x00e\x7ff\x85g\u009b2Jh\u202ei\tñ 😀".encode() + b" \xff \xc3 \xe2\x82 \xed\xa0\x80."
    SHOWN = ("a\\x1b[2Jb\\x07c\\rd\\x00e\\x7ff\\u0085g\\u009b2Jh\\u202ei\\tñ 😀 \ufffd \ufffd \ufffd "
             "\ufffd\ufffd\ufffd.")  # fmt: skip

    def test_what_could_move_a_cursor_is_escaped_and_broken_text_replaced(self):
        ana, luis = self.guests("Ana", "Luis")
        ours = self.typist()
        ours.enters("Eva")
        self.assertEqual([ana.read(), luis.read()], ["<Servidor>: Eva se ha conectado"] * 2)
        ana.send(self.SENT + b"\n")
        self.assertEqual(luis.read(), f"<Ana>: {self.SHOWN}")
        ours.sees(f"<Ana>: {self.SHOWN}\n")
        self.server.wait_for(f"[Ana]: {self.SHOWN}")
        ana.send(b":p-Luis-" + self.SENT + b"\n:p-\x1b[2J\xff-hola\n")
        self.assertEqual(luis.read(), f"<Mensaje privado de: Ana>: {self.SHOWN}")
        self.assertEqual(ana.read(), "Usuario no conectado")
        self.server.wait_for("a <\\x1b[2J\ufffd>")
        ana.send(b"\x01" * LONGEST + b"\n")  # as long as what is shown of it can become
        self.assertEqual(luis.read(), "<Ana>: " + "\\x01" * LONGEST)
        ours.sees("\\x01" * LONGEST + "\n")

    def test_our_client_does_not_trust_the_server(self):
        def hostile(connection):
            connection.sendall(b"Hola\x1b[2J\n")
            connection.recv(1024)
            connection.sendall(b"no\n" + self.SENT + b"\n")
            connection.recv(1024)

        with Serving(hostile) as server, Typist(server.port) as ours:
            ours.sees("Hola\\x1b[2J\nIngresa tu nombre: ")
            ours.types("Ana\x1b\n")
            ours.sees(f"{self.SHOWN}\n<Ana\\x1b>: ")
            ours.types("bye\n")
            self.assertEqual(ours.wait(), 1)
            self.assertFalse(set(ours.screen()) & set("\x1b\x07\r\x00\x7f\x85\u009b\u202e\t"))


class Strangers(Chat):
    """Who does not behave harms nobody else."""

    def test_twenty_silent_newcomers_delay_nobody(self):
        for _ in range(20):
            self.guest()
        ana, luis = self.guests("Ana", "Luis")
        self.check_talk(ana, luis)
        ours = self.typist()
        ours.enters("Eva")

    def test_who_vanishes_is_announced(self):
        ana = self.guest("Ana")
        for rudely in (False, True):
            for said in (b"", b"hola\nmedia l", b"hola\n:h\n" * 500):
                nameless, luis = self.guest(), self.guest("Luis")
                self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
                nameless.send(b"Lu")
                luis.send(said)
                for _ in range(said.count(b"hola\n")):
                    self.assertEqual(ana.read(), "<Luis>: hola")
                for guest in (nameless, luis):
                    reset(guest.socket) if rudely else guest.close()
                self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")
                self.server.wait_for(f"[SERVER] Cliente <Luis,{luis.port}> desconectado")
        self.check_has_heard_nothing(ana)

    @unittest.skipUnless(os.name == "posix", "needs kill -9")
    def test_our_client_may_be_killed_in_the_middle_of_a_line(self):
        ana = self.guest("Ana")
        for terminal in (False, True):
            ours = self.typist(terminal=terminal)
            ours.enters("Luis")
            ours.types("Hola\nCómo est")
            self.assertEqual([ana.read(), ana.read()], ["<Servidor>: Luis se ha conectado", "<Luis>: Hola"])
            os.kill(ours.process.pid, signal.SIGKILL)
            self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")
        self.check_has_heard_nothing(ana)

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_a_reader_who_never_reads_is_dropped_and_the_others_are_told(self):
        ana, luis, deaf = self.guests("Ana", "Luis", "Eva")
        reading = Reading([luis], 10**9)
        before = memory(self.server)
        line = b"x" * 4000 + b"\n"
        gone = f"[SERVER] Cliente <Eva,{deaf.port}> desconectado: no lee lo que se le envía"
        sent = 0
        while gone not in self.server.output:
            self.assertLess(sent * len(line), 64_000_000, "nobody was dropped")
            ana.send(line * 64)
            sent += 64
            reading.wait_for(sent)
        self.assertEqual(ana.read(), "<Servidor>: Eva se ha desconectado")
        ana.say(":q")
        self.assertEqual(ana.read(), GOODBYE)
        self.server.wait_for("<Ana")
        self.check_memory(before, 2 * MOST_UNSENT + 2048)
        luis.socket.shutdown(socket.SHUT_WR)
        heard = reading.lines()[luis]
        self.assertEqual(sum(len(text) == len("<Ana>: ") + 4000 for text in heard), sent)
        self.assertIn("<Servidor>: Eva se ha desconectado", heard)

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_a_flood_without_a_line_end_is_ended_and_fills_no_memory(self):
        ana = self.guest("Ana")
        self.guest().send(b"x" * (LONGEST + 2))
        before = memory(self.server)
        for name in (None, "Luis"):
            flood = self.guest(name)
            for _ in range(13):
                flood.send(b"x" * 1_000_000)
            self.assertEqual(flood.read(), TOO_LONG)
            flood.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(flood.ends())
        self.server.wait_for(f"[SERVER] Cliente <Luis,{flood.port}> desconectado: mensaje demasiado largo")
        for what in ("conectado", "desconectado"):
            self.assertEqual(ana.read(), f"<Servidor>: Luis se ha {what}")
        self.check_memory(before, 1024)
        self.check_has_heard_nothing(ana)

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_what_somebody_says_after_its_farewell_fills_no_memory(self):
        ana = self.guest("Ana")
        before = memory(self.server)
        for flood in (b"y" * 1_000_000, b":h\n" * 300_000, b"z\n" * 500_000):
            luis = self.guest("Luis")
            luis.say(":q")
            for _ in range(10):
                luis.send(flood)
            self.assertEqual(luis.read(), GOODBYE)
            luis.socket.shutdown(socket.SHUT_WR)
            self.assertTrue(luis.ends())
            self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
            self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")
        self.check_memory(before, 1024)
        self.check_has_heard_nothing(ana)

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_many_who_speak_at_the_same_moment_fill_no_memory(self):
        talkers = self.guests(*(f"Hablante {i}" for i in range(20)))
        listeners = self.guests_among(talkers, *(f"Oyente {i}" for i in range(30)))
        count = LONGEST // 2  # lines that one recv gives
        before = memory(self.server)
        os.kill(self.server.process.pid, signal.SIGSTOP)
        for guest in talkers:
            guest.send(b"a\n" * count)
        os.kill(self.server.process.pid, signal.SIGCONT)
        # Who talks does not get its own lines.
        for expected, reading in ((19, Reading(talkers, 19 * count)), (20, Reading(listeners, 20 * count))):
            for lines in reading.lines().values():
                self.assertEqual(len(lines), expected * count)
        # All of it together would be 50 x 20 x 2,048 lines of 16 bytes, 32 MiB.
        self.check_memory(before, 2 * MOST_UNSENT + 4096)

    def test_who_comes_when_it_is_full_is_turned_away(self):
        with Server("chat_server", "localhost", 0, "--max-clients", 2) as server:
            ana, luis = Guest(server.port, "Ana"), Guest(server.port)
            third = Guest(server.port)
            self.assertEqual(third.greeting, "<Servidor>: El chat está lleno")
            self.assertTrue(third.ends())
            with Typist(server.port) as ours:
                self.assertEqual(ours.wait(), 1)
                self.assertTrue(ours.screen().endswith("<Servidor>: El chat está lleno\n"), ours.screen())
                self.assertEqual(ours.complaints().count("\n"), 1)
            luis.close()
            eva = self.until_greeted(server.port)
            ana.say(":q")
            self.assertEqual(ana.read(), GOODBYE)
            ana.close()
            leo = self.until_greeted(server.port)
            for guest in (third, eva, leo):
                guest.close()

    def until_greeted(self, port):
        """Nobody is told when a place becomes free."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            guest = Guest(port)
            if guest.greeting == WELCOME:
                return guest
            guest.close()
        raise AssertionError("no place has become free")

    @unittest.skipUnless(LINUX, "needs prlimit")
    def test_out_of_handles_it_goes_on_and_does_not_spin(self):
        import resource

        with open(program("chat_server"), "rb") as file:
            if b"__ubsan" in file.read():
                self.skipTest("the sanitizer itself needs handles, and mistakes their lack for a fault")
        ana, luis = self.guests("Ana", "Luis")
        resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (64, 64))
        waiting = [connect(self.port) for _ in range(80)]
        for client in waiting:
            self.addCleanup(client.close)
        errors = self.server.errors
        self.assertIn("Too many open files", self.server.wait_for("accept", errors))
        with selectors.DefaultSelector() as selector:
            for client in waiting:
                selector.register(client, selectors.EVENT_READ)
            greeted = {key.fileobj for key, _ in selector.select(0)}
        self.assertIn(len(greeted), range(40, 64))
        self.assertEqual(greeted, set(waiting[: len(greeted)]))
        self.check_talk(ana, luis)
        # Meanwhile it tries again when nothing has happened for a second, and only then.
        tries, before, start = len(errors), processor_seconds(self.server), time.monotonic()
        self.server.wait_until(lambda: len(errors) >= tries + 2)
        self.assertGreater(time.monotonic() - start, 0.9)
        self.assertLess(processor_seconds(self.server) - before, 0.2)
        for client in waiting[:10]:
            client.close()
        with selectors.DefaultSelector() as selector:
            for client in waiting[10 : len(greeted) + 10]:
                selector.register(client, selectors.EVENT_READ)
            end = time.monotonic() + PATIENCE
            while len(selector.select(0)) < len(greeted):
                self.assertLess(time.monotonic(), end)
                self.check_talk(ana, luis)  # so it is not because nothing else happens
        for client in waiting[10 : len(greeted) + 10]:
            self.assertEqual(client.recv(1024).decode(), WELCOME + "\n")
        self.check_talk(ana, luis)

    def guests_among(self, others, *names):
        """More guests, among those who are there already."""
        newcomers = self.guests(*names)
        for guest in others:
            for name in names:
                self.assertEqual(guest.read(), f"<Servidor>: {name} se ha conectado")
        return newcomers


class OurClient(Chat):
    def test_asks_again_while_the_name_is_taken_or_not_valid(self):
        self.guest("Ana")
        ours = self.typist()
        ours.sees("Ingresa tu nombre: ")
        ours.types("Ana\n")
        ours.sees("Nombre en uso. Escoge otro nombre: ")
        ours.types("Ana-María\n")
        ours.sees(f"{NOT_VALID}\nEscoge otro nombre: ")
        ours.types("Luis\n")
        ours.sees("<Luis>: ")
        ours.types(":q\n")
        ours.sees(GOODBYE + "\n")
        self.assertEqual((ours.wait(), ours.complaints()), (0, ""))

    def test_ends_with_its_input(self):
        ana = self.guest("Ana")
        for data, shown in (
            (b"", ["Ingresa tu nombre: "]),
            (b"Luis\nhola", ["Ingresa tu nombre: ", "<Luis>: "]),
            (b"Luis\r\nhola\r\n:q\r\nmore\r\n", ["Ingresa tu nombre: ", "<Luis>: "]),
            (b":q\n", ["Ingresa tu nombre: "]),
        ):
            status, output, errors = run("chat_client", "127.0.0.1", self.port, data=data)
            self.assertEqual((data, status, errors), (data, 0, ""))
            self.assertEqual(output.splitlines()[:2], [f"Connected to 127.0.0.1: {self.port}", WELCOME])
            self.assertEqual(output.splitlines()[-1], GOODBYE)
            self.assertTrue(set(output.splitlines()[2:-1]) <= set(shown), output)
            if b"hola" in data:
                self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
                self.assertEqual(ana.read(), "<Luis>: hola")
                self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")

    def test_does_not_send_a_line_that_is_too_long(self):
        ana = self.guest("Ana")
        ours = self.typist()
        ours.enters("Luis")
        ours.types("y" * (LONGEST + 1) + "\n")
        ours.sees("Mensaje demasiado largo: no se envía\n")
        ours.types("z" * LONGEST + "\n")
        self.assertEqual([ana.read(), ana.read()], ["<Servidor>: Luis se ha conectado", "<Luis>: " + "z" * LONGEST])

    def test_sends_all_that_is_typed_ahead(self):
        ana = self.guest("Ana")
        status, _, errors = run("chat_client", "localhost", self.port,
                                data=b"Luis\n" + b"".join(b"linea %d\n" % i for i in range(2000)))  # fmt: skip
        self.assertEqual((status, errors), (0, ""))
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
        for i in range(2000):
            self.assertEqual(ana.read(), f"<Luis>: linea {i}")

    @unittest.skipUnless(os.name == "posix", "needs a terminal to pretend with")
    def test_what_comes_while_a_line_is_typed_stands_on_a_fresh_row(self):
        ana = self.guest("Ana")
        ours = self.typist(terminal=True)
        ours.enters("Luis")
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha conectado")
        ours.types("Estoy bi")
        ours.sees("Estoy bi")
        ana.say("Cómo estás?")
        self.assertEqual(ours.sees("<Luis>: "), "\n<Ana>: Cómo estás?\n<Luis>: ")
        ours.types("en\n")
        self.assertEqual(ana.read(), "<Luis>: Estoy bien")
        self.assertEqual(ours.sees("<Luis>: "), "en\n<Luis>: ")

    @unittest.skipUnless(os.name == "posix", "needs kill -9")
    def test_ends_at_once_when_the_server_has_gone(self):
        for terminal in (False, True):
            for name in (None, "Ana"):
                with Server("chat_server", "localhost", 0) as server, Typist(server.port, terminal=terminal) as ours:
                    if name:
                        ours.enters(name)
                        ours.types("media lí")
                        if terminal:
                            ours.sees("media lí")
                    else:
                        ours.sees("Ingresa tu nombre: ")
                    server.stop()
                    self.assertEqual(ours.wait(), 1)  # its keyboard is still open
                    self.assertEqual(ours.complaints().count("\n"), 1)
                    self.assertTrue(ours.screen().endswith("\n"), ours.screen())

    def test_ends_when_a_server_resets_the_connection(self):
        def vanish(connection):
            connection.sendall(WELCOME.encode() + b"\n")
            connection.recv(1024)
            reset(connection)

        with Serving(vanish) as server, Typist(server.port) as ours:
            ours.sees("Ingresa tu nombre: ")
            ours.types("Ana\n")
            self.assertEqual(ours.wait(), 1)
            self.assertIn(system_words(errno.ECONNRESET), ours.complaints())
            self.assertEqual(ours.complaints().count("\n"), 1)

    def test_a_server_that_floods_does_not_fill_its_memory(self):
        def flood(connection):
            connection.sendall(WELCOME.encode() + b"\n")
            try:
                for _ in range(1000):
                    connection.sendall(b"7" * 13_000)
            except OSError:
                pass  # the client has hung up

        with Serving(flood) as server, Typist(server.port) as ours:
            self.assertEqual(ours.wait(), 1)
            self.assertEqual(ours.complaints().count("\n"), 1)


class Both(unittest.TestCase):
    def test_no_server_is_one_clear_line(self):
        port = free_port()
        status, output, errors = run("chat_client", "127.0.0.1", port)
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(
            errors, f"connect to 127.0.0.1:{port}: {system_words(errno.ECONNREFUSED)} (is a server listening there?)\n"
        )

    def test_a_taken_port_is_one_clear_line(self):
        with listen() as taken:
            status, output, errors = run("chat_server", "127.0.0.1", taken.getsockname()[1])
        self.assertEqual((status, output, errors.count("\n")), (1, "", 1))
        self.assertIn(system_words(errno.EADDRINUSE), errors)

    def test_wrong_arguments_are_answered_with_the_usage(self):
        for name in ("chat_server", "chat_client"):
            wrong = [("127.0.0.1", "port"), ("127.0.0.1", "65536"), ("127.0.0.1", "80", "more"), ("--nothing",)]
            if name == "chat_server":
                wrong += [("--max-clients",), ("--max-clients", "0"), ("--max-clients", "many")]
            for words in wrong:
                status, output, errors = run(name, *words)
                self.assertEqual((name, words, status, output), (name, words, 2, ""))
                self.assertIn(f"uso: {name} [host = localhost] [puerto = 9998]", errors)

    def test_help_tells(self):
        for name in ("chat_server", "chat_client"):
            status, output, errors = run(name, "--help")
            self.assertEqual((status, errors), (0, ""))
            self.assertIn(f"uso: {name} [host = localhost] [puerto = 9998]", output)
            self.assertIn("--document", output)

    def test_have_the_port_of_the_document(self):
        # Without a word about it they meet on 9998: whoever has that port is talked to.
        try:
            taken = listen(9998)
        except OSError:
            self.skipTest("somebody has port 9998")
        with taken:
            status, _, errors = run("chat_server")
            self.assertEqual(status, 1)
            self.assertIn(":9998", errors)
            with Program("chat_client") as client:
                connection, _ = taken.accept()
                with connection:
                    client.wait_for("Connected to localhost: 9998")


class Crowd(Chat):
    def test_every_line_of_twenty_talkers_reaches_everybody_in_one_order(self):
        size, talking, count = (60 if SANITIZED else 200), 20, 20
        crowd = [self.guest() for _ in range(size)]
        for i, guest in enumerate(crowd):
            guest.say(f"U{i}")
            self.assertEqual(guest.read(), "no")
        for i, guest in enumerate(crowd):
            for k in range(i + 1, size):
                self.assertEqual(guest.read(), f"<Servidor>: U{k} se ha conectado")
        talkers, silent = crowd[:talking], crowd[talking:]
        readings = Reading(talkers, (talking - 1) * count), Reading(silent, talking * count)
        for i in range(count):
            for guest in talkers:
                guest.say(f"linea {i}")
        heard = {**readings[0].lines(), **readings[1].lines()}
        order = heard[silent[0]]
        expected = [f"<U{k}>: linea {i}" for k in range(talking) for i in range(count)]
        self.assertEqual(sorted(order), sorted(expected))
        for k in range(talking):
            own = [line for line in order if line.startswith(f"<U{k}>")]
            self.assertEqual(own, [f"<U{k}>: linea {i}" for i in range(count)])
        for k, guest in enumerate(crowd):
            self.assertEqual(heard[guest], [line for line in order if not line.startswith(f"<U{k}>")])


if __name__ == "__main__":
    unittest.main()
