#!/usr/bin/env python3
"""Draws a run of the demo as a picture that moves: each row appears when it is its turn. docs/pictures/demo.svg, for README.

    film.py <folder of the programs>        such as build/dev/examples

Where nothing moves (a reader who wants it so, a program that does not animate) the picture is whole.
"""

import html
import os
import pathlib
import re
import subprocess
import sys

PICTURE = pathlib.Path(__file__).resolve().parents[1] / "pictures/demo.svg"
COLUMNS = 100
WIDTH, HEIGHT = 7.25, 17  # of a character, of a row
MARGIN = 14
LARGEST = 20_000  # bytes

STYLE = """
    text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #9198a1;
      white-space: pre }
    .client { fill: #79c0ff }
    .server { fill: #e3b341 }
    g { animation: come .3s both }
    @keyframes come { from { opacity: 0 } }
    @media (prefers-reduced-motion: reduce) { g { animation: none } }
"""


def rows(folder):
    """What the demo prints of the echo, from the columns' heads on."""
    run = subprocess.run([os.path.join(folder, "show_demo"), folder, "echo"], check=True, capture_output=True, text=True,
                         stdin=subprocess.DEVNULL, env={**os.environ, "COLUMNS": str(COLUMNS)}, timeout=120)
    lines = run.stdout.rstrip().splitlines()
    begin = next(at for at, line in enumerate(lines) if "cliente" in line and "servidor" in line)
    return [line.rstrip() for line in lines[begin:-2]]


def alike(lines):
    """The rows as they are in every run: without times, lent ports and who had to wait."""
    found = [re.sub(r"(127\.0\.0\.1:|localhost, )\d+", r"\1#", re.sub(r"^ *[\d.]+ ", "", line)) for line in lines]
    return sorted(" ".join(line.split()) for line in found if " ... " not in line)


def draw(lines):
    left = re.search(r" \| ", lines[0]).start()
    parts = []
    for number, line in enumerate(lines):
        y = MARGIN + HEIGHT * (number + 0.8)
        pieces = [(0, "", line[:9]), (9, "client", line[9:left]), (left + 1, "", "|"), (left + 3, "server", line[left + 3:])]
        texts = "".join(f'<text{f" class={chr(34)}{kind}{chr(34)}" if kind else ""} x="{MARGIN + WIDTH * at:.1f}" '
                        f'y="{y:.1f}">{html.escape(text.rstrip(), quote=False)}</text>'
                        for at, kind, text in pieces if text.strip())
        parts.append(f'<g style="animation-delay:{max(0, number - 1) * 0.45:.2f}s">{texts}</g>')
    width, height = 2 * MARGIN + WIDTH * COLUMNS, 2 * MARGIN + HEIGHT * len(lines)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {width:.0f} {height}" width="{width:.0f}">\n'
            f"  <title>./dev demo echo</title>\n  <style>{STYLE}  </style>\n"
            f'  <rect width="{width:.0f}" height="{height}" rx="8" fill="#0d1117"/>\n' +
            "".join(f"  {part}\n" for part in parts) + "</svg>\n")


def lines_of(picture):
    """The rows that a picture shows."""
    shown = []
    for group in re.findall(r"<g .*?</g>", picture):
        shown.append(" ".join(html.unescape(text) for text in re.findall(r">([^<]+)</text>", group)))
    return shown


def main():
    picture = draw(rows(sys.argv[1]))
    if len(picture.encode()) > LARGEST:
        sys.exit(f"film.py: {len(picture.encode())} bytes, more than {LARGEST}")
    PICTURE.write_text(picture, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
