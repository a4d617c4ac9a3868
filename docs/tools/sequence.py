#!/usr/bin/env python3
"""Draws the sequence diagram of one connection from what really happened: the traces of its server and its client.

    echo_server localhost 65432 --trace=server.txt        and in a second terminal
    echo_client localhost 65432 --trace=client.txt        then
    sequence.py server.txt client.txt -o echo.svg

Time goes down, but only as "this came before that": the two programs have two clocks, and every run has its own
speed. A step stands below the one before it on its side, and below what had to arrive from the other side.
"""

import argparse
import html
import itertools
import re
import sys
import xml.etree.ElementTree
from dataclasses import dataclass, replace

SIDES = ("server", "client")
OTHER = {"server": "client", "client": "server"}

LONGEST_DATA = 18  # characters of the bytes that are shown

# --- the lines of a trace -----------------------------------------------------------------------------------

# " 0.407088 #2 [5] recv(1000) = 4: "hola"": seconds, thread, handle, primitive
LINE = re.compile(r"\s*\d+\.\d+ (?:#(?P<thread>\d+) )?(?:\[(?P<handle>\d+)\] )?(?P<name>\w+)\((?P<rest>.*)")
REST = re.compile(r'(?P<arguments>(?:[^")]|"(?:[^"\\]|\\.)*")*)\)(?P<outcome>.*)')


@dataclass
class Line:
    """One line of a trace: a primitive that has returned, or one that begins to wait."""

    thread: str
    handle: str
    name: str
    arguments: str
    outcome: str  # ' = 4: "hola"', ': Connection refused' or nothing

    @property
    def begins_to_wait(self):
        return bool(re.fullmatch(r" \.\.\. \w+", self.outcome))


def read_trace(lines):
    """The lines of one program's trace."""
    trace = []
    for text in filter(None, (line.rstrip("\r\n") for line in lines)):
        match = LINE.fullmatch(text)
        if not match:
            raise ValueError(f"not a line of a trace: {text}")
        rest = REST.fullmatch(match["rest"])  # None: the line's end has been cut, it was too long
        arguments, outcome = (rest["arguments"], rest["outcome"]) if rest else (match["rest"], "")
        trace.append(Line(match["thread"] or "1", match["handle"], match["name"], arguments, outcome))
    return trace


# --- what belongs to the connection -------------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One primitive of one side, in the words of the picture."""

    side: str
    call: str  # recv(1000)
    outcome: str  # ' = 4: "hola"'
    waits: bool

    @property
    def name(self):
        return self.call.partition("(")[0]

    @property
    def count(self):
        """How many bytes were sent or received."""
        if self.failed:
            return 0
        whole = re.fullmatch(r" = (\d+)", self.outcome) or re.match(r" = (\d+): ", self.outcome)
        asked = re.match(r"send\((\d+)", self.call)
        return int((whole or asked or [0, 0])[1])

    @property
    def data(self):
        """The bytes, as they are shown."""
        quoted = re.search(r'".*"…?', self.call + self.outcome)
        return quoted[0] if quoted else ""

    @property
    def failed(self):
        return self.outcome.startswith(": ")

    @property
    def is_end(self):
        """Whether it has found the end of the stream."""
        return self.name == "recv" and self.outcome == " = 0 (end)"

    @property
    def ends_its_side(self):
        return self.name == "close" or self.call in ("shutdown(send)", "shutdown(both)")


def follow(server_trace, client_trace, port=None):
    """The steps of the first connection that both traces know: the server's, then the client's.

    port: what the picture calls the server's port, whichever this run's was.
    """
    server, client = read_trace(server_trace), read_trace(client_trace)
    accepted = {}
    for at, line in enumerate(server):
        match = re.fullmatch(r" = \[(\d+)\] (.+)", line.outcome)
        if line.name == "accept" and match:
            accepted[match[2]] = (at, match[1])
    for at, line in enumerate(client):
        meeting, handle = accepted.get(line.outcome.removeprefix(" = "), (None, None))
        if line.name == "connect" and handle:
            ports = {"0", line.arguments.rpartition(":")[2]} if port else set()
            return [
                *steps("server", server, meeting, handle, lambda text: renumbered(text, ports, port)),
                *steps("client", client, at, line.handle, lambda text: renumbered(text, ports, port)),
            ]
    raise ValueError("the client's trace has no connect() whose address the server's accept() has given")


def steps(side, trace, meeting, connection, ports):
    """One side's steps: how its socket was made, the accept or connect that is the meeting, and the conversation.

    Other sockets are left out; selects with nothing in between count as one.
    """
    socket = trace[meeting].handle
    before = range(meeting - 1, -1, -1)
    opened = next((at for at in before if trace[at].name == "socket" and trace[at].outcome == f" = [{socket}]"), -1)
    looked_up = next((at for at in before if trace[at].name == "getaddrinfo" and at < opened), -1)
    after = range(meeting + 1, len(trace))
    closed = next((at for at in after if trace[at].name == "close" and trace[at].handle == connection), len(trace))

    def belongs(at, line):
        if at in (looked_up, opened, meeting):
            return True
        if line.name == "select":
            return at > opened
        if at > meeting:
            return line.handle == connection
        return at > opened and line.handle == socket and (line.begins_to_wait or line.name in ("bind", "listen"))

    found = []
    waiting = set()  # threads
    for at, line in enumerate(trace[: closed + 1]):
        if line.begins_to_wait:
            if belongs(at, line):
                waiting.add(line.thread)
            continue
        waits = line.thread in waiting
        waiting.discard(line.thread)
        if not belongs(at, line):
            continue
        step = shown(side, line, waits, ports)
        if step.name == "select" and found and found[-1].name == "select":
            found[-1] = replace(step, waits=waits or found[-1].waits)
        else:
            found.append(step)
    while found[-1].name == "select":
        found.pop()
    return found


# --- in the picture's words ---------------------------------------------------------------------------------


def shown(side, line, waits, ports):
    """The line without handles, with the picture's port, and with no more bytes than there is room for."""
    arguments, outcome = shortened(line.arguments), shortened(line.outcome)
    if line.name in ("getaddrinfo", "bind", "connect"):
        arguments = ports(arguments)
    if line.name in ("getaddrinfo", "bind"):
        outcome = ports(outcome)
    if line.name in ("socket", "select") or outcome == f" = {arguments}":
        outcome = ""
    outcome = re.sub(r"^ = \[\d+\] ", " = ", outcome)
    return Step(side, f"{line.name}({arguments})", outcome, waits)


def renumbered(text, ports, port):
    """The text with another port instead of these."""
    return re.sub(r"(?<=[:, ])\d+(?=,|$)", lambda number: str(port) if number[0] in ports else number[0], text)


def shortened(text):
    """The text with its quoted bytes cut."""

    def cut(match):
        kept = ""
        for character in re.findall(r"\\x..|\\.|.", readable(match[1])):
            if len(kept + character) > LONGEST_DATA:
                return f'"{kept}"…'
            kept += character
        return f'"{kept}"…' if match[2] else f'"{kept}"'

    return re.sub(r'"((?:[^"\\]|\\.)*)(?:"(\.\.\.)?|$)', cut, text)


def readable(escaped):
    r"""Aqu\xc3\xad is Aquí; what is no UTF-8, or would not be seen, stays as it is."""

    def decoded(match):
        try:
            text = bytes.fromhex(match[0].replace("\\x", "")).decode()
        except ValueError:
            return match[0]
        return text if text.isprintable() else match[0]

    return re.sub(r"\\[^x]|(?:\\x[0-9a-f]{2})+", decoded, escaped)


# --- what came before what ----------------------------------------------------------------------------------


def causes(steps, others):
    """For each step the number of the other side's step without which it could not have returned, or None."""
    sends = [at for at, step in enumerate(others) if step.name == "send"]
    sent = list(itertools.accumulate(others[at].count for at in sends))
    found = []
    received = 0
    for step in steps:
        received += step.count if step.name == "recv" else 0
        if step.name == "accept":
            could = [at for at, other in enumerate(others) if other.name == "connect"]
        elif step.is_end:
            could = [at for at, other in enumerate(others) if other.ends_its_side]
        elif step.name == "recv" and not step.failed:
            could = [at for at, total in zip(sends, sent) if total >= received]
        else:
            could = [None]
        if not could:
            raise ValueError(f"nothing in the other trace explains how {step.call} returned{step.outcome}")
        found.append(could[0])
    for at, step in enumerate(steps):
        if step.name == "select":  # it returns for what the next step finds
            found[at] = found[at + 1]
    return found


# --- where everything stands --------------------------------------------------------------------------------

ROW = 26  # from one step to the next
SECOND_LINE = 15  # from a step's first line to its second one
ON_THE_WAY = 14  # how far an arrow goes down
BETWEEN = 24  # from one arrow to the next
CONNECTED = BETWEEN + ON_THE_WAY  # from SYN: SYN+ACK has arrived
ACCEPTED = 2 * BETWEEN + ON_THE_WAY  # from SYN: ACK has arrived
LONGEST_TEXT = 37  # characters; a longer step takes two lines


@dataclass
class Place:
    """Where a step stands: as far down as it begins, and as far as it returns."""

    step: Step
    begin: float
    end: float

    @property
    def takes_time(self):
        return self.end > self.begin

    @property
    def lines(self):
        """The text and where it stands: the call, and where it returns the outcome, or both in one line."""
        step = self.step
        if step.outcome and (self.takes_time or len(step.call + step.outcome) > LONGEST_TEXT):
            return [(step.call, self.begin), (step.outcome.strip(), max(self.end, self.begin + SECOND_LINE))]
        return [(step.call + step.outcome, self.begin)]

    @property
    def bottom(self):
        return max(self.end, self.lines[-1][1])


@dataclass
class Arrow:
    """What goes from one side to the other."""

    kind: str  # handshake, data or end
    sender: str
    begin: float
    text: str

    @property
    def end(self):
        return self.begin + ON_THE_WAY


class Side:
    """One side, from the top down to where the layout has come."""

    def __init__(self, steps, others):
        self.steps = steps
        self.causes = causes(steps, others)
        self.places = []
        self.arrives = {}  # where the arrow of a step has come to the other side
        self.has_ended = False

    @property
    def at(self):
        """The number of the step that comes next."""
        return len(self.places)

    @property
    def next(self):
        return self.steps[self.at] if self.at < len(self.steps) else None

    @property
    def bottom(self):
        return self.places[-1].bottom if self.places else 0

    def makes_arrow(self, step):
        if step.ends_its_side:
            return not self.has_ended
        return step.name in ("connect", "send") and not step.failed

    def taker(self, cause):
        """The number of the step that returns because of this one of the other side; None: nobody took it."""
        return self.causes.index(cause) if cause in self.causes else None


class Layout:
    """Gives every step its place. Of the two sides the one that is less far down goes on, the server first."""

    def __init__(self, steps):
        server, client = ([step for step in steps if step.side == side] for side in SIDES)
        self.sides = {"server": Side(server, client), "client": Side(client, server)}
        self.arrows = []
        while any(side.next for side in self.sides.values()):
            places = self.next_places(True) or self.next_places(False)
            if not places:
                raise ValueError("the two traces contradict each other")
            self.put(min(places, key=lambda place: place.end))

    @property
    def bottom(self):
        return max(*(side.bottom for side in self.sides.values()), *(arrow.end for arrow in self.arrows))

    def next_places(self, patient):
        return [place for side in SIDES if (place := self.next_place(side, patient))]

    def next_place(self, name, patient):
        """Where this side's next step can stand; None: it cannot return yet, or there is none.

        patient: nothing is sent before the other side waits for it, if that is what it did.
        """
        side, other = self.sides[name], self.sides[OTHER[name]]
        step, begin, end = side.next, side.bottom + ROW, 0
        if not step:
            return None
        cause = side.causes[side.at]
        if cause is not None:
            if cause not in other.arrives:
                return None
            end = other.arrives[cause]
        if name == "client" and side.at == 0:  # first the server waits, then the client comes
            meeting = side.steps.index(next(step for step in side.steps if step.name == "connect"))
            if other.at < other.taker(meeting):
                return None
            begin = other.bottom + ROW
        if side.makes_arrow(step):
            end = max(end, self.arrows[-1].begin + BETWEEN) if self.arrows else end
            taker = other.taker(side.at)
            if step.name != "connect" and taker is not None and other.steps[taker].waits:
                if patient and other.at < taker:
                    return None
                if other.at == taker:
                    end = max(end, other.bottom + 2 * ROW - ON_THE_WAY)
        if step.name == "connect":
            begin = max(begin, end)
            return Place(step, begin, begin + CONNECTED)
        if step.waits:
            return Place(step, begin, max(begin + ROW, end))
        return Place(step, max(begin, end), max(begin, end))

    def put(self, place):
        step = place.step
        side = self.sides[step.side]
        if side.makes_arrow(step):
            if step.name == "connect":
                self.arrows += [
                    Arrow("handshake", "client", place.begin, "SYN"),
                    Arrow("handshake", "server", place.begin + BETWEEN, "SYN+ACK"),
                    Arrow("handshake", "client", place.begin + 2 * BETWEEN, "ACK"),
                ]
            elif step.name == "send":
                self.arrows.append(Arrow("data", step.side, place.end, step.data))
            else:
                self.arrows.append(Arrow("end", step.side, place.end, "fin"))
                side.has_ended = True
            side.arrives[side.at] = self.arrows[-1].end
        side.places.append(place)


# --- the picture --------------------------------------------------------------------------------------------

CHARACTER = 7.4  # how wide one of the code is, at most
MARGIN = 16  # around everything
BESIDE = 12  # between a lifeline and its text
BETWEEN_LIFELINES = 230
TOP = 70  # the lifelines begin

STYLE = """
    text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #1f2328 }
    .title { font: 600 15px system-ui, sans-serif }
    .head { font: 600 12px system-ui, sans-serif }
    .legend { font: 12px system-ui, sans-serif; fill: #59636e }
    .paper { fill: #ffffff }
    .box { fill: #f6f8fa; stroke: #8c959f }
    .line { stroke: #8c959f }
    .step { fill: #1f2328 }
    .wait { fill: #e0991f }
    path { fill: none; stroke-width: 1.5 }
    .handshake { stroke: #6e7781; stroke-width: 1 }
    .data { stroke: #0969da }
    .end { stroke: #cf222e }
    text.handshake { fill: #59636e; stroke: none }
    text.data { fill: #0550ae; stroke: none }
    text.end { fill: #b31d28; stroke: none }
    @media (prefers-color-scheme: dark) {
      text { fill: #e6edf3 }
      .legend { fill: #9198a1 }
      .paper { fill: #0d1117 }
      .box { fill: #161b22; stroke: #6e7681 }
      .line { stroke: #6e7681 }
      .step { fill: #e6edf3 }
      .wait { fill: #c98a1b }
      .handshake { stroke: #8b949e }
      .data { stroke: #4493f8 }
      .end { stroke: #f85149 }
      text.handshake { fill: #9198a1 }
      text.data { fill: #79c0ff }
      text.end { fill: #ff7b72 }
    }
  """

# In Spanish; labels.py makes the English picture.
DESCRIPTION = (
    "Un servidor y un cliente, dibujados de una ejecución real: las primitivas de cada uno, lo que va por la red y "
    "cuándo espera cada uno."
)


def draw(title, steps):
    """The picture, as SVG."""
    layout = Layout(steps)
    places = [place for side in layout.sides.values() for place in side.places]
    beside = CHARACTER * max(LONGEST_TEXT, *(len(text) for place in places for text, _ in place.lines))
    client = MARGIN + beside + BESIDE  # the client left, the server right
    server = client + BETWEEN_LIFELINES
    width, bottom = server + BESIDE + beside + MARGIN, TOP + layout.bottom + ROW
    height = bottom + 44
    middle = width / 2
    x = {"server": server, "client": client}

    parts = [
        f'<rect class="paper" width="{number(width)}" height="{number(height)}" rx="8"/>',
        words(middle, 28, title, "title", "middle"),
    ]
    for side, head in (("server", "servidor"), ("client", "cliente")):
        parts += [
            f'<rect class="box" x="{number(x[side] - 68)}" y="{TOP - 26}" width="136" height="26" rx="5"/>',
            words(x[side], TOP - 9, head, "head", "middle"),
            f'<line class="line" x1="{number(x[side])}" y1="{TOP}" x2="{number(x[side])}" y2="{number(bottom)}"/>',
        ]
    for place in places:
        if place.step.waits:
            parts.append(bar(x[place.step.side] - 4, TOP + place.begin, place.end - place.begin))
    for arrow in layout.arrows:
        parts += drawn_arrow(arrow, x[arrow.sender], x[OTHER[arrow.sender]])
    for place in places:
        parts += drawn_step(place, x[place.step.side])
    legend = bottom + 22
    parts += [bar(middle - 48, legend - 11, 14), words(middle - 32, legend, "espera", "legend", "start")]

    listed = "\n".join(f"{step.side} {'waits' if step.waits else 'does'} {step.call}{step.outcome}" for step in steps)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {number(width)} {number(height)}">\n'
        f"  <title>{html.escape(title)}</title>\n"
        f"  <desc>{html.escape(DESCRIPTION)}</desc>\n"
        f"  <metadata>\n{html.escape(listed, quote=False)}\n  </metadata>\n"
        f"  <style>{STYLE}</style>\n" + "".join(f"  {part}\n" for part in parts) + "</svg>\n"
    )


def drawn_step(place, x):
    on_the_left = place.step.side == "client"
    text_x, anchor = (x - BESIDE, "end") if on_the_left else (x + BESIDE, "start")
    parts = [f'<circle class="step" cx="{number(x)}" cy="{number(TOP + place.begin)}" r="2.5"/>']
    if place.takes_time:
        parts.append(f'<circle class="step" cx="{number(x)}" cy="{number(TOP + place.end)}" r="2.5"/>')
    parts += [words(text_x, TOP + y + 4, text, "", anchor) for text, y in place.lines]
    return parts


def drawn_arrow(arrow, sender, receiver):
    """A line with its head, and the text on it."""
    forward = 1 if receiver > sender else -1
    begin, end = TOP + arrow.begin, TOP + arrow.end
    x1, x2 = sender + forward * 6, receiver - forward * 6
    dashes = ' stroke-dasharray="5 4"' if arrow.kind == "handshake" else ""
    angle = forward * 3.5  # degrees
    middle_x, middle_y = (x1 + x2) / 2, (begin + end) / 2
    turn = f' transform="rotate({number(angle)} {number(middle_x)} {number(middle_y)})"'
    behind = number(x2 - forward * 8)
    head = f"M{behind} {number(end - 5)}L{number(x2)} {number(end)}L{behind} {number(end + 4)}"
    return [
        f'<path class="{arrow.kind}" d="M{number(x1)} {number(begin)}L{number(x2)} {number(end)}"{dashes}/>',
        f'<path class="{arrow.kind}" d="{head}"/>',
        words(middle_x, middle_y - 5, arrow.text, arrow.kind, "middle", turn),
    ]


def bar(x, y, height):
    return f'<rect class="wait" x="{number(x)}" y="{number(y)}" width="8" height="{number(height)}" rx="2"/>'


def words(x, y, text, kind, anchor, more=""):
    kind = f' class="{kind}"' if kind else ""
    text = html.escape(text, quote=False)
    return f'<text{kind} x="{number(x)}" y="{number(y)}" text-anchor="{anchor}"{more}>{text}</text>'


def number(value):
    return f"{value:.1f}".removesuffix(".0")


# --- what a picture says ------------------------------------------------------------------------------------

SVG = "{http://www.w3.org/2000/svg}"


def title_of(picture):
    return xml.etree.ElementTree.fromstring(picture).findtext(f"{SVG}title")


def steps_of(picture):
    """The steps from which a picture was drawn."""
    found = []
    for line in xml.etree.ElementTree.fromstring(picture).findtext(f"{SVG}metadata").strip().splitlines():
        match = re.fullmatch(r'(server|client) (waits|does) (\w+\((?:[^")]|"(?:[^"\\]|\\.)*")*\))(.*)', line)
        if not match:
            raise ValueError(f"not a step: {line}")
        found.append(Step(match[1], match[3], match[4], match[2] == "waits"))
    return found


def primitives(steps, side):
    """One side's primitives as they are in every run, on every system: without the client's port, the addresses
    that the system finds for a name, and how many clients it lets queue."""
    found = []
    for step in steps:
        if step.side != side:
            continue
        call, outcome = step.call, step.outcome
        if step.name in ("accept", "connect"):
            outcome = re.sub(r":\d+$", ":*", outcome)
        if step.name == "getaddrinfo":
            outcome = ""
        if step.name == "listen":
            call = "listen(*)"
        found.append(call + outcome)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("server", help="what the server wrote with --trace=FILE")
    parser.add_argument("client", help="what the client wrote")
    parser.add_argument("--title", default="servidor y cliente")
    parser.add_argument("--port", type=int, help="what the picture calls the server's port")
    parser.add_argument("-o", dest="picture", required=True, metavar="FILE.svg")
    arguments = parser.parse_args()
    try:
        with open(arguments.server, encoding="utf-8") as server, open(arguments.client, encoding="utf-8") as client:
            picture = draw(arguments.title, follow(server, client, arguments.port))
        with open(arguments.picture, "w", encoding="utf-8", newline="\n") as file:
            file.write(picture)
    except (OSError, ValueError) as error:
        sys.exit(f"sequence.py: {error}")


if __name__ == "__main__":
    main()
