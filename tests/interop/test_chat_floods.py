"""The chat when somebody floods it: by reading nothing, by saying much at once, and when there is no memory left."""

import os
import signal
import socket
import threading
import unittest

from harness import PATIENCE, reset
from test_chat import LINUX, SANITIZED, Chat, Guest, Reading, memory

BUDGET = 32 * 1024  # KiB, kept for all clients together
GONE = "<Servidor>: Ana se ha desconectado"
AT_ONCE = 1365  # messages like :i that one recv gives


class Deaf(Guest):
    """A client that never reads; the systems keep little for it."""

    def __init__(self, port, name):
        self.socket = socket.socket()
        self.socket.settimeout(PATIENCE)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.connect(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.unread = b""
        self.greeting = self.read()
        self.say(name)
        assert self.read() == "no", name


class Hearing(threading.Thread):
    """Reads for a guest meanwhile, until Ana has gone."""

    def __init__(self, guest):
        super().__init__(daemon=True)
        self.lines = []
        self._guest = guest
        self.start()

    def run(self):
        line = self._guest.read()
        while line:
            self.lines.append(line)
            line = line != GONE and self._guest.read()

    def all(self):
        self.join(2 * PATIENCE)
        return self.lines


class Floods(Chat):
    def deaf(self, count):
        guests = [Deaf(self.port, f"Sordo {i}") for i in range(count)]
        for guest in guests:
            self.addCleanup(guest.close)
        return guests

    def dropped(self):
        return [line for line in self.server.output if line.endswith("desconectado: no lee lo que se le envía")]

    def talk_until_dropped(self, talker, count):
        """How many lines it takes until so many have been dropped."""
        said = 0
        while len(self.dropped()) < count:
            self.assertLess(said, 10_000, f"only {len(self.dropped())} were dropped")
            self.assertTrue(self.server.runs(), self.server.errors)
            talker.send((b"x" * 4000 + b"\n") * 20)
            said += 20
        return said

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_all_who_never_read_have_one_budget_and_the_largest_queue_goes_first(self):
        self.deaf(100)
        ana, luis = self.guests("Ana", "Luis")
        hearing = Hearing(luis)
        before = memory(self.server)
        for _ in range(50):  # 200 KB more than anybody else has; a queue of its own may have a megabyte
            ana.say(":p-Sordo 70-" + "y" * 4000)
        said = self.talk_until_dropped(ana, 60)
        ana.say(":q")
        heard = hearing.all()
        self.assertIn("<Sordo 70,", self.dropped()[0])
        self.assertEqual(sum(len(text) == len("<Ana>: ") + 4000 for text in heard), said)
        gone = [text for text in heard if text.startswith("<Servidor>: Sordo")]
        self.assertGreaterEqual(len(gone), 60)
        self.assertEqual(len(gone), len(set(gone)))
        # Each string may have twice the room that it needs. A hundred queues of a megabyte would be 100 MiB.
        self.check_memory(before, 2 * BUDGET + 16384)

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_what_was_kept_for_somebody_is_given_back_once_it_is_read(self):
        slow = self.deaf(50)
        ana = self.guest("Ana")
        before = memory(self.server)
        said = 0
        while memory(self.server)[0] < before[0] + 12 * 1024:  # of the 32 MiB that are for them
            self.assertLess(said, 10_000)
            ana.send((b"x" * 4000 + b"\n") * 20)
            said += 20
            self.check_has_heard_nothing(ana)  # and so the server has heard all of it
        for guest in slow:
            guest.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 262144)
        ana.say(":q")
        for hearing in [Hearing(guest) for guest in slow]:
            self.assertEqual(sum(len(line) == len("<Ana>: ") + 4000 for line in hearing.all()), said)
        self.assertEqual(self.dropped(), [])
        after = memory(self.server)
        print(f"\n{self._testMethodName}: resident {before[0]} KiB before, {after[0]} after, {after[1]} at most")
        if not SANITIZED:
            self.assertLess(after[0] - before[0], 4096)

    @unittest.skipUnless(LINUX and not SANITIZED, "limits memory with prlimit; sanitizers need much of it")
    def test_when_memory_runs_out_who_does_not_read_pays_for_it(self):
        import resource

        self.deaf(60)
        ana, luis, nameless = *self.guests("Ana", "Luis"), self.guest()
        with open(f"/proc/{self.server.process.pid}/status", encoding="ascii") as status:
            size = next(int(line.split()[1]) for line in status if line.startswith("VmSize"))
        limit = (size + 12 * 1024) * 1024
        resource.prlimit(self.server.process.pid, resource.RLIMIT_AS, (limit, limit))
        hearing = Hearing(luis)
        # The budget allows them three times as much: nobody would be dropped but for the limit.
        said = self.talk_until_dropped(ana, 20)
        nameless.say("Eva")
        while nameless.read() != "no":
            pass
        leo = self.guest("Leo")
        leo.say(":p-Ana-sigues aquí?")
        while ana.read() != "<Mensaje privado de: Leo>: sigues aquí?":
            pass
        ana.say(":q")
        heard = hearing.all()
        self.assertEqual(sum(len(text) == len("<Ana>: ") + 4000 for text in heard), said)
        self.assertTrue({f"<Servidor>: {name} se ha conectado" for name in ("Eva", "Leo")} <= set(heard))

    @unittest.skipUnless(os.name == "posix", "stops the server for a moment")
    def test_others_are_served_between_the_messages_that_somebody_sends_at_once(self):
        ana, luis = self.guests("Ana", "Luis")
        os.kill(self.server.process.pid, signal.SIGSTOP)
        ana.send(b":i\n" * AT_ONCE)
        luis.send(b":add\nhola\n")
        os.kill(self.server.process.pid, signal.SIGCONT)
        self.assertEqual(luis.read(), f"Tu identificador es 127.0.0.1:{luis.port}")
        answers, before_luis = 0, None
        while answers < AT_ONCE or before_luis is None:
            line = ana.read()
            answers += line == "<Servidor>:"
            if line == "<Luis>: hola":
                before_luis = answers
        self.assertLess(before_luis, 50)

    def test_what_waits_for_its_turn_is_heard_though_nobody_sends_any_more(self):
        ana, luis = self.guests("Ana", "Luis")
        for count in (7, 8, 9, 16, 1000):
            luis.send(b"".join(b"%d\n" % i for i in range(count)))
            self.assertEqual([ana.read() for _ in range(count)], [f"<Luis>: {i}" for i in range(count)])
        luis.send(b"1\n" * 1000)
        luis.socket.shutdown(socket.SHUT_WR)  # the end comes after all that was said
        self.assertEqual([ana.read() for _ in range(1000)], ["<Luis>: 1"] * 1000)
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")

    @unittest.skipUnless(LINUX, "measures memory and processor time with Linux' /proc")
    def test_a_thousand_questions_fill_no_memory_and_then_the_server_rests(self):
        crowd = self.guests(*(f"{i:0>32}" for i in range(40)))
        before = memory(self.server)
        readings = Reading(crowd, 500 * 42)
        for guest in crowd:
            guest.send(b":i\n" * 500)
        for lines in readings.lines().values():
            self.assertEqual(len(lines), 500 * 42)  # two lines before the names
        self.check_memory(before, 8192)
        crowd[0].say(":add")
        crowd[0].read()
        self.server.wait_until(lambda: self.sleeps())

    @unittest.skipUnless(LINUX, "measures memory with Linux' /proc")
    def test_while_messages_wait_for_their_turn_nothing_more_is_received(self):
        ana, luis = self.guests("Ana", "Luis")
        before = memory(self.server)
        luis.send(b"\n" * 2_000_000)
        for _ in range(1000):  # turns, in each of which it could receive 4096 bytes
            self.check_has_heard_nothing(ana)
        self.check_memory(before, 512)
        reset(luis.socket)
        self.assertEqual(ana.read(), "<Servidor>: Luis se ha desconectado")

    def sleeps(self):
        with open(f"/proc/{self.server.process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "S"


if __name__ == "__main__":
    unittest.main()
