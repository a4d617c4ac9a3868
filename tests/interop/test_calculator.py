"""Document 004: the calculator's server and client against Python's, both ways; its figures against Python's doubles.

SOCKETS_PAIRS: how many random pairs of operands are calculated with (5,000 unless told otherwise).
"""

import errno
import math
import os
import random
import socket
import struct
import sys
import threading
import time
import unittest

from harness import PATIENCE, Program, Server, Serving, connect, free_port, listen, program, reset, run, system_words

PAIRS = int(os.environ.get("SOCKETS_PAIRS", "5000"))
LONGEST = 8192


def conversation(port, messages):
    """The answers, each waited for before the next message is sent: the client's side, as it is written in Python."""
    answers = []
    with connect(port) as client:
        for message in messages:
            client.sendall(message.encode() + b"\n")
            answers.append(client.recv(1024).decode().removesuffix("\n"))
    return answers


def answers_to(port, data):
    """What comes back for these bytes, sent at once and ended, as lines."""
    with connect(port) as client:
        sending = threading.Thread(target=lambda: (client.sendall(data), client.shutdown(socket.SHUT_WR)), daemon=True)
        sending.start()
        with client.makefile("rb") as received:
            lines = received.read().decode().splitlines()
        sending.join(PATIENCE)
    return lines


def calculate(connection):
    """The server's side as the slide has it: OK, a bare Fallo, or the result."""
    operands = []
    while data := connection.recv(1024):
        message = data.decode().strip()
        try:
            if message in ("+", "-"):
                first, second = operands
                operands = []
                answer = str(first + second if message == "+" else first - second)
            else:
                operands.append(int(message))
                answer = "OK"
        except ValueError:
            answer = "Fallo"
        connection.sendall(answer.encode() + b"\n")


def resident(server):
    """How much of the memory a program has, in KiB."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def processor_seconds(server):
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as stat:
        user, system = stat.read().rpartition(")")[2].split()[11:13]
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


class CalculatorServer(unittest.TestCase):
    def setUp(self):
        self.server = Server("calculator_server", "127.0.0.1", "0")
        self.addCleanup(self.server.stop)

    def answers_to(self, data):
        return answers_to(self.server.port, data)

    def check_serves(self):
        self.assertEqual(self.answers_to(b"3\n4\n+\n"), ["OK", "OK", "7"])
        self.assertTrue(self.server.runs())

    def test_says_where_it_listens(self):
        self.assertEqual(self.server.first_line, f"Escuchando en 127.0.0.1:{self.server.port}")

    def test_answers_each_message(self):
        messages = ["3", "4", "+", "0.1", "0.2", "+", "1", "0", "/", "x", "", "5", "neg", "C", "9", "sqrt", "+"]
        self.assertEqual(
            conversation(self.server.port, messages),
            ["OK", "OK", "7", "OK", "OK", "0.30000000000000004", "OK", "OK", "Fallo división por cero"]
            + ["Fallo no es un número ni un operador", "Fallo mensaje vacío", "Fallo ya hay dos operandos"]
            + ["Fallo sobra un operando", "OK", "OK", "3", "Fallo faltan operandos"],
        )

    def test_takes_both_line_ends(self):
        self.assertEqual(self.answers_to(b"3\r\n4\n*\r\n"), ["OK", "OK", "12"])

    def test_takes_messages_in_pieces(self):
        with self.server.connect() as client, client.makefile("rb") as answers:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"12\r\n-3.5e1\r\n+\r\n":
                client.sendall(bytes([byte]))
            self.assertEqual([answers.readline() for _ in range(3)], [b"OK\n", b"OK\n", b"-23\n"])

    def test_takes_messages_glued_together(self):
        self.assertEqual(self.answers_to(b"1\n2\n+\n" * 2000), ["OK", "OK", "3"] * 2000)

    def test_answers_a_last_message_without_its_end(self):
        self.assertEqual(self.answers_to(b"3\n4\n+"), ["OK", "OK", "7"])
        self.assertEqual(self.answers_to(b"3\n4\n+\r"), ["OK", "OK", "7"])
        self.assertEqual(self.answers_to(b"3\n4"), ["OK", "OK"])

    def test_answers_the_end_with_the_end(self):
        self.assertEqual(self.answers_to(b""), [])

    def test_bytes_that_are_no_text_are_no_number(self):
        refused = "Fallo no es un número ni un operador"
        self.assertEqual(self.answers_to(b"\xff\xfe\n\0\n3\n1\x002\n\x1b[2J\n4\n+\n"),
                         [refused, refused, "OK", refused, refused, "OK", "7"])

    def test_takes_an_operand_as_long_as_a_line_may_be(self):
        self.assertEqual(self.answers_to(b"7".zfill(LONGEST) + b"\r\nneg\n"), ["OK", "-7"])

    def test_refuses_a_longer_line_and_ends(self):
        refused = "Fallo mensaje demasiado largo"
        self.assertEqual(self.answers_to(b"3\n" + b"7".zfill(LONGEST + 1) + b"\n4\n+\n"), ["OK", refused])
        with self.server.connect() as client, client.makefile("rb") as answers:
            client.settimeout(3)  # it waits neither for the line's end nor for the client's
            client.sendall(b"7" * (LONGEST + 1))
            self.assertEqual(answers.read().decode(), refused + "\n")
        self.check_serves()

    @unittest.skipUnless(sys.platform == "linux", "needs /proc")
    def test_a_flood_without_a_line_end_does_not_fill_its_memory(self):
        self.answers_to(b"7" * (LONGEST + 1))
        before = resident(self.server)
        for _ in range(3):
            self.assertEqual(self.answers_to(b"7" * 13_000_000), ["Fallo mensaje demasiado largo"])
        after = resident(self.server)
        print(f"\ncalculator_server, resident: {before} KiB, after three floods of 13 MB: {after} KiB")
        if not os.environ.get("SOCKETS_SANITIZE"):  # which keeps what was freed
            self.assertLess(after - before, 4096)
        self.check_serves()

    def test_a_flood_that_never_ends_is_ended(self):
        with self.server.connect() as client:
            with self.assertRaises(ConnectionError):
                end = time.monotonic() + PATIENCE
                while time.monotonic() < end:
                    client.sendall(b"7" * 1_000_000)
        self.check_serves()

    def test_serves_many_clients_at_once(self):
        clients = [self.server.connect() for _ in range(200)]
        try:
            readers = [client.makefile("rb") for client in clients]
            for second in (False, True):
                for number, client in enumerate(clients):
                    client.sendall(b"1000\n" if second else b"%d\n" % number)
                self.assertEqual({reader.readline() for reader in readers}, {b"OK\n"})
            for client in reversed(clients):
                client.sendall(b"+\n")
            for number, reader in enumerate(readers):
                self.assertEqual(reader.readline(), b"%d\n" % (1000 + number))
                reader.close()
        finally:
            for client in clients:
                client.close()

    def test_a_client_that_vanishes_ends_nobody_else(self):
        with self.server.connect() as other:
            other.sendall(b"3\n4\n")
            for _ in range(20):
                client = self.server.connect()
                client.sendall(b"1\n" * 5000)  # so that answers are on their way back
                client.recv(1)
                reset(client)
            other.sendall(b"+\n")
            other.shutdown(socket.SHUT_WR)
            with other.makefile("rb") as answers:
                self.assertEqual(answers.read(), b"OK\nOK\n7\n")
        self.check_serves()

    @unittest.skipUnless(sys.platform == "linux", "needs prlimit")
    def test_out_of_handles_it_goes_on_and_does_not_spin(self):
        import resource

        with open(program("calculator_server"), "rb") as file:
            if b"__ubsan" in file.read():
                self.skipTest("the sanitizer itself needs handles, and mistakes their lack for a fault")
        resource.prlimit(self.server.process.pid, resource.RLIMIT_NOFILE, (16, 16))
        clients = [self.server.connect() for _ in range(40)]
        try:
            self.server.wait_for("accept", self.server.errors)
            before, start = processor_seconds(self.server), time.monotonic()
            tries = len(self.server.errors)
            self.server.wait_until(lambda: len(self.server.errors) >= tries + 10)
            self.assertGreater(time.monotonic() - start, 0.5)  # a pause between the tries: it does not spin
            self.assertLess(processor_seconds(self.server) - before, 0.3)
        finally:
            for client in clients:
                client.close()
        self.check_serves()

    def test_a_taken_port_is_one_clear_line(self):
        status, output, errors = run("calculator_server", "127.0.0.1", self.server.port)
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(f"127.0.0.1:{self.server.port}: {system_words(errno.EADDRINUSE)}", errors)


class CalculatorClient(unittest.TestCase):
    def test_talks_with_a_server_in_python(self):
        with Serving(calculate) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\n4\n+\n9\n2\n-\n")
        self.assertEqual((status, output, errors), (0, "OK\nOK\n7\nOK\nOK\n7\n", ""))

    def test_accepts_a_bare_fallo(self):
        with Serving(calculate) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\nx\n+\n4\n+\n")
        self.assertEqual((status, output, errors), (0, "OK\nFallo\nFallo\nOK\n7\n", ""))

    def test_shows_an_answer_that_comes_in_pieces(self):
        def slowly(connection):
            while connection.recv(1024):
                for byte in b"Fallo raz\xc3\xb3n\r\n":
                    connection.sendall(bytes([byte]))

        with Serving(slowly) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"1\n2\n")
        self.assertEqual((status, output, errors), (0, "Fallo razón\nFallo razón\n", ""))

    def test_sends_one_message_at_a_time(self):
        received = []

        def listening(connection):
            while data := connection.recv(1024):
                received.append(data)
                connection.sendall(b"OK\n")

        with Serving(listening) as server:
            run("calculator_client", "127.0.0.1", server.port, data=b"1\r\n\n2.5\nsqrt")
        self.assertEqual(received, [b"1\n", b"\n", b"2.5\n", b"sqrt\n"])

    def test_leaves_at_the_end_of_input(self):
        ended = []
        with Serving(lambda connection: ended.append(connection.recv(1))) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port)
        self.assertEqual((status, output, errors, ended), (0, "", "", [b""]))

    def test_leaves_when_told(self):
        with Serving(calculate) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\n:q\n4\n")
        self.assertEqual((status, output, errors), (0, "OK\n", ""))

    def test_answers_at_once(self):
        with Serving(calculate) as server, Program("calculator_client", "127.0.0.1", server.port) as client:
            for message, answer in (("3", "OK"), ("4", "OK"), ("+", "7")):
                client.write(message + "\n")
                client.wait_until(lambda: client.output and client.output[-1] == answer)
                client.output.clear()
            client.write(":q\n")
            self.assertEqual(client.wait(), 0)

    @unittest.skipUnless(os.name == "posix", "needs a terminal to pretend with")
    def test_has_a_prompt_at_a_terminal_and_none_in_a_pipe(self):
        import pty
        import subprocess

        with Serving(calculate) as server:
            here, there = pty.openpty()
            command = [program("calculator_client"), "127.0.0.1", str(server.port)]
            with subprocess.Popen(command, stdin=there, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as client:
                os.write(here, b"3\n4\n+\n:q\n")
                output, errors = client.communicate(timeout=PATIENCE)
            os.close(here)
            os.close(there)
        self.assertEqual((client.returncode, errors), (0, b""))
        help_text, *rest = output.decode().split("> ")
        self.assertIn("operandos", help_text)
        self.assertEqual(rest, ["OK\n", "OK\n", "7\n", ""])

    def test_no_server_is_one_clear_line(self):
        port = free_port()
        status, output, errors = run("calculator_client", "127.0.0.1", port, data=b"3\n")
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(
            errors, f"connect to 127.0.0.1:{port}: {system_words(errno.ECONNREFUSED)} (is a server listening there?)\n"
        )

    def test_a_server_that_ends_is_one_clear_line(self):
        def once(connection):
            connection.recv(1024)
            connection.sendall(b"OK\n")
            connection.shutdown(socket.SHUT_WR)
            while connection.recv(1024):
                pass

        with Serving(once) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\n4\n+\n")
        self.assertEqual((status, output, errors), (1, "OK\n", "El servidor ha terminado\n"))

    def test_a_server_that_vanishes_is_one_clear_line(self):
        def vanish(connection):
            connection.recv(1024)
            reset(connection)

        with Serving(vanish) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\n4\n+\n")
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors.count("\n"), 1)
        self.assertIn(system_words(errno.ECONNRESET), errors)

    def test_an_answer_without_an_end_does_not_fill_its_memory(self):
        def flood(connection):
            connection.recv(1024)
            try:
                for _ in range(1000):
                    connection.sendall(b"7" * 13_000)
            except OSError:
                pass  # the client has hung up

        with Serving(flood) as server:
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"3\n4\n")
        self.assertEqual((status, output), (1, ""))
        self.assertEqual(errors.count("\n"), 1)


class Both(unittest.TestCase):
    def test_talk_with_each_other(self):
        with Server("calculator_server", "127.0.0.1", "0") as server:
            for data in (b"3\n4\n+\n", b"3\r\n4\r\n+\r\n", b"3\n4\n+"):
                status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=data)
                self.assertEqual((status, output, errors), (0, "OK\nOK\n7\n", ""))
            status, output, _ = run("calculator_client", "127.0.0.1", server.port, data=b"7" * 13_000_000)
            self.assertEqual((status, output), (0, "Fallo mensaje demasiado largo\n"))
            status, output, errors = run("calculator_client", "127.0.0.1", server.port, data=b"7" * 9000 + b"\n4\n")
            self.assertEqual((status, output, errors.count("\n")), (1, "Fallo mensaje demasiado largo\n", 1))

    def test_wrong_arguments_are_answered_with_the_usage(self):
        for name in ("calculator_server", "calculator_client"):
            for wrong in (("127.0.0.1", "port"), ("127.0.0.1", "65536"), ("127.0.0.1", "80", "more"), ("--nothing",)):
                status, output, errors = run(name, *wrong)
                self.assertEqual((name, wrong, status, output), (name, wrong, 2, ""))
                self.assertIn(f"{name} [host = localhost] [puerto = 51216]", errors)

    def test_help_tells(self):
        for name in ("calculator_server", "calculator_client"):
            status, output, errors = run(name, "--help")
            self.assertEqual((status, errors), (0, ""))
            self.assertIn(f"{name} [host = localhost] [puerto = 51216]", output)

    def test_have_the_port_of_the_document(self):
        # Without a word about it they meet on 51216: whoever has that port is talked to.
        try:
            taken = listen(51216)
        except OSError:
            self.skipTest("somebody has port 51216")
        with taken:
            status, _, errors = run("calculator_server")
            self.assertEqual(status, 1)
            self.assertIn(":51216", errors)
            with Program("calculator_client") as client:
                client.write("3\n")
                connection, _ = taken.accept()
                with connection:
                    self.assertEqual(connection.recv(1024), b"3\n")


def bits(value):
    return struct.unpack("<q", struct.pack("<d", value))[0]


def apart(a, b):
    """How many doubles one is from the other."""
    a, b = (bits(value) if bits(value) >= 0 else -(bits(value) & (2**63 - 1)) for value in (a, b))
    return abs(a - b)


def python_says(operator, a, b):
    """The same in Python: a double, or the reason why there is none."""
    try:
        if operator == "^":
            result = math.pow(a, b)
        elif operator == "/":
            result = a / b
        else:
            result = {"+": a + b, "-": a - b, "*": a * b}[operator]
    except OverflowError:
        return "Fallo desbordamiento"
    except ZeroDivisionError:
        return "Fallo división por cero"
    except ValueError:  # math.pow: not real, or 0 to a negative power
        return "Fallo división por cero" if a == 0 else "Fallo la potencia no es real"
    return "Fallo desbordamiento" if math.isinf(result) else result


class Figures(unittest.TestCase):
    """Every result against Python's, which calculates with the same doubles."""

    def setUp(self):
        self.random = random.Random(51216)

    def any_double(self):
        """Of any magnitude."""
        while True:
            value = struct.unpack("<d", struct.pack("<Q", self.random.getrandbits(64)))[0]
            if math.isfinite(value):
                return value

    def usual_double(self):
        """As people type them."""
        return round(self.random.uniform(-1000, 1000), self.random.randrange(6))

    def pairs(self, count):
        return [
            (self.any_double(), self.any_double()) if number % 2 else (self.usual_double(), self.usual_double())
            for number in range(count)
        ]

    def test_agree_with_python(self):
        different = dict.fromkeys(("+", "-", "*", "/", "sqrt", "^", "Fallo", "text"), 0)
        failures, farthest, results, examples = 0, 0, 0, []
        with Server("calculator_server", "127.0.0.1", "0") as server:
            for begin in range(0, PAIRS, 5000):
                asked = []
                lines = []
                for a, b in self.pairs(min(5000, PAIRS - begin)):
                    for operator in "+-*/":
                        asked.append((operator, a, b, python_says(operator, a, b)))
                        lines.append(f"C\n{a!r}\n{b!r}\n{operator}\n")
                    asked.append(("sqrt", abs(a), None, math.sqrt(abs(a))))
                    lines.append(f"C\n{abs(a)!r}\nsqrt\n")
                    power = math.fmod(b, 300 / (1 + abs(math.log10(abs(a) or 1))))  # not often beyond a double
                    base = a if power.is_integer() or self.random.random() < 0.1 else abs(a)
                    asked.append(("^", base, power, python_says("^", base, power)))
                    lines.append(f"C\n{base!r}\n{power!r}\n^\n")
                answers = iter(answers_to(server.port, "".join(lines).encode()))
                for operator, a, b, expected in asked:
                    for _ in range(2 if b is None else 3):
                        self.assertEqual(next(answers), "OK")
                    answer = next(answers)
                    results += 1
                    if isinstance(expected, str) or answer.startswith("Fallo"):
                        failures += 1
                        kind, agrees = "Fallo", answer == expected
                    else:
                        distance = apart(float(answer), expected + 0.0)  # -0 is shown as 0
                        kind, agrees = operator, distance == 0
                        if operator == "^":
                            farthest = max(farthest, distance)
                        different["text"] += agrees and answer != repr(expected + 0.0).removesuffix(".0")
                    different[kind] += not agrees
                    if not agrees:
                        examples.append((operator, a, b, expected, answer))
                self.assertIsNone(next(answers, None))
        print(f"\n{PAIRS} pairs, {results} results, {failures} of them Fallo; different from Python: {different};"
              f" ^ at most {farthest} doubles away")
        del different["^"]
        self.assertEqual(different, dict.fromkeys(different, 0), examples[:5])
        self.assertLessEqual(farthest, 1)


if __name__ == "__main__":
    unittest.main()
