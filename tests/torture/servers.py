"""The example servers while a system call fails, memory runs out or bytes come one by one: six clients, one after
another. Either the server could not start, and says so in one line, or the client that was hit may be lost and all
others are served.

    servers.py BIN_DIR INTERPOSER_SO [--short] [SERVER...]     BIN_DIR has the examples; the folder of INTERPOSER_SO
                                                               also libtorture_servers.so (servers_memory.cpp)
    servers.py BIN_DIR INTERPOSER_SO --mutants                 each of mutants/server_*.patch must be caught
"""

import argparse
import collections
import concurrent.futures
import errno
import os
import pathlib
import random
import re
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import typing

HERE = pathlib.Path(__file__).resolve().parent
CLIENTS = 6
PATIENCE = 10  # seconds for what must come in any case: whoever waits longer hangs
MOST_LINES = 8  # on standard error, of a server whose call has failed once
MOST_CPU = 1.0  # seconds: one that spins takes more
GONE = "se ha desconectado"  # the chat may tell late of who was lost before

# --- conversations: what a client says, and what it must hear -----------------------------------------------


class Lost(Exception):
    """This client has not been served whole."""


class Client:
    """A connection that knows what to expect."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def say(self, text):
        self.socket.sendall(text.encode())

    def hear(self, text):
        expected, heard = text.encode(), b""
        while len(heard) < len(expected):
            # At once: a server that sends small pieces waits for it (Nagle), and we have no time.
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            piece = self.socket.recv(len(expected) - len(heard))
            if not piece:
                break
            heard += piece
        if heard != expected:
            raise Lost(f"{heard!r} instead of {expected!r}")

    def line(self):
        line = b""
        while not line.endswith(b"\n"):
            byte = self.socket.recv(1)
            if not byte:
                raise Lost(f"ended after {line!r}")
            line += byte
        return line.decode()

    def hear_line(self, part):
        line = self.line()
        while part not in line and GONE in line:
            line = self.line()
        if part not in line:
            raise Lost(f"{line!r} instead of {part!r}")

    def has_heard(self, *parts):
        """In the chat: before the answer to a question that is asked now. Who waits for news might wait for ever."""
        self.say(":add\n")
        news = ""
        while "Tu identificador" not in news:
            news += self.line()
        for part in parts:
            if part not in news:
                raise Lost(f"{news!r} has no {part!r}")

    def end(self):
        """Both sides end: nothing more comes."""
        self.socket.shutdown(socket.SHUT_WR)
        self.ends()

    def ends(self):
        rest = self.socket.recv(100)
        while GONE.encode() in rest:
            rest = self.socket.recv(100)
        if rest:
            raise Lost(f"{rest!r} instead of the end")


def talk_echo(port, number):
    with Client(port) as client:
        for text in ("hola", f"cliente {number} " + 60 * "-"):
            client.say(text)
            client.hear(text)
        client.end()


def talk_messages(port, number):
    with Client(port) as client:
        for text in ("hola", f"soy {number}"):
            client.say(text + "\n")
            client.hear(f"recibido: {text}\n")
        client.end()


def talk_hola(port, _):
    with Client(port) as client:
        client.say("hola")
        client.hear("pues hola")
        client.say("adios")
        client.hear("pues adios")
        client.ends()


def talk_calculator(port, number):
    with Client(port) as client:
        for text, answer in (("3", "OK"), (str(number), "OK"), ("*", str(3 * number)), ("x", "Fallo")):
            client.say(text + "\n")
            client.hear_line(answer)
        if number % 2:  # a line that is too long is refused, and the connection ends
            client.say(9000 * "9")
            client.hear_line("Fallo mensaje demasiado largo")
        client.end()


def talk_chat(port, number):
    with Client(port) as ana, Client(port) as luis:
        for client, name in ((ana, f"Ana{number}"), (luis, f"Luis{number}")):
            client.hear_line("Welcome")
            client.say(name + "\n")
            client.hear_line("no")
        ana.has_heard(f"Luis{number} se ha conectado")
        luis.say(f"hola\n:p-Ana{number}-solo para ti\n:add\n")
        luis.hear_line("Tu identificador es")
        ana.has_heard(f"<Luis{number}>: hola", "solo para ti")
        luis.say(":q\n")
        luis.hear_line("Vuelve pronto")
        luis.ends()
        ana.has_heard(f"Luis{number} se ha desconectado")
        if number % 2:
            ana.say(5000 * "a")
            ana.hear_line("demasiado largo")
        ana.end()


class Kind(typing.NamedTuple):
    talk: typing.Callable
    options: tuple = ()


SERVERS = {
    "echo_server": Kind(talk_echo),
    "message_server": Kind(talk_messages, ("--auto",)),
    "hola_server": Kind(talk_hola),
    "eco_server": Kind(talk_echo),
    "stream_echo_server": Kind(talk_echo),
    "calculator_server": Kind(talk_calculator),
    "chat_server": Kind(talk_chat),
}

# --- what may fail: the ERRORS of each call's manual page, and four that everything must bear --------------------

NETWORK = "ENETDOWN EPROTO ENOPROTOOPT EHOSTDOWN ENONET EHOSTUNREACH EOPNOTSUPP ENETUNREACH"
ERRORS = {
    "socket": "EACCES EAFNOSUPPORT EINVAL EMFILE ENFILE EPROTONOSUPPORT",
    "bind": "EACCES EADDRINUSE EBADF EINVAL ENOTSOCK EADDRNOTAVAIL EFAULT",
    "listen": "EADDRINUSE EBADF ENOTSOCK EOPNOTSUPP",
    "accept4": f"EBADF ECONNABORTED EFAULT EINVAL EMFILE ENFILE ENOTSOCK EPERM ETIMEDOUT {NETWORK}",
    "recv": "EBADF ECONNREFUSED EFAULT EINVAL ENOTCONN ENOTSOCK ECONNRESET ETIMEDOUT",
    "send": "EACCES EBADF ECONNRESET EDESTADDRREQ EFAULT EINVAL EISCONN EMSGSIZE ENOTCONN ENOTSOCK EOPNOTSUPP EPIPE",
    "poll": "EFAULT EINVAL",
    "epoll_create1": "EINVAL EMFILE ENFILE",
    "epoll_ctl": "EBADF EEXIST EINVAL ELOOP ENOENT ENOSPC EPERM",
    "epoll_wait": "EBADF EFAULT EINVAL",
    "setsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    "getsockopt": "EBADF EFAULT EINVAL ENOPROTOOPT ENOTSOCK",
    "getsockname": "EBADF EFAULT EINVAL ENOTSOCK",
    "getpeername": "EBADF EFAULT EINVAL ENOTCONN ENOTSOCK",
    "fcntl": "EACCES EBADF EINVAL",
    "close": "EBADF EIO ENOSPC EDQUOT",
    "shutdown": "EBADF EINVAL ENOTCONN ENOTSOCK",
}
ALWAYS = "EINTR EAGAIN ENOMEM ENOBUFS"
LOOKUP = {"EAI_NONAME": -2, "EAI_AGAIN": -3, "EAI_FAIL": -4, "EAI_MEMORY": -10, "EAI_SYSTEM": -11}
LASTING = ("accept4", "poll", "epoll_wait", "epoll_ctl", "recv", "send")  # which may fail again and again


def errors_of(call):
    if call == "getaddrinfo":
        return LOOKUP
    names = dict.fromkeys(f"{ERRORS[call]} {ALWAYS}".split())
    return {name: getattr(errno, name) for name in names}


class Case(typing.NamedTuple):
    server: str
    name: str
    environment: dict
    lost: int = 1  # how many clients may be lost
    may_refuse: bool = False  # to start
    lasting: bool = False  # nobody can be served


# --- one server, and how it goes through a case --------------------------------------------------------------


class Server:
    """The program, with the stand-ins. Its standard error goes to a file."""

    def __init__(self, setting, name, environment):
        self.errors = tempfile.TemporaryFile()
        stand_ins = {"LD_PRELOAD": f"{setting.interposer}:{setting.memory}", "TORTURE": ""}
        self.process = subprocess.Popen(
            [os.path.join(setting.folder, name), "localhost", "0", *SERVERS[name].options],
            env={**os.environ, **stand_ins, **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=self.errors,
        )
        self.port = self._port()
        if self.port:
            self.process.send_signal(signal.SIGUSR1)  # from now on allocations count

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.errors.close()

    def _port(self):
        """What its first line ends with; None: it has ended without one."""
        if not select.select([self.process.stdout], [], [], PATIENCE)[0]:
            raise AssertionError("says nothing")
        found = re.search(rb"(\d+)$", self.process.stdout.readline().rstrip())
        return int(found.group(1)) if found else None

    def error_lines(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").splitlines()

    def handles(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def runs(self):
        return self.process.poll() is None


def serve(server, name, clients):
    """How many of these clients were lost; an AssertionError if one waits for ever."""
    lost = 0
    for number in clients:
        try:
            SERVERS[name].talk(server.port, number)
        except TimeoutError as failure:
            raise AssertionError(f"client {number} hangs") from failure
        except (Lost, OSError):
            lost += 1
    return lost


def demand(holds, what):
    if not holds:
        raise AssertionError(what)


def wait_until(holds, what):
    end = time.monotonic() + PATIENCE
    while not holds():
        demand(time.monotonic() < end, what)
        time.sleep(0.002)


def check_refusal(server, case):
    status = server.process.wait(PATIENCE)
    lines = server.error_lines()
    demand(case.may_refuse, f"ended with status {status}: {lines[:3]}")
    demand(status == 1 and len(lines) == 1, f"status {status} instead of 1, and lines {lines[:3]}")
    return "refused"


def check_lasting(server, case):
    """Nobody is served, but it lives and does not spin."""
    visitors = [socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE) for _ in range(2)]
    for visitor in visitors:
        visitor.sendall(b"hola\n")
    begun, cpu = time.monotonic(), server.cpu()
    time.sleep(0.4)  # a measure of how much it prints meanwhile
    demand(server.runs(), f"ended: {server.error_lines()[:3]}")
    most = MOST_LINES + 12 * (time.monotonic() - begun)
    demand(len(server.error_lines()) <= most, f"spins: {len(server.error_lines())} lines")
    demand(server.cpu() - cpu < 0.5 * (time.monotonic() - begun), "spins")
    for visitor in visitors:
        visitor.close()
    return "stood"


def check(setting, case):
    """refused, hit (a client was lost), stood; or an AssertionError."""
    with Server(setting, case.server, case.environment) as server:
        if not server.port:
            return check_refusal(server, case)
        handles = server.handles()
        if case.lasting:
            return check_lasting(server, case)
        lost = serve(server, case.server, range(1, CLIENTS + 1))
        demand(server.runs(), f"ended: {server.error_lines()[-3:]}")
        number = CLIENTS  # the last of them may have been hit: then somebody else is served
        while number == CLIENTS or again:
            number += 1
            again = serve(server, case.server, [number])
            lost += again
            demand(lost <= case.lost, f"{lost} clients were lost, up to the {number}th")
        lines = server.error_lines()
        demand(len(lines) <= MOST_LINES * case.lost, f"{len(lines)} lines of errors")
        demand(server.cpu() < MOST_CPU, f"spins: {server.cpu()} s")
        wait_until(lambda: server.handles() <= handles, f"keeps {server.handles() - handles} handles")
        return "hit" if lost else "stood"


# --- which cases -----------------------------------------------------------------------------------------------


def calls_of(setting, name):
    """How often each call is made while six clients are served, and operator new."""
    with Server(setting, name, {}) as server:
        demand(serve(server, name, range(1, CLIENTS + 1)) == 0, "does not serve without faults")
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(PATIENCE)
        lines = [line.split() for line in server.error_lines() if line.startswith("TORTURE: ")]
    return {call: int(count) for _, call, count in lines}


STARTS = ("socket", "bind", "listen", "getaddrinfo", "setsockopt", "getsockname", "epoll_create1", "epoll_ctl", "close")


def cases_of(setting, name):
    counts = calls_of(setting, name)
    yield Case(name, "one byte at a time", {"TORTURE_BYTE": "1"}, lost=0)
    for call, count in counts.items():
        if call == "new":
            for many in (1, 3):
                for n in range(1, count + 1, many):
                    yield Case(name, f"new {n}:{many}", {"TORTURE_NEW": f"{n}:{many}"}, lost=many)
            continue
        for error, number in errors_of(call).items():
            for n in range(1, count + 1):
                plan = {"TORTURE": f"{call}:{n}:{number}"}
                yield Case(name, f"{call} {n} {error}", plan, may_refuse=call in STARTS)
    for call in LASTING:
        for error in ("ENOMEM", "ENOBUFS", "EMFILE", "EBADF") if call in counts else ():
            for n in (1, 2) if call != "epoll_ctl" else (2, 4):
                plan = {"TORTURE": f"{call}:{n}+:{getattr(errno, error)}"}
                yield Case(name, f"{call} from {n} on {error}", plan, lasting=True)


def thinned(cases, share):
    """A part of each call's cases, the same every time. Every tenth, say, could always hit the same place: a client
    has ten allocations, perhaps."""
    chance = random.Random(1)
    by_call = collections.defaultdict(list)
    for case in cases:
        by_call[case.name.split()[0] + (" lasting" if case.lasting else "")].append(case)
    for own in by_call.values():
        yield from chance.sample(own, min(len(own), max(3, round(share * len(own)))))


# --- all of them, and the table ----------------------------------------------------------------------------------


class Setting(typing.NamedTuple):
    folder: str
    interposer: str
    memory: str
    short: bool
    workers: int
    until_first: bool = False  # fault


def run(setting, names):
    """Prints a line a server; gives the faults found."""
    faults = []
    print(f"{'':20}{'cases':>7}{'stood':>7}{'client lost':>13}{'not started':>13}{'faults':>8}{'seconds':>9}")

    def attempt(case):
        if faults and setting.until_first:
            return "left out"
        try:
            return check(setting, case)
        except (AssertionError, OSError, subprocess.TimeoutExpired) as failure:
            faults.append(f"{case.server}: {case.name}: {failure}")
            return "fault"

    with concurrent.futures.ThreadPoolExecutor(setting.workers) as pool:
        for name in names:
            begun = time.monotonic()
            cases = list(cases_of(setting, name))
            if setting.short:
                cases = list(thinned(cases, 0.05))
            before = len(faults)
            count = collections.Counter(pool.map(attempt, cases))
            print(f"{name:20}{len(cases):7}{count['stood']:7}{count['hit']:13}{count['refused']:13}{count['fault']:8}"
                  f"{time.monotonic() - begun:9.1f}", flush=True)
            for fault in faults[before : before + 20]:
                print("  " + fault)
    return faults


def mutate(patch, folder):
    """Builds the server that the patch names, changed, in this folder; gives its name."""
    root = HERE.parent.parent
    name = re.search(r"^Caught by: .* (\w+_server)$", patch.read_text(), re.M).group(1)
    for part in ("examples", "include"):
        shutil.copytree(root / part, folder / part)
    subprocess.run(["patch", "-s", "-p1", "-d", folder, "-i", patch], check=True)
    source = next((folder / "examples").glob(f"*/{name}.cpp"))
    compiler = os.environ.get("CXX", "c++")
    subprocess.run([compiler, "-std=c++17", "-I", folder / "include", source, "-pthread", "-o", folder / name], check=True)
    return name


def run_mutants(setting):
    """Gives those that were not caught."""
    missed = []
    for patch in sorted((HERE / "mutants").glob("server_*.patch")):
        with tempfile.TemporaryDirectory() as folder:
            name = mutate(patch, pathlib.Path(folder))
            faults = run(setting._replace(folder=folder, short=True, until_first=True), [name])
        print(f"{patch.name}: {'caught' if faults else 'NOT CAUGHT'}")
        missed += [] if faults else [patch.name]
    return missed


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("interposer", type=os.path.abspath)
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--mutants", action="store_true")
    parser.add_argument("--workers", type=int, default=os.cpu_count())
    parser.add_argument("servers", nargs="*")
    given = parser.parse_intermixed_args()
    memory = os.path.join(os.path.dirname(given.interposer), "libtorture_servers.so")
    setting = Setting(given.folder, given.interposer, memory, given.short, given.workers)
    wrong = run_mutants(setting) if given.mutants else run(setting, given.servers or SERVERS)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
