#!/usr/bin/env python3
"""Draws a server and two clients from what really happened: their traces, which have one clock. Time goes down, a row for each
primitive; the server stands between the clients.

    several.py <folder of the programs>        docs/pictures/*/several_<name>.svg, such as from build/dev/examples
"""

import html
import itertools
import os
import re
import sys
from dataclasses import dataclass, field

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "..", "tests", "interop")]

import labels  # noqa: E402
from harness import Program, Server  # noqa: E402
from sequence import STYLE, number, shortened, words  # noqa: E402

PICTURES = os.path.join(HERE, "..", "pictures", "es")
LINE = re.compile(r"\s*(?P<time>\d+\.\d+) (?:#(?P<thread>\d+) )?(?:\[(?P<handle>\d+)\] )?(?P<name>\w+)\((?P<rest>.*)")
REST = re.compile(r'(?P<arguments>(?:[^")]|"(?:[^"\\]|\\.)*")*)\)(?P<outcome>.*)')

# --- what happened --------------------------------------------------------------------------------------------


@dataclass
class Event:
    """One line of a trace."""

    side: int  # 0: the server, 1 and 2: the clients
    time: float
    thread: str
    handle: str
    name: str
    arguments: str
    outcome: str
    peer: int = 0  # of the server: which client this is about
    row: int = 0
    causes: list = field(default_factory=list)  # (event that is made possible, kind, label)

    @property
    def waits(self):
        return self.outcome.startswith(" ... ")

    @property
    def call(self):
        return f"{self.name}({shortened(self.arguments)})"

    @property
    def count(self):
        found = re.match(r" = (\d+)", self.outcome)
        return int(found[1]) if found and self.name in ("send", "recv") else 0

    @property
    def is_end(self):
        return self.name == "recv" and self.outcome == " = 0 (end)"


def read(side, lines):
    found = []
    for line in filter(None, map(LINE.fullmatch, lines)):
        rest = REST.fullmatch(line["rest"])
        arguments, outcome = (rest["arguments"], rest["outcome"]) if rest else (line["rest"], "")
        found.append(Event(side, float(line["time"]), line["thread"] or "1", line["handle"], line["name"], arguments, outcome))
    return found


def meet(server, clients):
    """Gives each of the server's events its client, and each client's socket its handle."""
    talking = {}  # handle: client
    addresses = {event.outcome.removeprefix(" = "): client for client, events in clients.items() for event in events
                 if event.name == "connect" and not event.waits}
    for event in server:
        accepted = re.fullmatch(r" = \[(\d+)\] (.+)", event.outcome)
        if event.name == "accept" and accepted and accepted[2] in addresses:
            talking[accepted[1]] = event.peer = addresses[accepted[2]]
        elif event.handle in talking:
            event.peer = talking[event.handle]
            if event.name == "close":
                del talking[event.handle]


def connect_causes(sender, receiver):
    """Which bytes and which end of the one side the other one has found."""
    sends = [event for event in sender if event.name == "send" and event.count]
    ends = list(itertools.accumulate(event.count for event in sends))
    received = 0
    for event in receiver:
        if event.name == "recv" and event.count:
            before, received = received, received + event.count
            for send, end in zip(sends, ends):
                if before < end <= received:
                    data = re.search(r'".*"…?', shortened(send.arguments))
                    send.causes.append((event, "data", data[0] if data else ""))
        elif event.is_end:
            close = next((event for event in sender if event.name in ("shutdown", "close")), None)
            if close:
                close.causes.append((event, "end", "fin"))


def happened(traces, port):
    """Everything that the picture shows, in the order of time. port: what it calls the server's."""
    lent = next(re.search(r":(\d+)$", line)[1] for line in traces[0] if " bind(" in line)
    traces = [[re.sub(rf"(?<=[:, ]){lent}\b|(?<=127\.0\.0\.1:)0\b", str(port), line) for line in lines] for lines in traces]
    events = {side: read(side, lines) for side, lines in enumerate(traces)}
    clients = {side: events[side] for side in events if side}
    meet(events[0], clients)
    for client, theirs in clients.items():
        connect = next(event for event in theirs if event.name == "connect" and not event.waits)
        mine = [event for event in theirs if event.handle == connect.handle and not event.waits]
        ours = [event for event in events[0] if event.peer == client and not event.waits]
        accept = next(event for event in ours if event.name == "accept")
        connect.causes.append((accept, "handshake", "saludo"))
        connect_causes(mine, ours)
        connect_causes(ours, mine)
        events[client] = [event for event in theirs if event.handle == connect.handle and (event.name != "connect" or event is connect)]
    shown = [event for event in events[0] if event.name in ("socket", "bind", "listen", "accept", "select") or event.peer]
    shown = [event for event, after in zip(shown, [*shown[1:], None])  # the select that is never over, the door at the end
             if not (after is None and event.waits)]
    everything = sorted([*shown, *events[1], *events[2]], key=lambda event: event.time)
    for row, event in enumerate(everything):
        event.row = row
    return everything


# --- the picture ------------------------------------------------------------------------------------------------

ROW, TOP = 19, 72
X = {1: 285, 0: 505, 2: 930}  # the lifelines
WIDTH = 1230
MORE = """
    text { paint-order: stroke; stroke: #ffffff; stroke-width: 4px }
    @media (prefers-color-scheme: dark) { text { stroke: #0d1117 } }
"""


def text_of(event, threads):
    thread = f"#{event.thread} " if threads and event.side == 0 and event.thread != "1" else ""
    if event.waits:
        return thread + event.call
    outcome = shortened(re.sub(r"^ = \[\d+\] ", " = ", event.outcome))
    if event.name in ("socket", "select", "connect"):
        outcome = ""
    return thread + event.call + ("" if outcome == f" = {event.arguments}" else outcome)


def draw(title, events):
    height = TOP + ROW * (len(events) + 1) + 36
    threads = any(event.thread != "1" for event in events if event.side == 0)
    parts = [f'<rect class="paper" width="{WIDTH}" height="{height}" rx="8"/>', words(WIDTH / 2, 28, title, "title", "middle")]
    for side, head in ((1, "cliente 1"), (0, "servidor"), (2, "cliente 2")):
        parts += [f'<rect class="box" x="{X[side] - 60}" y="{TOP - 28}" width="120" height="26" rx="5"/>',
                  words(X[side], TOP - 11, head, "head", "middle"),
                  f'<line class="line" x1="{X[side]}" y1="{TOP - 2}" x2="{X[side]}" y2="{height - 30}"/>']

    def y(event):
        return TOP + ROW * (event.row + 1)

    waiting = {}
    for event in events:
        key = (event.side, event.thread, event.handle, event.name)
        if event.waits:
            waiting[key] = event
        elif begun := waiting.pop(key, None):
            beside = 10 * (int(event.thread) - 1) if event.side == 0 else 0  # each thread waits by itself
            parts.append(f'<rect class="wait" x="{X[event.side] - 4 - beside}" y="{y(begun)}" width="8" height="{y(event) - y(begun)}" rx="2"/>')
    for event in events:
        for effect, kind, label in event.causes:
            parts += arrow(kind, label, X[event.side], y(event), X[effect.side], y(effect))
    for event in events:
        left = event.side == 1
        parts += [f'<circle class="step" cx="{X[event.side]}" cy="{y(event)}" r="2.5"/>',
                  words(X[event.side] + (-12 if left else 12), y(event) + 4, text_of(event, threads), "", "end" if left else "start")]
    legend = height - 12
    parts += [f'<rect class="wait" x="{WIDTH / 2 - 40:.0f}" y="{legend - 11}" width="8" height="14" rx="2"/>',
              words(WIDTH / 2 - 26, legend, "espera", "legend", "start")]
    listed = "\n".join(fact(event) for event in events)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}">\n'
            f"  <title>{html.escape(title)}</title>\n  <desc>Un servidor y dos clientes, dibujados de una ejecución real.</desc>\n"
            f"  <metadata>\n{html.escape(listed, quote=False)}\n  </metadata>\n  <style>{STYLE}{MORE}</style>\n"
            + "".join(f"  {part}\n" for part in parts) + "</svg>\n")


def arrow(kind, label, x1, y1, x2, y2):
    forward = 1 if x2 > x1 else -1
    x1, x2 = x1 + 5 * forward, x2 - 5 * forward
    y2 = max(y2, y1 + 4)
    dashes = ' stroke-dasharray="5 4"' if kind == "handshake" else ""
    behind = x2 - 8 * forward
    middle = (x1 + x2) / 2 if abs(x2 - x1) < 300 else max(x1, x2) - 85  # beside the server's text
    at = y1 + (y2 - y1) * (middle - x1) / (x2 - x1)
    return [f'<path class="{kind}" d="M{x1} {number(y1)}L{x2} {number(y2)}"{dashes}/>',
            f'<path class="{kind}" d="M{behind} {number(y2 - 5)}L{x2} {number(y2)}L{behind} {number(y2 + 4)}"/>',
            words(middle, at - 4, label, kind, "middle")]


def fact(event):
    """What of an event is the same in every run: no ports, no handles, no times."""
    text = re.sub(r"127\.0\.0\.1:\d+", "127.0.0.1:#", event.call + event.outcome)
    return f"{event.side}{event.peer or ''} " + re.sub(r"\[\d+\]", "[#]", re.sub(r"listen\(\d+\)", "listen(#)", text))


def facts(lines):
    """Of both clients, and of the server what is about a client; who waited is the machine's affair."""
    return sorted(line for line in lines if " ... " not in line and " select" not in line)


# --- the runs -----------------------------------------------------------------------------------------------------


def hola(folder, server=Server, program=Program):
    """Two at once: the second one comes while the first one waits before its goodbye."""
    with server(command=[os.path.join(folder, "hola_server"), "localhost", 0, "--trace"]) as serving:
        words_of = [os.path.join(folder, "hola_client"), "localhost", serving.port, "--trace", "--wait", "1"]
        with program(command=words_of) as one:
            one.wait_for("pues hola")
            with program(command=words_of) as two:
                for client in (one, two):
                    client.wait()
                serving.wait_until(lambda: sum("close()" in line for line in serving.errors) == 2)
                return [list(side.errors) for side in (serving, one, two)]


def chat(folder, server=Server, program=Program):
    """A name is taken; a word to all, one to a single one; one leaves."""
    with server(command=[os.path.join(folder, "chat_server"), "localhost", 0, "--trace"]) as serving:
        words_of = [os.path.join(folder, "chat_client"), "localhost", serving.port, "--trace"]
        with program(command=words_of) as luciano:
            luciano.wait_for("Welcome", luciano.errors)
            with program(command=words_of) as samuel:
                def types(who, line):
                    for side in (serving, luciano, samuel):  # everybody has done what there was to do
                        side.wait_until(lambda side=side: side.errors and " ... " in side.errors[-1])
                    who.write(line + "\n")

                def says(who, line, then, heard):
                    types(who, line)
                    heard.wait_for(then, heard.errors)

                samuel.wait_for("Welcome", samuel.errors)
                says(luciano, "Luciano", '= 3: "no', luciano)
                says(samuel, "Luciano", '= 4: "yes', samuel)
                says(samuel, "Samuel", '= 3: "no', samuel)
                luciano.wait_for("Samuel se ha conec", luciano.errors)
                says(luciano, "Hola", "<Luciano>: Hola", samuel)
                says(samuel, ":p-Luciano-Estudiemos", "Mensaje privado", luciano)
                types(samuel, ":q")
                samuel.wait()
                luciano.wait_for("Samuel se ha desco", luciano.errors)
                luciano.write(":q\n")
                luciano.wait()
                serving.wait_until(lambda: sum("close()" in line for line in serving.errors) == 2)
                return [list(side.errors) for side in (serving, luciano, samuel)]


RUNS = {"hola": ("hola_client · hola_server · hola_client", 8000, hola),
        "chat": ("chat_client · chat_server · chat_client", 9998, chat)}


def picture(name):
    return os.path.join(PICTURES, f"several_{name}.svg")


def main():
    for name, (title, port, run) in RUNS.items():
        with open(picture(name), "w", encoding="utf-8", newline="\n") as file:
            file.write(draw(title, happened(run(sys.argv[1]), port)))
    labels.main()


if __name__ == "__main__":
    main()
