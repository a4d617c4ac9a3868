#!/usr/bin/env python3
"""Records the lessons' conversations for the player of the guide's pages, and prepares a recording for its page.

    player.py <folder of the programs> [lesson...]        docs/recordings/*.json, such as from build/dev/examples

A step is a primitive that begins to wait or returns, something printed or something typed, with the line of the program that
does it: recorder.cpp notes the calls under way, addr2line knows their lines. The programs must be built -g -O0.
"""

import argparse
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
from collections import deque
from dataclasses import dataclass, field

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(HERE), str(ROOT / "tests/interop")]

import record  # noqa: E402
import several  # noqa: E402
from harness import Program, Server  # noqa: E402

RECORDINGS = ROOT / "docs/recordings"
LESSONS = ("echo", "messages", "hola", "eco", "stream", "calculator", "chat", "datagrams", "addresses", "local", "file", "web",
           "packets")
TRACED = re.compile(r"\s*(?P<time>\d+\.\d+) (?P<text>(?:#\d+ )?(?:\[\d+\] )?\w+\(.*)")
WAITS = re.compile(r" \.\.\. \w*$")

# --- recording ------------------------------------------------------------------------------------------------


@dataclass
class Step:
    side: int  # 0: the server, 1 and 2: its clients
    kind: str  # wait, call, print, type or thread: one begins
    line: int  # of the side's program
    text: str
    thread: int = 1
    time: float = 0


class Watched:
    """Starts programs with the recorder in them, and remembers them."""

    def __init__(self, folder):
        self.folder, self.programs = folder, []
        self.work = folder / "work"  # where the programs run
        (self.work / "llegado").mkdir(parents=True)
        (self.work / "saludo.txt").write_text("Hola desde un archivo\n", encoding="utf-8")
        self.library = folder / "recorder.so"
        subprocess.run(["c++", "-std=c++17", "-shared", "-fPIC", "-o", self.library, HERE / "recorder.cpp"], check=True)

    def start(self, how, command):
        recording = self.folder / f"{len(self.programs)}.txt"
        command = [os.path.abspath(command[0]), *command[1:]]
        script = f'cd {self.work} && exec env LD_PRELOAD={self.library} SOCKETS_TRACE_ZERO=1 "$0" "$@" 9>{recording}'
        program = how(command=["sh", "-c", script, *map(str, command)])
        self.programs.append((command[0], recording, program))
        return program

    def server(self, command):
        return self.start(Server, command)

    def program(self, command):
        return self.start(Program, command)


def lines_of(program, offsets):
    """For each place in the program its source and line, the innermost first."""
    run = subprocess.run(["addr2line", "-a", "-i", "-e", program], input="\n".join(offsets), capture_output=True, text=True, check=True)
    found = {}
    for line in run.stdout.splitlines():
        if line.startswith("0x"):
            places = found[int(line, 16)] = []
        else:
            places.append(line.split(" ")[0])
    return found


def read(side, source, program, recording, typed):
    """What one program did. Of a thread that runs none of its source's lines, nothing."""
    pieces = [line.split(" ") for line in recording.read_text().splitlines()]
    places = lines_of(program, sorted({call for piece in pieces for call in piece[3].split(",") if call}))

    def own_lines(calls):
        all_places = (place for call in calls.split(",") if call for place in places.get(int(call, 16), ()))
        return [int(place.rpartition(":")[2]) for place in all_places if f"/{source}:" in place]

    ends = [number for number, line in enumerate((ROOT / source).read_text(encoding="utf-8").split("\n"), 1) if line.startswith("}")]
    functions = {}  # of each socket: where the function ends that used it last
    threads = {}  # the system's numbers: the trace's
    steps, begun = [], ""
    for time, stream, thread, calls, data in pieces:
        text = bytes.fromhex(data).decode()
        lines = own_lines(calls)
        line = lines[0] if lines else 0
        if stream == "3" and line:
            steps.append(Step(side, "thread", line, "", thread, int(time) / 1e9))
        if stream == "1":
            add_print(steps, Step(side, "print", line, text, thread, int(time) / 1e9))
        if stream != "2":
            continue
        begun += text
        if not begun.endswith("\n"):
            continue
        traced = TRACED.fullmatch(begun.rstrip("\n"))
        if not traced:
            add_print(steps, Step(side, "print", line, begun, thread, int(time) / 1e9))
            begun = ""
            continue
        number = re.match(r"#(\d+) ", begun[traced.start("text"):])
        threads[thread] = int(number[1]) if number else 1
        handle = re.match(r"(?:#\d+ )?(\[\d+\])", begun[traced.start("text"):])
        if handle and lines:
            functions[handle[1]] = next(end for end in ends if end >= lines[-1])
        if handle and not lines and " close()" in begun:  # what a thread was given is closed when its function has ended
            line = functions.get(handle[1], 0)
        if line:
            kind = "wait" if WAITS.search(traced["text"]) else "call"
            step = Step(side, kind, line, WAITS.sub("", traced["text"]), thread, float(traced["time"]))
            last = next((one for one in reversed(steps) if one.thread == thread), None)
            if not last or (last.kind, last.text) != ("wait", step.text) or kind != "wait":  # it waits on, turn after turn
                steps.append(step)
        begun = ""
    for step in steps:
        step.thread = threads.get(step.thread, 1)
    steps += [Step(side, "type", 0, text, 1, time / 1e9) for time, text in typed]
    return steps


def add_print(steps, step):
    """What one statement prints is one step, and a line's end belongs to the line."""
    last = steps[-1] if steps else None
    if last and last.kind == "print" and last.thread == step.thread and (last.line == step.line or not step.text.strip() or not last.text.strip()):
        last.text += step.text
        last.line = step.line if step.text.strip() else last.line
    else:
        steps.append(step)


def play(lesson, folder):
    """Plays the lesson's conversation; gives the sources of its sides and all steps in the order of time."""
    with tempfile.TemporaryDirectory() as temporary:
        watched = Watched(pathlib.Path(temporary))
        if lesson in RUNS:
            _, port, run = RUNS[lesson]
            run(folder, server=watched.server, program=watched.program)
        else:
            conversation = next(one for one in record.CONVERSATIONS if one.name == lesson)
            port = conversation.port
            record.traces(conversation, folder, server=watched.server, program=watched.program)
        if lesson == "packets":  # the viewer began before the client
            watched.programs[1:] = watched.programs[:0:-1]
        sources, steps = [], []
        for side, (path, recording, program) in enumerate(watched.programs):
            sources.append(str(next(ROOT.glob(f"examples/*/{pathlib.Path(path).name}.cpp")).relative_to(ROOT)))
            found = read(side, sources[side], path, recording, program.typed)
            steps += only_shown(found) if lesson == "packets" and side == 2 else found
        lent = getattr(watched.programs[0][2], "port", None)
    steps.sort(key=lambda step: step.time)
    while steps[-1].side == 0 and steps[-1].kind == "wait":  # for the next client, who does not come
        steps.pop()
    for step in steps if lent else ():
        step.text = re.sub(rf"(?<=[:, ]){lent}\b|(?<=127\.0\.0\.1:)0\b|(?<=localhost, )0\b", str(port), step.text)
    return sources, steps


def run_file(folder, server, program):
    """A file goes."""
    with server(command=[os.path.join(folder, "file_receiver"), "localhost", 0, "llegado", "--trace"]) as serving:
        with program(command=[os.path.join(folder, "file_sender"), "localhost", serving.port, "saludo.txt", "--trace"]) as client:
            client.wait()
        serving.wait_until(lambda: any("close()" in line for line in serving.errors))


def run_web(folder, server, program):
    """A page is fetched."""
    with server(command=[os.path.join(folder, "web_server"), "localhost", 0, ".", "--trace"]) as serving:
        with program(command=[os.path.join(folder, "web_client"), f"http://localhost:{serving.port}/saludo.txt", "--trace"]) as client:
            client.wait()
        serving.wait_until(lambda: any("close()" in line for line in serving.errors))


def run_local(folder, server, program):
    """The echo at a path; its server has no port to tell."""
    del server
    with program(command=[os.path.join(folder, "local_server"), "puerta", "--trace"]) as serving:
        serving.wait_for("Escuchando en puerta")
        with program(command=[os.path.join(folder, "local_client"), "puerta", "--trace"]) as client:
            client.wait_for("connect(puerta)", client.errors)
            client.write("hola\n")
            client.wait_for("hola")
            client.process.stdin.close()
            client.wait()
        serving.wait_until(lambda: any("close()" in line for line in serving.errors))


def run_addresses(folder, server, program):
    """Both ends of a connection with the echo server."""
    with server(command=[os.path.join(folder, "echo_server"), "localhost", 0, "--trace"]) as serving:
        with program(command=[os.path.join(folder, "show_addresses"), "localhost", serving.port, "--connect", "--trace"]) as client:
            client.wait()
        serving.wait_until(lambda: any("close()" in line for line in serving.errors))


def run_datagrams(folder, server, program):
    """Two datagrams go and come back."""
    with server(command=[os.path.join(folder, "datagram_server"), "localhost", 0, "--trace"]) as serving:
        with program(command=[os.path.join(folder, "datagram_client"), "localhost", serving.port, "--count", 2, "--every", 50, "--size", 8,
                              "--trace"]) as client:
            client.wait()


def run_packets(folder, server, program):
    """The echo, and who looks at its packets: for the administrator."""
    with server(command=[os.path.join(folder, "echo_server"), "localhost", 0, "--trace"]) as serving, \
            program(command=[os.path.join(folder, "packet_viewer"), "lo", serving.port, "--trace"]) as viewer:
        viewer.wait_for("Mirando lo")
        with program(command=[os.path.join(folder, "echo_client"), "localhost", serving.port, "--trace"]) as client:
            client.wait()
        viewer.wait_until(lambda: sum("termina" in line for line in viewer.output) == 2 and "ha llegado" in viewer.output[-1])


def only_shown(steps):
    """Of the frames that the viewer received, those that it shows: inside one machine each comes twice."""
    kept = []
    for step, after in zip(steps, [*steps[1:], None]):
        if "recv_from" not in step.text or (after and after.kind == "print"):
            kept.append(step)
    return kept


RUNS = {**several.RUNS, "packets": ("", 65432, run_packets), "datagrams": ("", 21008, run_datagrams), "addresses": ("", 8000, run_addresses), "local": ("", None, run_local), "file": ("", 21011, run_file), "web": ("", 8080, run_web)}


def path_of(lesson):
    return RECORDINGS / f"{lesson}.json"


def write(lesson, sources, steps):
    rows = ",\n".join(json.dumps([step.side, step.kind, step.line, step.text, step.thread], ensure_ascii=False) for step in steps)
    path_of(lesson).write_text(f'{{"sources": {json.dumps(sources)},\n"steps": [\n{rows}\n]}}\n', encoding="utf-8")


def load(lesson):
    found = json.loads(path_of(lesson).read_text(encoding="utf-8"))
    return found["sources"], [Step(*row) for row in found["steps"]]


# --- what there is after each step ----------------------------------------------------------------------------

CALL = re.compile(r'(?:#(?P<thread>\d+) )?(?:\[(?P<handle>\d+)\] )?(?P<name>\w+)\((?P<arguments>(?:[^")]|"(?:[^"\\]|\\.)*")*)\)?'
                  r"(?P<outcome>.*)")
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)("?)')
ESCAPES = {b"n": b"\n", b"r": b"\r", b"t": b"\t"}


def unescaped(match):
    return bytes.fromhex(match[1][1:].decode()) if len(match[1]) == 3 else ESCAPES.get(match[1], match[1])


@dataclass
class Call:
    """One line of a trace, in its parts."""

    thread: str
    handle: str
    name: str
    arguments: str
    outcome: str

    @classmethod
    def of(cls, text):
        return cls(**{key: value or "" for key, value in CALL.fullmatch(text).groupdict().items()})

    @property
    def result(self):
        return self.outcome.removeprefix(" = ")

    @property
    def failed(self):
        return self.outcome.startswith(": ")

    @property
    def count(self):
        found = re.match(r"\d+", self.result if self.name.startswith("recv") else self.arguments)
        return int(found[0]) if found else 0

    @property
    def data(self):
        """The bytes that the line shows; None for each that it does not."""
        quoted = QUOTED.search(self.result if self.name.startswith("recv") else self.arguments)
        bytes_shown = re.sub(rb"\\(x[0-9a-f]{2}|.)", unescaped, quoted[1].encode()) if quoted else b""
        known = list(bytes_shown)[:self.count]
        return known + [None] * (self.count - len(known))


LONGEST_SHOWN = 26


SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\"}


def shown(data):
    """Bytes in quotes, as a trace shows them."""
    text = ""
    for character in bytes(byte for byte in data if byte is not None).decode(errors="surrogateescape"):
        code = ord(character) & 0xFF if character >= "\ud800" and character <= "\udfff" else ord(character)
        text += SHORT.get(character) or (f"\\x{code:02x}" if code < 32 or "\ud800" <= character <= "\udfff" else character)
    cut = len(text) > LONGEST_SHOWN or None in data
    return f'"{text[:LONGEST_SHOWN]}{"…" if cut else ""}"'


@dataclass
class Handle:
    """A socket of one side."""

    state: str
    peer: str = ""
    other: tuple = ()  # the side that it talks with, and its handle
    unread: deque = field(default_factory=deque)
    ended: bool = False  # the other side's end lies behind what is unread
    datagram: bool = False
    queue: list = field(default_factory=list)  # of a listener: who has not been accepted


class World:
    """The sockets and screens of all sides."""

    def __init__(self, sides):
        self.sockets = [{} for _ in range(sides)]
        self.screens = [""] * sides
        self.knocking = {}  # a client's address: (side, handle)

    def do(self, step):
        """Takes one step; gives the arrow that it is: (from, to, what goes), or None."""
        if step.kind == "thread":
            return None
        if step.kind in ("print", "type"):
            self.screens[step.side] += step.text
            return None
        call = Call.of(step.text)
        mine = self.sockets[step.side]
        if step.kind == "wait" and call.name == "connect":
            mine[call.handle].state = "connecting"
        if step.kind == "wait" or call.failed:
            return None
        return getattr(self, "do_" + call.name, lambda *_: None)(step.side, mine, call)

    def do_socket(self, _, mine, call):
        if "raw" in call.arguments:  # it receives whatever passes
            mine[call.result.strip("[]")] = Handle("frames")
            return
        mine[call.result.strip("[]")] = Handle("open", datagram="datagram" in call.arguments)

    def do_pair(self, _, mine, call):
        for handle in re.findall(r"\[(\d+)\]", call.result):
            mine[handle] = Handle("pair")

    def do_bind(self, _, mine, call):
        if mine[call.handle].state != "frames":
            mine[call.handle].state = "bound"
        mine[call.handle].peer = call.result or call.arguments

    def do_listen(self, _, mine, call):
        mine[call.handle].state = "listening"

    def do_connect(self, side, mine, call):
        mine[call.handle].state = "connected"
        mine[call.handle].peer = call.arguments
        address = call.result or f"cliente {side}"  # a path gives the client none
        self.knocking[address] = (side, call.handle)
        if mine[call.handle].datagram:  # nothing goes
            mine[call.handle].other = (0, next(handle for handle, socket in self.sockets[0].items() if socket.datagram))
            return None
        for socket in self.sockets[0].values():
            if socket.state == "listening":
                socket.queue.append(address)
        return (side, 0, "…")

    def do_accept(self, side, mine, call):
        handle, address = re.fullmatch(r"\[(\d+)\](?: (.+))?", call.result).groups()
        address = address or mine[call.handle].queue[0]
        mine[call.handle].queue.remove(address)
        client = self.knocking.pop(address)
        theirs = self.sockets[client[0]][client[1]]
        came, ended = theirs.unread, theirs.ended  # what was said before it was heard lies there
        mine[handle] = Handle("connected", address, client, came, ended)
        theirs.unread, theirs.ended, theirs.other = deque(), False, (side, handle)

    def do_send(self, side, mine, call):
        socket = mine[call.handle]
        if socket.state == "pair":
            return None
        self.other_end(socket).unread.extend(call.data)
        return (side, socket.other[0] if socket.other else 0, shown(call.data))

    def do_recv(self, side, mine, call):
        socket = mine[call.handle]
        if socket.state == "pair":
            return None
        if call.count == 0:
            socket.ended = False
            return (socket.other[0], side, "fin")
        for _ in range(call.count):
            socket.unread.popleft()
        return (socket.other[0], side, shown(call.data))

    def do_send_to(self, side, mine, call):
        there = self.knocking[call.arguments.rpartition(", ")[2]]
        self.sockets[there[0]][there[1]].unread.extend(call.data)
        return (side, there[0], shown(call.data))

    def do_recv_from(self, side, mine, call):
        if call.result.endswith(" packet") or mine[call.handle].state == "frames":
            return None
        for _ in range(call.count):
            mine[call.handle].unread.popleft()
        return (self.knocking[call.result.rpartition(" ")[2]][0], side, shown(call.data))

    def do_shutdown(self, side, mine, call):
        mine[call.handle].state = "half-closed"
        return self.end(side, mine[call.handle])

    def do_close(self, side, mine, call):
        socket = mine[call.handle]
        before, socket.state = socket.state, "closed"
        socket.unread.clear()
        if socket.datagram:
            return None
        return self.end(side, socket) if before == "connected" else None

    def end(self, side, socket):
        self.other_end(socket).ended = True
        return (side, socket.other[0] if socket.other else 0, "fin")

    def other_end(self, socket):
        """Where its bytes go; before it is accepted, they are kept with it."""
        return self.sockets[socket.other[0]][socket.other[1]] if socket.other else socket

    def seen(self, side):
        """Its sockets, those that wait to be accepted among them, and its screen."""
        rows = []
        for handle, socket in self.sockets[side].items():
            unread = shown(socket.unread) if socket.unread and (socket.other or socket.datagram or socket.state == "pair") else ""
            ended = socket.ended and socket.other and socket.state != "closed"
            rows.append([f"[{handle}]", socket.state, socket.peer, unread + (" fin" if ended else "")])
            for address in socket.queue:
                rows.append(["…", "queue", address, ""])
        return {"sockets": rows, "screen": "\n".join(self.screens[side].split("\n")[-8:])}


# --- in words -------------------------------------------------------------------------------------------------

WORDS = {
    "es": {
        "server": "servidor", "client": "cliente", "the_server": "El servidor", "the_client": "El cliente",
        "thread": "El hilo #{thread} del servidor",
        "open": "abierto", "bound": "con dirección", "listening": "a la escucha", "connecting": "conectando",
        "connected": "conectado", "half-closed": "medio cerrado", "closed": "cerrado", "pair": "pareja", "queue": "en la cola",
        "unread": "sin leer", "screen": "pantalla", "back": "Atrás", "on": "Adelante", "play": "Solo", "pause": "Alto",
        "step": "Paso", "all": "Toda la conversación, paso a paso. Espacio o un clic: adelante; flechas: adelante y atrás.",
        "getaddrinfo": "{who} pregunta qué dirección es {host} (getaddrinfo): es {result}.",
        "socket": "{who} crea un socket (SOCKET): {result}.",
        "pair": "pareja",
        "viewer": "quien mira", "the_viewer": "Quien mira", "frames": "todas las tramas",
        "socket_frames": "{who} crea un socket para tramas enteras (SOCKET, PF_PACKET): {result}.",
        "bind_frames": "{who} lo une a una interfaz, no a un puerto (BIND).",
        "recv_from_frames": "{who} recibe una trama de {count} bytes, con sus encabezados (RECEIVE).",
        "do_pair": "{who} crea dos sockets unidos: por uno de ellos vendrá lo que se escriba en el teclado.",
        "bind": "{who} toma la dirección {result} (BIND).",
        "listen": "{who} queda a la escucha (LISTEN): desde ahora pueden llegar clientes.",
        "connect": "{who} se conecta con {arguments} (CONNECT); su propia dirección es {result}.",
        "connect_datagram": "{who} fija con quién habla, {arguments} (CONNECT): no sale nada; su propia dirección es {result}.",
        "connect_path": "{who} se conecta con {arguments} (CONNECT).",
        "accept_path": "{who} acepta (ACCEPT): el socket nuevo es para hablar con este cliente.",
        "accept": "{who} acepta (ACCEPT): el socket nuevo es para hablar con {peer}.",
        "send": "{who} envía {data} (SEND).",
        "recv": "{who} recibe {data} (RECEIVE).",
        "send_to": "{who} envía {data} a quien lo mandó (SEND).",
        "recv_from": "{who} recibe {data}, un mensaje entero, y sabe de quién viene (RECEIVE).",
        "wait_recv_from": "{who} espera un mensaje (RECEIVE).",
        "end": "{who} recibe 0 bytes (RECEIVE): el otro lado ha terminado.",
        "select": "SELECT vuelve: {result}.",
        "shutdown": "{who} deja de enviar (shutdown); todavía puede recibir.",
        "close": "{who} cierra {handle} (CLOSE).",
        "wait_connect": "{who} pide conectarse con {arguments} y espera (CONNECT).",
        "wait_accept": "{who} espera a que llegue un cliente (ACCEPT).",
        "wait_recv": "{who} espera bytes (RECEIVE).",
        "wait_send": "{who} espera a que haya lugar (SEND).",
        "wait_select": "{who} espera a que alguno de sus sockets tenga algo (SELECT).",
        "failed": "{who} llama a {name}: {outcome}.",
        "begins": "{who} crea otro hilo, y le entrega el socket.",
        "print": "{who} muestra en la pantalla: {text}", "type": "En el teclado: {text}", "type_2": "En el teclado del cliente {side}: {text}",
    },
    "en": {
        "server": "server", "client": "client", "the_server": "The server", "the_client": "The client",
        "thread": "The server's thread #{thread}",
        "open": "open", "bound": "bound", "listening": "listening", "connecting": "connecting",
        "connected": "connected", "half-closed": "half-closed", "closed": "closed", "pair": "pair", "queue": "in the queue",
        "unread": "unread", "screen": "screen", "back": "Back", "on": "On", "play": "Play", "pause": "Pause",
        "step": "Step", "all": "The whole conversation, step by step. Space or a click: on; arrow keys: on and back.",
        "getaddrinfo": "{who} asks which address {host} is (getaddrinfo): it is {result}.",
        "socket": "{who} makes a socket (SOCKET): {result}.",
        "viewer": "the onlooker", "the_viewer": "The onlooker", "frames": "all frames",
        "socket_frames": "{who} makes a socket for whole frames (SOCKET, PF_PACKET): {result}.",
        "bind_frames": "{who} ties it to an interface, not to a port (BIND).",
        "recv_from_frames": "{who} receives a frame of {count} bytes, with its headers (RECEIVE).",
        "do_pair": "{who} makes two sockets that are joined: through one of them comes what is typed.",
        "bind": "{who} takes the address {result} (BIND).",
        "listen": "{who} listens (LISTEN): from now on clients can come.",
        "connect": "{who} connects to {arguments} (CONNECT); its own address is {result}.",
        "connect_datagram": "{who} fixes whom it talks with, {arguments} (CONNECT): nothing goes; its own address is {result}.",
        "connect_path": "{who} connects to {arguments} (CONNECT).",
        "accept_path": "{who} accepts (ACCEPT): the new socket is for talking with this client.",
        "accept": "{who} accepts (ACCEPT): the new socket is for talking with {peer}.",
        "send": "{who} sends {data} (SEND).",
        "recv": "{who} receives {data} (RECEIVE).",
        "send_to": "{who} sends {data} to whom it came from (SEND).",
        "recv_from": "{who} receives {data}, one whole message, and knows from whom (RECEIVE).",
        "wait_recv_from": "{who} waits for a message (RECEIVE).",
        "end": "{who} receives 0 bytes (RECEIVE): the other side has ended.",
        "select": "SELECT comes back: {result}.",
        "shutdown": "{who} ends its direction (shutdown): it will send no more, but still receives.",
        "close": "{who} closes {handle} (CLOSE).",
        "wait_connect": "{who} asks to connect to {arguments} and waits (CONNECT).",
        "wait_accept": "{who} waits for a client (ACCEPT).",
        "wait_recv": "{who} waits for bytes (RECEIVE).",
        "wait_send": "{who} waits until there is room (SEND).",
        "wait_select": "{who} waits until one of its sockets has something (SELECT).",
        "failed": "{who} calls {name}: {outcome}.",
        "begins": "{who} makes another thread, and hands the socket over.",
        "print": "{who} shows on the screen: {text}", "type": "On the keyboard: {text}", "type_2": "On the keyboard of client {side}: {text}",
    },
}
WHO_IS_READY = {"es": {"readable": "tiene algo que leer", "writable": "tiene lugar para escribir"}, "en": {}}


def sentence(step, clients, language, several_threads=False, datagrams=False):
    words = WORDS[language]
    who = words["the_server"] if step.side == 0 else words["the_client"] + (f" {step.side}" if clients > 1 else "")
    if step.side > clients:
        who = words["the_viewer"]
    if several_threads and step.side == 0:
        who = words["thread"].format(thread=step.thread)
    if step.kind == "thread":
        return words["begins"].format(who=who)
    if step.kind in ("print", "type"):
        key = "type_2" if step.kind == "type" and clients > 1 else step.kind
        return words[key].format(who=who, side=step.side, text=" / ".join(step.text.strip("\n").split("\n")))
    call = Call.of(step.text)
    key = call.name if step.kind == "call" else "wait_" + call.name
    if call.failed:
        key = "failed"
    elif call.name == "recv" and step.kind == "call" and call.count == 0:
        key = "end"
    elif call.name == "pair":
        key = "do_pair"
    elif step.side > clients and call.name in ("bind", "recv_from", "socket"):
        key += "_frames"
    elif key == "connect" and datagrams:
        key = "connect_datagram"
    elif key in ("connect", "accept") and " " not in call.result and ":" not in call.result:
        key += "_path"  # a path gives the client no address
    result = call.result or call.arguments
    for word, translated in WHO_IS_READY[language].items():
        result = result.replace(word, translated)
    return words[key].format(who=who, name=call.name, arguments=call.arguments, result=result, handle=f"[{call.handle}]", count=call.count,
                             host=call.arguments.partition(",")[0], outcome=call.outcome.removeprefix(": "), data=shown(call.data),
                             peer=call.result.partition(" ")[2])


# --- the page -------------------------------------------------------------------------------------------------


def code_lines(text):
    """The numbers of the lines that are more than a comment: those are the same in a translated copy."""
    return [number for number, line in enumerate(text.splitlines(), 1) if not re.fullmatch(r"\s*(//.*)?", line)]


def page(lesson, language, copies=None):
    """What the player needs, as JSON. copies: where the sources are, translated."""
    sources, steps = load(lesson)
    viewer = lesson == "packets"  # the third one is no client
    clients = 1 if viewer else len(sources) - 1
    words = WORDS[language]
    order = [1, 0, 2][:len(sources)]
    programs, numbers = [], []
    for source in sources:
        original = (ROOT / source).read_text(encoding="utf-8")
        copy = copies / source if copies else None
        text = copy.read_text(encoding="utf-8") if copy and copy.is_file() else original
        numbers.append(dict(zip(code_lines(original), code_lines(text), strict=True)))
        programs.append(re.sub(r" {2,}//", "  //", text.rstrip("\n")).split("\n"))  # beside the code, not in columns
    world, rows = World(len(sources)), []
    threads = False  # whether the server has more than one by now
    for step in steps:
        threads = threads or (step.side == 0 and step.kind == "thread")
        before = [world.seen(side) for side in range(len(sources))]
        arrow = world.do(step)
        after = [world.seen(side) for side in range(len(sources))]
        row = {"side": order.index(step.side), "says": sentence(step, clients, language, threads, lesson == "datagrams"),
               "now": {order.index(side): after[side] for side in range(len(sources)) if after[side] != before[side]}}
        if step.line:
            row["line"] = numbers[step.side][step.line]
        if step.kind == "wait":
            row["waits"] = True
        if arrow:
            row["arrow"] = [order.index(arrow[0]), order.index(arrow[1]), arrow[2]]
        rows.append(row)
    names = [words["server"], *(words["client"] + (f" {number + 1}" if clients > 1 else "") for number in range(clients)), words["viewer"]]
    return {"sides": [{"name": names[side], "file": pathlib.Path(sources[side]).name, "code": programs[side]} for side in order],
            "words": {key: words[key] for key in ("open", "bound", "listening", "connecting", "connected", "half-closed", "closed",
                                                  "pair", "frames", "queue", "unread", "screen", "back", "on", "play", "pause", "step", "all")},
            "steps": rows}


def into(html_text, language, copies=None):
    """A page of the guide with the recordings in their places."""
    def put(match):
        data = json.dumps(page(match[1], language, copies), ensure_ascii=False, separators=(",", ":")).replace("</", "<\\/")
        return f'<div class="player"><script type="application/json">{data}</script></div>\n<script src="player.js"></script>'
    return re.sub(r'<div class="player" data-lesson="(\w+)"></div>', put, html_text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="where the programs are")
    parser.add_argument("lesson", nargs="*", help=f"of {', '.join(LESSONS)}; all of them unless told otherwise")
    arguments = parser.parse_args()
    RECORDINGS.mkdir(exist_ok=True)
    for lesson in arguments.lesson or LESSONS:
        sources, steps = play(lesson, arguments.folder)
        write(lesson, sources, steps)
        print(f"{path_of(lesson).relative_to(ROOT)}: {len(steps)} steps")


if __name__ == "__main__":
    main()
