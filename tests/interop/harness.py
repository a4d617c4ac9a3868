"""What the conversations need: programs that are started, listened to and ended again, each wait with a bound.

SOCKETS_BIN names the folder with the example programs, SOCKETS_WORDS the program that knows their C library's words.
"""

import os
import re
import signal
import socket
import struct
import subprocess
import threading
import time

BIN = os.environ.get("SOCKETS_BIN", "build/dev/examples")
WORDS = os.environ.get("SOCKETS_WORDS", os.path.join(BIN, "..", "tests", "system_words"))
WINE = bool(os.environ.get("SOCKETS_WINE"))  # the programs are Windows', and Wine runs them
PATIENCE = 30  # seconds for what must come in any case; no measure of speed


def program(name):
    """The path of an example program."""
    path = os.path.join(BIN, name)
    return path if os.path.exists(path) else path + ".exe"


def system_words(number):
    """What the C library of our programs says of an errno; this Python may have another library."""
    return subprocess.check_output([WORDS, str(number)], timeout=PATIENCE).decode().strip()


class Program:
    """A program that runs while the test does. Its output is collected line by line; it ends with the block.

    with Program("echo_client", "127.0.0.1", "8000") as client: ...

    terminal: a handle of one, which becomes its keyboard and its screen.
    """

    def __init__(self, *arguments, command=None, terminal=None):
        words = command or [program(arguments[0]), *arguments[1:]]
        group = {"start_new_session": True} if os.name == "posix" else {}
        self.process = subprocess.Popen(
            [str(word) for word in words],
            stdin=subprocess.PIPE if terminal is None else terminal,
            stdout=subprocess.PIPE if terminal is None else terminal,
            stderr=subprocess.PIPE,
            **group,
        )
        self.output = []
        self.errors = []
        self.typed = []  # (nanoseconds, text)
        self._changed = threading.Condition()
        self._readers = [
            threading.Thread(target=self._collect, args=(stream, lines), daemon=True)
            for stream, lines in ((self.process.stdout, self.output), (self.process.stderr, self.errors))
            if stream
        ]
        for reader in self._readers:
            reader.start()

    def _collect(self, stream, lines):
        for line in stream:
            with self._changed:
                lines.append(line.decode().rstrip("\r\n"))
                self._changed.notify_all()
        with self._changed:
            self._changed.notify_all()

    def wait_for(self, text, lines=None):
        """The first line with this text, of standard output unless told otherwise."""
        lines = self.output if lines is None else lines

        def found():
            return next((line for line in lines if text in line), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or not self._any_reader(), PATIENCE)
            line = found()
        if line is None:
            raise AssertionError(f"no line with {text!r} in {lines}; standard error: {self.errors}")
        return line

    def wait_until(self, holds):
        """Until what no line of output tells has come true."""
        end = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > end:
                raise AssertionError("what was waited for did not come")
            with self._changed:
                self._changed.wait(0.01)

    def write(self, text):
        """Types something into it."""
        self.typed.append((time.monotonic_ns(), text))
        self.process.stdin.write(text.encode())
        self.process.stdin.flush()

    def wait(self):
        """Its exit status, when it ends by itself."""
        status = self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        return status

    def runs(self):
        return self.process.poll() is None

    def stop(self):
        """Ends it, and whatever it started itself."""
        if self.runs():
            if os.name == "posix":
                os.killpg(self.process.pid, signal.SIGKILL)
            else:
                self.process.kill()
        self.process.wait(PATIENCE)
        for reader in self._readers:
            reader.join(PATIENCE)
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            try:
                if stream:
                    stream.close()
            except OSError:  # somebody who has ended reads no more
                pass

    def _any_reader(self):
        return any(reader.is_alive() for reader in self._readers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


class Server(Program):
    """A program whose first line tells, last on the line, the port that it listens on."""

    def __init__(self, *arguments, command=None):
        super().__init__(*arguments, command=command)
        try:
            self.first_line = self.wait_for("")
            self.port = int(re.search(r"(\d+)$", self.first_line).group(1))
        except BaseException:
            self.stop()
            raise

    def connect(self):
        """A client of it."""
        return connect(self.port)


def run(*arguments, data=b""):
    """Runs a program to its end; gives its exit status, output and standard error."""
    done = subprocess.run(
        [program(arguments[0]), *(str(word) for word in arguments[1:])],
        input=data,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        timeout=PATIENCE,
        check=False,
    )
    return done.returncode, text_of(done.stdout), text_of(done.stderr)


def text_of(data):
    """What was printed; Windows programs end their lines in their own way."""
    return data.decode().replace("\r\n", "\n") if WINE else data.decode()


def connect(port, host="127.0.0.1"):
    return socket.create_connection((host, port), timeout=PATIENCE)


def listen(port=0):
    """A listening socket, whose port is free until now unless it is given."""
    server = socket.create_server(("127.0.0.1", port))
    server.settimeout(PATIENCE)
    return server


def free_port():
    """A port where nobody listens, and that nobody is given while it is looked for."""
    with listen() as server:
        return server.getsockname()[1]


def receive_exactly(connection, size):
    data = bytearray()
    while len(data) < size:
        piece = connection.recv(min(65536, size - len(data)))
        if not piece:
            raise AssertionError(f"ended after {len(data)} of {size} bytes")
        data += piece
    return bytes(data)


def reset(connection):
    """Vanishes: a reset instead of a farewell."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class Serving:
    """Serves clients in a thread while the test goes on, with handle(connection), one after another.

    with Serving(handle) as server: ... server.port ...
    """

    def __init__(self, handle, clients=1):
        self._socket = listen()
        self.port = self._socket.getsockname()[1]
        self.addresses = []
        self._failure = None
        self._thread = threading.Thread(target=self._serve, args=(handle, clients), daemon=True)

    def _serve(self, handle, clients):
        try:
            for _ in range(clients):
                connection, address = self._socket.accept()
                connection.settimeout(PATIENCE)
                self.addresses.append(address)
                with connection:
                    handle(connection)
        except Exception as failure:  # shown by the test, not by the thread
            self._failure = failure

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            self._thread.join(PATIENCE)
        self._socket.close()
        if kind is None and self._failure:
            raise self._failure
