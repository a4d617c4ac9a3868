#!/usr/bin/env python3
"""Draws what a capture of one TCP connection holds: the packets as they went to and fro, and the bytes of one of them.

    packets.py messages.pcap packets.svg bytes.svg
"""

import argparse
import html
import struct
from dataclasses import dataclass

from sequence import STYLE, number, words

# --- the file (pcap, Ethernet, IPv4, TCP) -------------------------------------------------------------------

FILE_HEADER, RECORD_HEADER = 24, 16
FLAGS = {0x02: "SYN", 0x01: "FIN", 0x04: "RST", 0x08: "PSH", 0x10: "ACK"}


@dataclass
class Packet:
    """One packet; source and destination are host and port."""

    seconds: float
    bytes: bytes
    source: tuple
    destination: tuple
    flags: tuple
    data: bytes
    ends: tuple  # of the headers of Ethernet, IP and TCP, and of the data

    @property
    def kind(self):
        """What it is there for: the connection's beginning, data, its end, or only to say that something arrived."""
        if "SYN" in self.flags:
            return "handshake"
        if "FIN" in self.flags or "RST" in self.flags:
            return "end"
        return "data" if self.data else "receipt"


def records(file):
    """Each packet's time and bytes, and its whole record."""
    if file[:4] != b"\xd4\xc3\xb2\xa1":
        raise ValueError("not a pcap file with microseconds")
    at = FILE_HEADER
    while at < len(file):
        seconds, micros, size, _ = struct.unpack_from("<IIII", file, at)
        end = at + RECORD_HEADER + size
        yield seconds + micros / 1e6, file[at + RECORD_HEADER:end], file[at:end]
        at = end


def is_tcp(frame):
    return frame[12:14] == b"\x08\x00" and frame[23] == 6


def only_tcp(file):
    """The file without everything else."""
    return file[:FILE_HEADER] + b"".join(record for _, frame, record in records(file) if is_tcp(frame))


def read(file):
    """The packets of a capture that holds one connection."""
    found = []
    for seconds, frame, _ in records(file):
        if not is_tcp(frame):
            raise ValueError("something else than TCP")
        ip = 14
        tcp = ip + 4 * (frame[ip] & 0x0F)
        data = tcp + 4 * (frame[tcp + 12] >> 4)
        end = ip + struct.unpack_from("!H", frame, ip + 2)[0]
        hosts = [".".join(map(str, frame[at:at + 4])) for at in (ip + 12, ip + 16)]
        source, destination = zip(hosts, struct.unpack_from("!HH", frame, tcp))
        flags = tuple(name for bit, name in FLAGS.items() if frame[tcp + 13] & bit)
        found.append(Packet(seconds, frame, source, destination, flags, frame[data:end], (ip, tcp, data, end)))
    return found


# --- the picture of the packets -----------------------------------------------------------------------------

ROW, TOP, LEFT, RIGHT, WIDTH = 34, 100, 184, 540, 760

MORE_STYLE = """
    .receipt { stroke: #6e7781; stroke-width: 1 }
    text.receipt { fill: #59636e; stroke: none }
    .ethernet { fill: #d8dee4 } .ip { fill: #ffdfb0 } .tcp { fill: #b6dcff } .bytes { fill: #c3ecc3 }
    .mark { fill: none; stroke: #1f2328; stroke-width: 1.2 }
    @media (prefers-color-scheme: dark) {
      .receipt { stroke: #8b949e }
      text.receipt { fill: #9198a1 }
      .ethernet { fill: #373e47 } .ip { fill: #6b4a12 } .tcp { fill: #0f4a80 } .bytes { fill: #1f5a2a }
      .mark { stroke: #e6edf3 }
    }
  """


def quoted(data):
    return '"' + data.decode("ascii", "backslashreplace").replace("\n", "\\n") + '"'


def svg(width, height, title, description, parts):
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {number(width)} {number(height)}">\n'
        f"  <title>{html.escape(title)}</title>\n  <desc>{html.escape(description)}</desc>\n"
        f"  <style>{STYLE}{MORE_STYLE}</style>\n"
        f'  <rect class="paper" width="{number(width)}" height="{number(height)}" rx="8"/>\n'
        + "".join(f"  {part}\n" for part in parts) + "</svg>\n"
    )


def draw_packets(capture):
    """Time goes down; the client stands on the left."""
    client, server = capture[0].source, capture[0].destination
    bottom = TOP + ROW * len(capture)
    parts = [words(WIDTH / 2, 28, "message_client · message_server", "title", "middle"),
             words(32, 77, "n.º", "legend", "end"), words(80, 77, "ms", "legend", "end")]
    for x, head, (host, port) in ((LEFT, "cliente", client), (RIGHT, "servidor", server)):
        parts += [
            f'<rect class="box" x="{x - 84}" y="44" width="168" height="40" rx="5"/>',
            words(x, 60, head, "head", "middle"),
            words(x, 77, f"{host}:{port}", "", "middle"),
            f'<line class="line" x1="{x}" y1="84" x2="{x}" y2="{bottom + 6}"/>',
        ]
    for at, packet in enumerate(capture):
        y = TOP + ROW * at + 16
        begin, end = (LEFT + 5, RIGHT - 5) if packet.source == client else (RIGHT - 5, LEFT + 5)
        head = -8 if end > begin else 8
        text = ", ".join(packet.flags) + (f"   {len(packet.data)}: {quoted(packet.data)}" if packet.data else "")
        dashes = ' stroke-dasharray="5 4"' if packet.kind == "receipt" else ""
        parts += [
            words(32, y + 4, f"{at + 1}", "legend", "end"),
            words(80, y + 4, f"{(packet.seconds - capture[0].seconds) * 1000:.2f}", "legend", "end"),
            f'<path class="{packet.kind}" d="M{begin} {y}L{end} {y}"{dashes}/>',
            f'<path class="{packet.kind}" d="M{end + head} {y - 4}L{end} {y}L{end + head} {y + 4}"/>',
            words((LEFT + RIGHT) / 2, y - 5, text, packet.kind, "middle"),
        ]
    parts += [part for group in groups(capture) for part in bracket(*group)]
    return svg(WIDTH, bottom + 26, "Los paquetes de una conversación",
               "Dibujado de una captura: cada flecha es un paquete.", parts)


def groups(capture):
    """The first and the last packet of each part of the conversation, and what it is called."""
    data = next(at for at, packet in enumerate(capture) if packet.kind == "data")
    end = next(at for at, packet in enumerate(capture) if packet.kind == "end")
    return ((0, data - 1, "CONNECT", "saludo"), (data, end - 1, "SEND, RECEIVE", "datos"),
            (end, len(capture) - 1, "CLOSE", "final"))


def bracket(first, last, primitive, what):
    top, bottom = TOP + ROW * first + 6, TOP + ROW * last + 24
    x, middle = RIGHT + 20, (top + bottom) / 2
    return [f'<path class="line" d="M{x} {top}H{x + 8}V{bottom}H{x}"/>', words(x + 18, middle - 3, primitive, "head", "start"),
            words(x + 18, middle + 13, what, "legend", "start")]


# --- the picture of one packet's bytes ----------------------------------------------------------------------

CELL, LINE, BYTES_LEFT, BYTES_TOP = 27, 26, 30, 52
LAYERS = (("ethernet", "Ethernet", "de tarjeta a tarjeta"),
          ("ip", "IP", "de máquina a máquina"),
          ("tcp", "TCP", "de programa a programa"),
          ("bytes", "datos", "lo que dio SEND"))


def cell(at):
    return BYTES_LEFT + CELL * (at % 16), BYTES_TOP + LINE * (at // 16)


def draw_bytes(packet, position):
    """Every byte of it, coloured by the header that it belongs to; framed are the addresses, the ports and the data."""
    width = BYTES_LEFT * 2 + CELL * 16 + 250
    lines = (packet.ends[-1] + 15) // 16
    parts = [words(width / 2, 28, f"paquete {position}", "title", "middle")]
    for at, byte in enumerate(packet.bytes[:packet.ends[-1]]):
        layer = next(name for (name, _, _), end in zip(LAYERS, packet.ends) if at < end)
        x, y = cell(at)
        parts += [f'<rect class="{layer}" x="{x}" y="{y}" width="{CELL}" height="{LINE - 4}"/>',
                  words(x + CELL / 2, y + 15, f"{byte:02x}", "", "middle")]
    ip, tcp, data, end = packet.ends
    (source, from_port), (destination, to_port) = packet.source, packet.destination
    fields = ((ip + 12, 4, source), (ip + 16, 4, destination), (tcp, 2, from_port), (tcp + 2, 2, to_port),
              (data, end - data, quoted(packet.data)))
    names = {}
    for begin, size, text in fields:
        for at in range(begin, begin + size):  # a field may go on in the next line
            first, last = at == begin or at % 16 == 0, at == begin + size - 1 or at % 16 == 15
            x, y = cell(at)
            parts.append(f'<path class="mark" d="M{x} {y}h{CELL}M{x} {y + LINE - 4}h{CELL}'
                         + (f"M{x} {y}v{LINE - 4}" if first else "") + (f"M{x + CELL} {y}v{LINE - 4}" if last else "") + '"/>')
        names.setdefault((begin + size - 1) // 16, []).append(str(text))
    for line, texts in names.items():
        parts.append(words(BYTES_LEFT + CELL * 16 + 14, BYTES_TOP + LINE * line + 15, " ".join(texts), "", "start"))
    top = BYTES_TOP + LINE * lines + 14
    sizes = [end - begin for begin, end in zip((0, *packet.ends), packet.ends)]
    for at, ((name, title, what), size) in enumerate(zip(LAYERS, sizes)):
        y = top + 24 * at
        parts += [f'<rect class="{name}" x="{BYTES_LEFT}" y="{y}" width="18" height="16"/>',
                  words(BYTES_LEFT + 28, y + 12, f"{title}, {size} bytes", "head", "start"),
                  words(BYTES_LEFT + 180, y + 12, what, "legend", "start")]
    return svg(width, top + 24 * len(LAYERS) + 6, "Los bytes de un paquete",
               "De una captura; los colores dicen de qué cabecera es cada byte.", parts)


def pictures(file):
    """Both, of a capture."""
    capture = read(file)
    first = next(at for at, packet in enumerate(capture) if packet.data)
    return draw_packets(capture), draw_bytes(capture[first], first + 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("capture")
    parser.add_argument("packets", help="the picture of the packets")
    parser.add_argument("bytes", help="the picture of the first packet with data")
    arguments = parser.parse_args()
    with open(arguments.capture, "rb") as file:
        drawn = pictures(file.read())
    for name, picture in zip((arguments.packets, arguments.bytes), drawn):
        with open(name, "w", encoding="utf-8", newline="\n") as file:
            file.write(picture)  # in Spanish; labels.py makes the English ones


if __name__ == "__main__":
    main()
