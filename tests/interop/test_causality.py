"""--trace in two windows: merged by time, no effect stands before its cause. 200 conversations on a busy machine."""

import os
import re
import subprocess
import sys
import tempfile
import unittest

from harness import PATIENCE, Program, Server, program

CONVERSATIONS = 200
AROUND = 1000.0  # seconds: then the examples' clock begins again

LINE = re.compile(r"\s*(?P<time>\d+\.\d+) (?:#\d+ )?(?:\[(?P<handle>\d+)\] )?(?P<name>\w+)\((?P<arguments>.*?)\)"
                  r"(?: = (?P<outcome>.*))?")
BUSY = "import time\nend = time.monotonic() + 120\nwhile time.monotonic() < end: pass"


def read(path):
    """The lines of a trace; those that begin to wait are none."""
    with open(path, encoding="utf-8") as file:
        found = [LINE.fullmatch(line.rstrip("\n")) for line in file if " ... " not in line]
    return [line for line in found if line]


def stream(lines):
    """Of one side's lines: where each byte went out or came in, and its ends: (time, bytes so far)."""
    sent, received, ended, end_seen = [], [], None, None
    for line in lines:
        time, outcome = float(line["time"]), line["outcome"] or ""
        if line["name"] == "send":
            sent.append((time, (sent[-1][1] if sent else 0) + int(outcome)))
        elif line["name"] == "recv" and outcome == "0 (end)":
            end_seen = time
        elif line["name"] == "recv" and outcome:
            received.append((time, (received[-1][1] if received else 0) + int(outcome.partition(":")[0])))
        elif line["name"] in ("shutdown", "close") and ended is None:
            ended = time
    return sent, received, ended, end_seen


def earlier(effect, cause):
    """Whether the effect is older; the clock may have begun again between them."""
    return (effect - cause + AROUND / 2) % AROUND < AROUND / 2


def faults(sender, receiver):
    """What came before it went."""
    sent, _, ended, _ = sender
    _, received, _, end_seen = receiver
    for time, total in received:
        begun = next(begin for begin, so_far in sent if so_far >= total)
        if earlier(time, begun):
            yield f"recv at {time}, its send at {begun}"
    if end_seen is not None and ended is not None and earlier(end_seen, ended):
        yield f"the end at {end_seen}, its close at {ended}"


class Causality(unittest.TestCase):
    def test_no_effect_is_older_than_its_cause(self):
        busy = [subprocess.Popen([sys.executable, "-c", BUSY]) for _ in range(os.cpu_count() or 1)]
        try:
            with tempfile.TemporaryDirectory() as folder:
                wrong, checked = self.converse(folder)
        finally:
            for process in busy:
                process.kill()
                process.wait()
        print(f"{checked} conversations, {len(wrong)} effects before their cause", file=sys.stderr)
        self.assertEqual(checked, CONVERSATIONS)
        self.assertEqual(wrong[:5], [])

    def converse(self, folder):
        ours = os.path.join(folder, "server.txt")
        theirs = [os.path.join(folder, f"client{number}.txt") for number in range(CONVERSATIONS)]
        with Server("echo_server", "localhost", 0, f"--trace={ours}") as server:
            for path in theirs:
                subprocess.run([program("echo_client"), "localhost", str(server.port), f"--trace={path}"],
                               check=True, timeout=PATIENCE, stdout=subprocess.DEVNULL)
            with Program("echo_client", "localhost", str(server.port)) as last:  # then the last one has been closed
                last.wait()
        lines = read(ours)
        wrong, checked, at = [], 0, -1
        for path in theirs:
            client = read(path)
            connect = next(line for line in client if line["name"] == "connect")
            at = next(later for later, line in enumerate(lines)  # a port is lent more than once
                      if later > at and line["name"] == "accept" and (line["outcome"] or "").endswith(" " + connect["outcome"]))
            handle = re.match(r"\[(\d+)\]", lines[at]["outcome"])[1]
            close = next(later for later in range(at, len(lines))
                         if lines[later]["name"] == "close" and lines[later]["handle"] == handle)
            if earlier(float(lines[at]["time"]), float(connect["time"])):
                wrong.append(f"accept at {lines[at]['time']}, its connect at {connect['time']}")
            sides = [stream([line for line in lines[at:close + 1] if line["handle"] == handle]), stream(client)]
            wrong += [*faults(*sides), *faults(*reversed(sides))]
            checked += 1
        return wrong, checked


if __name__ == "__main__":
    unittest.main()
