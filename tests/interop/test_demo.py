"""The demo as a class sees it: who did what, in the order of cause and effect, on wide screens and narrow ones."""

import os
import re
import struct
import subprocess
import sys
import unittest

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "tools")
sys.path.insert(0, TOOLS)

import film  # noqa: E402
from harness import BIN, PATIENCE, program

ROW = re.compile(r" *(?P<time>\d+\.\d{4}) (?P<rest>.*)")


def play(*words, columns=80):
    run = subprocess.run([program("show_demo"), BIN, *words], capture_output=True, text=True, timeout=4 * PATIENCE,
                         stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": str(columns)})
    assert run.returncode == 0, run.stderr + run.stdout
    return run.stdout.splitlines()


def first(rows, *words):
    """The number of the first row with all of these."""
    return next(number for number, row in enumerate(rows) if all(word in row for word in words))


class Demo(unittest.TestCase):
    def test_no_row_is_wider_than_the_screen(self):
        for columns in (80, 100, 160):
            for row in play("echo", "chat", columns=columns):
                self.assertLessEqual(len(row), columns, row)

    def test_short_texts_are_whole(self):
        for columns in (80, 100):
            self.assertTrue(any('send(12: "Hello, world") = 12' in row for row in play("echo", columns=columns)))

    def test_each_row_of_a_narrow_screen_has_its_side_and_they_stand_in_the_order_of_time(self):
        rows = [found for found in map(ROW.match, play("chat")) if found]
        self.assertGreater(len(rows), 60)
        for row in rows:
            self.assertRegex(row["rest"], r"^(servidor|cliente 1|cliente 2) +\| ")
        times = [float(row["time"]) for row in rows]
        self.assertEqual(times, sorted(times))

    def test_what_is_read_was_typed_before(self):
        for _ in range(5):
            rows = play("chat")
            typed = first(rows, "cliente 1", "> ", ":p-Samuel-Estudemos principios")
            sent = first(rows, "cliente 1", "send(", ":p-Samuel")
            heard = first(rows, "servidor", "recv(4096) = ", ":p-Samuel")
            read = first(rows, "cliente 2", "Mensaje privado de: Luciano")
            self.assertEqual(sorted((typed, sent, heard, read)), [typed, sent, heard, read])

    def test_the_server_stands_between_two_clients(self):
        rows = play("chat", columns=160)
        head = rows[first(rows, "cliente 1", "cliente 2")]
        self.assertEqual(head.split("|")[0].split(), ["cliente", "1"])
        self.assertEqual(head.split("|")[1].split(), ["servidor"])

    def test_the_picture_in_the_readme_is_such_a_run(self):
        picture = film.PICTURE.read_text(encoding="utf-8")
        self.assertLessEqual(len(picture.encode()), film.LARGEST)
        self.assertEqual(film.alike(film.lines_of(picture)), film.alike(film.rows(BIN)))

    @unittest.skipUnless(os.name == "posix", "a terminal of one's own")
    def test_step_by_step_in_a_terminal(self):
        import fcntl
        import pty
        import termios

        keyboard, screen = pty.openpty()
        fcntl.ioctl(screen, termios.TIOCSWINSZ, struct.pack("HHHH", 30, 100, 0, 0))
        with subprocess.Popen([program("show_demo"), BIN, "--step", "echo", "eco"], stdin=screen, stdout=screen,
                              stderr=screen, env={**os.environ, "NO_COLOR": "1"}) as demo:
            os.close(screen)
            seen, pressed = "", 0
            while True:
                try:
                    piece = os.read(keyboard, 4096).decode(errors="replace")
                except OSError:  # it has ended
                    break
                if not piece:
                    break
                seen += piece
                while seen.count("(Enter)") > pressed:  # it waits for it, for ever
                    pressed += 1
                    os.write(keyboard, b"\n")
            self.assertEqual(demo.wait(PATIENCE), 0)
        os.close(keyboard)
        announced = re.findall(r"-> (\w+: .*?) \(Enter\)", seen)
        self.assertGreater(len(announced), 20)
        self.assertIn("cliente: [3] connect(127.0.0.1:", " ".join(announced))
        self.assertEqual(seen.count("Sigue otra conversación."), 1)


if __name__ == "__main__":
    unittest.main()
