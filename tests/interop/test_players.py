"""The lessons' player: every recorded conversation again, what each side did and on which line; and what a recording means."""

import os
import re
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "docs" / "tools"))

import player  # noqa: E402
from harness import BIN  # noqa: E402


def done(steps, side):
    """What is the same in every run; who waits, and how often select looks, is the machine's affair."""
    steps = [player.Step(step.side, step.kind, step.line, re.sub(r"Date: \w+", "Date: #", re.sub(r"(?s)Ida y vuelta.*", "", step.text)))
             for step in steps]
    facts = [(step.kind, step.line, re.sub(r"(127\.0\.0\.1[:,] ?|[ <](?:Luciano|Samuel),)\d+", r"\1#", step.text).strip())
             for step in steps if step.side == side and step.kind != "wait" and not step.text.startswith("select")]
    return sorted(facts)


class Recordings(unittest.TestCase):
    @unittest.skipUnless(os.environ.get("SOCKETS_RECORDABLE"), "the recorded lines are those of g++ -O0 -g")
    def test_hold_still(self):
        for lesson in player.LESSONS:
            if lesson == "packets" and os.geteuid() != 0:
                continue  # for the administrator
            sources, recorded = player.load(lesson)
            sources_now, now = player.play(lesson, BIN)
            self.assertEqual(sources, sources_now)
            for side, source in enumerate(sources):
                if "packet_viewer" in source:
                    continue  # how many packets confirm others is the system's affair
                with self.subTest(lesson=lesson, source=source):
                    self.assertEqual(done(recorded, side), done(now, side), "docs/tools/player.py records it again")

    def test_lead_to_the_end_in_both_languages(self):
        for lesson in player.LESSONS:
            for language in ("en", "es"):
                with self.subTest(lesson=lesson, language=language):
                    page = player.page(lesson, language)
                    self.assertEqual(page.keys(), {"sides", "words", "steps"})
                    for step in page["steps"]:
                        self.assertTrue(step["says"] and "{" not in step["says"], step)
                        self.assertLessEqual(step.get("line", 1), len(page["sides"][step["side"]]["code"]))
            if lesson == "datagrams":
                continue  # nobody listens, and nobody closes
            world = world_of(player.load(lesson)[1])
            for side, sockets in enumerate(world.sockets):
                left = {socket.state for socket in sockets.values()} - {"closed", "pair", "frames"}
                self.assertEqual(left, set() if side else {"listening"}, lesson)

    def test_the_lines_are_those_that_call(self):
        words = {"send": r"send|write|read|say|flush", "accept": r"accept", "listen": r"listen|server", "shutdown": r"shutdown"}
        for lesson in player.LESSONS:
            sources, steps = player.load(lesson)
            texts = [(ROOT / source).read_text(encoding="utf-8").splitlines() for source in sources]
            for step in steps:
                if step.kind == "call" and (name := player.Call.of(step.text).name) in words:
                    self.assertRegex(texts[step.side][step.line - 1], words[name], f"{lesson}: {step}")


def world_of(steps):
    world = player.World(1 + max(step.side for step in steps))
    for step in steps:
        world.do(step)
    return world


def steps_of(text):
    """Rows like "1 call [3] close()"."""
    return [player.Step(int(side), kind, 1, what) for side, kind, what in (line.split(" ", 2) for line in text.strip().splitlines())]


BEGUN = """\
0 call socket(ipv4, stream) = [3]
0 call [3] bind(127.0.0.1:80) = 127.0.0.1:80
0 call [3] listen(5)
1 call socket(ipv4, stream) = [4]
1 wait [4] connect(127.0.0.1:80)
1 call [4] connect(127.0.0.1:80) = 127.0.0.1:1111
"""
ACCEPTED = BEGUN + "0 call [3] accept() = [6] 127.0.0.1:1111\n"


class World(unittest.TestCase):
    def seen(self, text, side):
        return world_of(steps_of(text)).seen(side)["sockets"]

    def test_a_socket_lives_from_open_to_closed(self):
        states = []
        world = player.World(2)
        for step in steps_of(ACCEPTED + "1 call [4] shutdown(send)\n1 call [4] close()\n"):
            world.do(step)
            states.append([socket.state for socket in world.sockets[step.side].values()])
        self.assertEqual(states, [["open"], ["bound"], ["listening"], ["open"], ["connecting"], ["connected"],
                                  ["listening", "connected"], ["half-closed"], ["closed"]])

    def test_who_is_not_accepted_stands_in_the_queue_and_what_he_says_is_kept(self):
        said = '1 call [4] send(4: "hola") = 4\n'
        self.assertEqual(self.seen(BEGUN + said, 0),
                         [["[3]", "listening", "127.0.0.1:80", ""], ["…", "queue", "127.0.0.1:1111", ""]])
        self.assertEqual(self.seen(BEGUN + said + "0 call [3] accept() = [6] 127.0.0.1:1111\n", 0)[1],
                         ["[6]", "connected", "127.0.0.1:1111", '"hola"'])

    def test_what_is_received_lies_unread_no_more(self):
        sent = ACCEPTED + '1 call [4] send(5: "ho\\n\\xc3\\xb1") = 5\n1 call [4] send(2: "la") = 2\n'
        self.assertEqual(self.seen(sent, 0)[1][3], '"ho\\nñla"')
        self.assertEqual(self.seen(sent + '0 call [6] recv(3) = 3: "ho\\n"\n', 0)[1][3], '"ñla"')

    def test_bytes_that_the_trace_does_not_show_count(self):
        sent = ACCEPTED + '0 call [6] send(40: "Welcome to"...) = 40\n'
        self.assertEqual(self.seen(sent, 1)[0][3], '"Welcome to…"')
        self.assertEqual(self.seen(sent + '1 call [4] recv(40) = 40: "Welcome to"...\n', 1)[0][3], "")

    def test_the_end_comes_after_what_was_sent(self):
        ended = ACCEPTED + '1 call [4] send(1: "x") = 1\n1 call [4] close()\n'
        self.assertEqual(self.seen(ended, 0)[1][3], '"x" fin')
        self.assertEqual(self.seen(ended + '0 call [6] recv(9) = 1: "x"\n0 call [6] recv(9) = 0 (end)\n', 0)[1][3], "")

    def test_a_screen_shows_what_is_printed_and_typed(self):
        world = player.World(2)
        for step in (player.Step(1, "print", 1, "Tu nombre: "), player.Step(1, "type", 0, "Ana\n"), player.Step(1, "print", 2, "Hola\n")):
            world.do(step)
        self.assertEqual(world.seen(1)["screen"], "Tu nombre: Ana\nHola\n")
        self.assertEqual(world.seen(0)["screen"], "")


if __name__ == "__main__":
    unittest.main()
