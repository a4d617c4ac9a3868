#!/usr/bin/env python3
"""Plays the conversations of the examples and draws each one's sequence diagram, docs/pictures/*/sequence_<name>.svg.

    record.py <folder of the programs> [conversation...]        such as build/dev/examples
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "tests", "interop")]

import labels  # noqa: E402
import sequence  # noqa: E402
from harness import Program, Server, listen  # noqa: E402

PICTURES = os.path.join(HERE, "..", "pictures", "es")
RUNS = 30  # of a conversation, at most, until there is one in which whoever could wait did

WAITS = " ... "  # what the line has of a primitive that begins to wait
END = None  # of all that is typed


@dataclass
class Conversation:
    """A server, a client, and what is typed into the client: each only when one side's trace has come to a line
    with this text, counted from the last one that was waited for. So the same happens in every run."""

    name: str
    server: str
    client: str
    port: int  # the document's
    typed: tuple = ()  # (side, text of the line, what is typed then)
    options: tuple = ()  # the server's
    words: tuple = ()  # the client's

    @property
    def title(self):
        return f"{self.client} · {self.server}"

    @property
    def picture(self):
        return os.path.join(PICTURES, f"sequence_{self.name}.svg")


CONVERSATIONS = [
    Conversation("echo", "echo_server", "echo_client", 65432),
    Conversation(
        "messages",
        "message_server",
        "message_client",
        6975,
        (("server", "recv(1024)" + WAITS, "hola\n"), ("server", "recv(1024)" + WAITS, END)),
        ("--auto",),
    ),
    Conversation("eco", "eco_server", "eco_client", 4000, words=("Este mensaje tiene cuarenta bytes justos",)),
    Conversation(
        "stream",
        "stream_echo_server",
        "stream_echo_client",
        1337,
        (("server", "recv(65536)" + WAITS, "Hola que tal\n"), ("server", "recv(65536)" + WAITS, END)),
    ),
    Conversation(
        "calculator",
        "calculator_server",
        "calculator_client",
        51216,
        (
            ("server", "recv(4096)" + WAITS, "3\n"),
            ("server", "recv(4096)" + WAITS, "4\n"),
            ("server", "recv(4096)" + WAITS, "+\n"),
            ("server", "recv(4096)" + WAITS, END),
        ),
    ),
]


@dataclass
class Alone:
    """A program that is both sides. Its port, which the system lends, is the picture's."""

    name: str
    source: str
    port: int = 8000

    @property
    def title(self):
        return os.path.basename(self.source)

    @property
    def picture(self):
        return os.path.join(PICTURES, f"sequence_{self.name}.svg")

    def play(self):
        root = os.path.join(HERE, "..", "..")
        compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))))
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "program")
            subprocess.run([compiler, "-std=c++17", "-I", os.path.join(root, "include"), "-include",
                            os.path.join(HERE, "trace_from_start.hpp"), os.path.join(root, self.source), "-o", program,
                            "-pthread"], check=True)
            trace = subprocess.run([program], check=True, capture_output=True, text=True, timeout=60).stderr.splitlines()
        return sequence.follow(trace, trace, port=self.port)


ALONE = [Alone("ten_lines", "docs/snippets/ten_lines.cpp"), Alone("pieces", "docs/snippets/pieces.cpp")]


class Traced:
    """A program of a conversation and, in its standard error output, its trace."""

    def __init__(self, program):
        self.program = program
        self.lines = program.errors
        self.seen = 0

    def comes_to(self, text):
        """Waits for a line with this text, after the last one that was waited for; False: the program ends without."""

        def find():
            return next((at for at in range(self.seen, len(self.lines)) if text in self.lines[at]), None)

        self.program.wait_until(lambda: find() is not None or not self.program.runs())
        if not self.program.runs():
            self.program.wait()  # and for its last lines
        at = find()
        if at is not None:
            self.seen = at + 1
        return at is not None


def play(conversation, folder, port=0):
    """Plays it; gives the steps of both sides, as far as it went if something never came."""
    return sequence.follow(*traces(conversation, folder, port), port=conversation.port)


def traces(conversation, folder, port=0, server=Server, program=Program):
    """Plays it; gives both sides' traces."""
    words = [os.path.join(folder, conversation.server), "localhost", port, "--trace", *conversation.options]
    with server(command=words) as serving:
        words = [os.path.join(folder, conversation.client), "localhost", serving.port, *conversation.words, "--trace"]
        sides = {"server": Traced(serving)}
        sides["server"].comes_to(WAITS)
        with program(command=words) as client:
            sides["client"] = Traced(client)
            try:
                talk(conversation, sides)
            except (AssertionError, OSError, subprocess.TimeoutExpired):  # what did come tells more
                pass
            return [list(sides[side].lines) for side in sequence.SIDES]


def talk(conversation, sides):
    client = sides["client"].program
    for side, text, typed in conversation.typed:
        if not sides[side].comes_to(text):
            return
        if typed is END:
            client.process.stdin.close()
        else:
            client.write(typed)
    client.wait()
    server = sides["server"]
    accepted = server.program.wait_for("accept() = [", server.lines)
    server.comes_to(re.search(r"= (\[\d+\])", accepted)[1] + " close()")


def whole(steps):
    """Whether both sides have come to their close."""
    return sum(step.name == "close" for step in steps) == 2


def missed_waits(steps):
    """How many primitives found at once what the other side had sent, so that the picture shows no waiting there."""
    pairs = zip(steps, steps[1:])
    return sum(
        step.name in ("accept", "recv") and not step.waits and not (before.name == "select" and before.waits)
        for before, step in pairs
    )


def record(conversation, folder):
    """The steps of the run that shows most: who waits is the machine's affair."""
    best = None
    for _ in range(RUNS):
        steps = play(conversation, folder, free(conversation.port))
        if not whole(steps):
            sys.exit(f"record.py: {conversation.name} did not come to its end")
        if best is None or missed_waits(steps) < missed_waits(best):
            best = steps
        if missed_waits(best) == 0:
            break
    return best


def free(port):
    """The port, or 0 if somebody has it."""
    try:
        listen(port).close()
        return port
    except OSError:
        return 0


def main():
    names = [conversation.name for conversation in CONVERSATIONS + ALONE]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", help="where the programs are")
    parser.add_argument("conversation", nargs="*", help=f"of {', '.join(names)}; all of them unless told otherwise")
    arguments = parser.parse_args()
    unknown = set(arguments.conversation) - set(names)
    if unknown:
        parser.error(f"no conversation: {', '.join(sorted(unknown))}")
    os.makedirs(PICTURES, exist_ok=True)
    for conversation in CONVERSATIONS + ALONE:
        if arguments.conversation and conversation.name not in arguments.conversation:
            continue
        steps = conversation.play() if conversation in ALONE else record(conversation, arguments.folder)
        with open(conversation.picture, "w", encoding="utf-8", newline="\n") as file:
            file.write(sequence.draw(conversation.title, steps))
        print(os.path.relpath(conversation.picture))
    labels.main()


if __name__ == "__main__":
    main()
