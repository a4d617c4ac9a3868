"""The sequence diagrams in docs/pictures: every conversation again, and whether its picture shows what happens."""

import glob
import itertools
import os
import sys
import unittest

from harness import BIN

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
sys.path.insert(0, os.path.join(ROOT, "docs", "tools"))

import record  # noqa: E402
import sequence  # noqa: E402


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return file.read()


def differences(drawn, now):
    """The first one of each side, in words."""
    found = []
    for side in sequence.SIDES:
        both = (sequence.primitives(steps, side) for steps in (drawn, now))
        for number, (before, after) in enumerate(itertools.zip_longest(*both, fillvalue="nothing"), 1):
            if before != after:
                found.append(f"the {side}'s primitive {number} is drawn as {before}, but now there is {after}")
                break
    return found


class Pictures(unittest.TestCase):
    def test_show_what_happens(self):
        for conversation in record.CONVERSATIONS:
            with self.subTest(conversation=conversation.name):
                try:
                    now = record.play(conversation, BIN)
                except (AssertionError, ValueError) as error:
                    raise AssertionError(f"{conversation.name} could not be played: {error}") from None
                different = differences(sequence.steps_of(read(conversation.picture)), now)
                if different:
                    self.fail("\n  ".join([
                        f"{os.path.basename(conversation.picture)} is not what happens in {conversation.name}:",
                        *different,
                        "docs/tools/record.py draws it again.",
                    ]))

    def test_of_one_program_show_what_happens(self):
        for program in record.ALONE:
            with self.subTest(program=program.name):
                self.assertEqual(differences(sequence.steps_of(read(program.picture)), program.play()), [])

    def test_are_drawn_from_what_they_list(self):
        for conversation in record.CONVERSATIONS + record.ALONE:
            with self.subTest(conversation=conversation.name):
                picture = read(conversation.picture)
                self.assertEqual(sequence.title_of(picture), conversation.title)
                try:
                    again = sequence.draw(conversation.title, sequence.steps_of(picture))
                except ValueError as error:
                    again = str(error)
                if again != picture:
                    name = os.path.basename(conversation.picture)
                    self.fail(f"{name} has been edited, or sequence.py draws otherwise")

    def test_belong_to_a_conversation_each(self):
        there = glob.glob(os.path.join(record.PICTURES, "sequence_*.svg"))
        self.assertEqual(sorted(there), sorted(conversation.picture for conversation in record.CONVERSATIONS + record.ALONE))


# What one program wrote, by hand: line by line what the tool must understand.

SERVER = """\
 0.000001 getaddrinfo(localhost, 0) = 127.0.0.1:0
 0.000002 socket(ipv4, stream) = [4]
 0.000003 [4] bind(127.0.0.1:0) = 127.0.0.1:7777
 0.000004 [4] listen(128)
 0.000005 [4] accept() ... esperando
 0.000006 [4] accept() = [5] 127.0.0.1:1111
 0.000007 [5] recv(9) = 3: "you"
 0.000008 [4] accept() ... esperando
 0.000009 [4] accept() = [6] 127.0.0.1:2222
 0.000010 #2 [6] recv(4) ... esperando
 0.000011 [4] accept() ... esperando
 0.000012 #2 [6] recv(4) = 4: "\\xc3\\xad, \\""
"""
CLIENT = """\
 0.000001 getaddrinfo(localhost, 7777) = [::1]:7777, 127.0.0.1:7777
 0.000002 socket(ipv6, stream) = [3]
 0.000003 [3] connect([::1]:7777): Connection refused
 0.000004 [3] close()
 0.000005 socket(ipv4, stream) = [3]
 0.000006 [3] connect(127.0.0.1:7777) = 127.0.0.1:2222
"""


class Tool(unittest.TestCase):
    def follow(self, server, client):
        return sequence.follow((SERVER + server).splitlines(True), (CLIENT + client).splitlines(True), 80)

    def shown(self, server, client):
        steps = self.follow(server, client)
        return [f"{step.side} {'waits ' if step.waits else ''}{step.call}{step.outcome}" for step in steps]

    def test_follows_one_connection(self):
        self.assertEqual(
            self.shown(
                " 9.0 #2 [6] close()\n 9.1 [5] close()\n 9.2 #2 [6] close()\n",
                ' 9.0 [3] send(4: "\\xc3\\xad, \\"") = 4\n 9.1 [4] recv(1) = 1: "x"\n 9.2 [3] recv(1) = 0 (end)\n',
            ),
            [
                "server getaddrinfo(localhost, 80) = 127.0.0.1:80",
                "server socket(ipv4, stream)",
                "server bind(127.0.0.1:80)",
                "server listen(128)",
                "server waits accept() = 127.0.0.1:2222",
                'server waits recv(4) = 4: "í, \\""',
                "server close()",
                "client getaddrinfo(localhost, 80) = [::1]:80, 127.0.0.1:80",
                "client socket(ipv4, stream)",
                "client connect(127.0.0.1:80) = 127.0.0.1:2222",
                'client send(4: "í, \\"") = 4',
                "client recv(1) = 0 (end)",
            ],
        )

    def test_knows_what_came_before_what(self):
        # Four bytes in two sends; later two sends in one recv.
        steps = self.follow(
            ' 9.0 [6] send(2: "ab") = 2\n 9.1 [6] send(2: "cd") = 2\n 9.2 [6] close()\n',
            ' 9.0 [3] send(1: "x") = 1\n 9.1 [3] send(3: "yzw") = 3\n 9.2 [3] recv(3) = 3: "abc"\n'
            ' 9.3 [3] recv(3) = 1: "d"\n 9.4 [3] recv(3) = 0 (end)\n',
        )
        server = [step for step in steps if step.side == "server"]
        client = [step for step in steps if step.side == "client"]
        self.assertEqual(sequence.causes(server, client), [None] * 4 + [2, 4, None, None, None])
        self.assertEqual(sequence.causes(client, server), [None] * 5 + [7, 7, 8])

    def test_nothing_returns_before_what_it_needs_has_arrived(self):
        for conversation in record.CONVERSATIONS:
            layout = sequence.Layout(sequence.steps_of(read(conversation.picture)))
            for name, side in layout.sides.items():
                other = layout.sides[sequence.OTHER[name]]
                for place, cause in zip(side.places, side.causes):
                    if cause is not None:
                        self.assertLessEqual(other.arrives[cause], place.end, conversation.name)
                for before, place in zip(side.places, side.places[1:]):
                    self.assertLess(before.bottom, place.begin, conversation.name)

    def test_refuses_what_it_does_not_understand(self):
        for server, client, complaint in (
            ("words\n", "", "not a line of a trace: words"),
            ("", ' 9.0 [3] recv(1) = 1: "x"\n', "nothing in the other trace explains"),
        ):
            with self.subTest(complaint), self.assertRaisesRegex(ValueError, complaint):
                sequence.draw("", self.follow(server, client))
        with self.assertRaisesRegex(ValueError, "has no connect"):
            sequence.follow(SERVER.splitlines(), CLIENT.replace("2222", "3333").splitlines())

    def test_lines_that_were_cut_for_their_length_count_all_the_same(self):
        lines = [' 0.1 #2 [6] send(40: "\\x01\\x01\\x01\\x01\\x01"...) =...', ' 0.2 [6] recv(99) = 41: "abcd...']
        sent, received = (sequence.shown("server", line, False, str) for line in sequence.read_trace(lines))
        self.assertEqual((sent.name, sent.count), ("send", 40))
        self.assertEqual((received.name, received.count), ("recv", 41))


if __name__ == "__main__":
    unittest.main()
