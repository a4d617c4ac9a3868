"""The traces that README and the guide show: each is what the program really writes, but for times and lent ports."""

import os
import re
import unittest

from harness import PATIENCE, Program, Server

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
BLOCK = re.compile(r"^```\n((?:[ \d]{0,3}\d\.\d{6} .*\n)+)```", re.M)
LONG = "Este mensaje tiene más de 19 bytes"


def alike(line):
    """The line as it is in every run; a handle's number, a queue's length and a lent port are the system's affair."""
    line = re.sub(r"^[ \d.]+", "", line)
    line = re.sub(r"(?<=^getaddrinfo).*", "", line)  # a name may have more addresses
    line = re.sub(r"(127\.0\.0\.1:|localhost, )\d+", r"\1#", line)
    return re.sub(r"\[\d+\]", "[#]", re.sub(r"listen\(\d+\)", "listen(#)", line))


def shown(path):
    """The traces of a page; who waits is the machine's affair."""
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return [[alike(line) for line in block.splitlines() if " ... " not in line] for block in BLOCK.findall(file.read())]


def really(server, client, typed=None, of_server=False, arguments=()):
    """What one of the two writes with --trace."""
    told = ["--trace"] if of_server else []
    with Server(server, "localhost", 0, *told) as served:
        told = [] if of_server else ["--trace"]
        with Program(client, "localhost", served.port, *arguments, *told) as program:
            if typed is not None:
                program.write(typed)
                program.process.stdin.close()
            program.process.wait(PATIENCE)
            program.wait()
            lines = list(program.errors)
        if of_server:
            served.wait_for("close()", served.errors)
            lines = list(served.errors)
    return [alike(line) for line in lines if " ... " not in line]


def holds(block, lines):
    """Whether the block's lines stand among the others, one behind the other."""
    return any(lines[at:at + len(block)] == block for at in range(len(lines)))


class Traces(unittest.TestCase):
    def check(self, pages, lines):
        for page in pages:
            with self.subTest(page=page):
                blocks = shown(page)
                self.assertEqual(len(blocks), 1)
                self.assertTrue(holds(blocks[0], lines), "\n".join([*blocks[0], "is not in", *lines]))

    def guide(self, name):
        return [f"docs/guide/{language}/{name}.md" for language in ("es", "en")]

    def test_of_the_readme(self):
        self.check(["README.md", "README.es.md"], really("hola_server", "hola_client"))

    def test_of_the_primitives(self):
        self.check(self.guide("primitives"), really("echo_server", "echo_client", arguments=["ñandú"]))

    def test_of_the_echo(self):
        self.check(self.guide("echo"), really("echo_server", "echo_client", of_server=True))

    def test_of_the_eco(self):
        self.check(self.guide("eco"), really("eco_server", "eco_client", arguments=[LONG]))

    def test_of_the_stream(self):
        self.check(self.guide("stream_echo"), really("stream_echo_server", "stream_echo_client", typed="Hola que tal\n"))


if __name__ == "__main__":
    unittest.main()
