#!/usr/bin/env python3
"""The cheat sheet in its languages, as PDF: one page of A4 each.

    make_sheets.py SITE              SITE/es/sheet.pdf and SITE/en/sheet.pdf
    make_sheets.py --check           only what needs no browser

First the sheets are checked: they have the same rows and the same code, their programs compile, and their errors and
commands are those of the guide. Where there is no Chromium, the site gets the HTML files instead.
"""

import argparse
import html.parser
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zlib

SHEETS = pathlib.Path(__file__).resolve().parent
ROOT = SHEETS.parent.parent
LANGUAGES = ("es", "en")
SMALLEST = 8.5  # points: read at arm's length
A4 = (595.3, 841.9)  # points
WORDS = ("SOCKET", "BIND", "LISTEN", "ACCEPT", "CONNECT", "SEND", "RECEIVE", "CLOSE")
NAMES = ('TcpListener("localhost", port)', "accept", "TcpSocket(host, port)", "send_all", "recv", "close", "LineReader",
         "Error", "local_address", "trace_to")


# --- what is on a sheet -------------------------------------------------------------------------------------


class Sheet(html.parser.HTMLParser):
    """Its skeleton, which is alike in all languages: every tag, and the text of code."""

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.skeleton = []  # (line, what)
        self.programs = []
        self.codes = {}  # by the nearest class, dl or dt around them
        self.first_cells = []
        self.loads = []
        self.open = []  # (tag, class)
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        kind = found.get("class") or ""
        self.skeleton.append((self.getpos()[0], f"<{tag} {kind}>" if kind else f"<{tag}>"))
        self.loads += [found[key] for key in ("href", "src") if found.get(key)]
        if tag not in ("meta", "link", "br", "img"):
            self.open.append((tag, kind))

    def handle_endtag(self, tag):
        self.skeleton.append((self.getpos()[0], f"</{tag}>"))
        self.open.pop()

    def handle_data(self, data):
        tag, kind = self.open[-1] if self.open else ("", "")
        if (tag, kind) == ("td", ""):
            self.first_cells.append(data)
        if tag not in ("code", "pre"):
            return
        self.skeleton += [(self.getpos()[0] + number, text) for number, text in enumerate(data.split("\n"))]
        if kind == "program":
            self.programs.append(data.lstrip("\n"))
        around = next((k or t for t, k in reversed(self.open[:-1]) if k or t in ("dl", "dt")), "")
        self.codes.setdefault(around, []).append(data)


def difference(ours, theirs):
    """The first place where two skeletons part."""
    for (line, a), (other, b) in zip(ours.skeleton, theirs.skeleton):
        if a != b:
            return f"{ours.path.name}:{line} has {a.strip()!r} where {theirs.path.name}:{other} has {b.strip()!r}"
    if len(ours.skeleton) != len(theirs.skeleton):
        return f"{ours.path.name} and {theirs.path.name} are not of one length"
    return None


def compiles(program):
    """None, or what the compiler says; None too where there is no compiler."""
    compiler = shutil.which("g++") or shutil.which("clang++")
    if not compiler:
        return None
    run = subprocess.run([compiler, "-std=c++17", "-fsyntax-only", "-Wall", "-Wextra", "-Wpedantic", "-Werror",
                          "-I", ROOT / "include", "-x", "c++", "-"], input=program, capture_output=True, text=True)
    said = run.stderr.strip().splitlines()
    return None if run.returncode == 0 else next((line for line in said if "error:" in line), said[0])


def check(sheets):
    trouble = []
    first = sheets[LANGUAGES[0]]
    for language in LANGUAGES[1:]:
        if found := difference(first, sheets[language]):
            trouble.append(found)
    for number, program in enumerate(first.programs, 1):
        if found := compiles(program):
            trouble.append(f"{first.path.name}: program {number} does not compile: {found}")
    if len(first.programs) != 2:
        trouble.append(f"{first.path.name}: {len(first.programs)} programs, not a client's and a server's")

    for language, sheet in sheets.items():
        guide = ROOT / "docs/guide" / language
        for kind, count, page in (("errors", 5, "errors.md"), ("dl", 4, "first_program.md")):
            known = (guide / page).read_text(encoding="utf-8")
            codes = sheet.codes.get(kind, [])
            if len(codes) != count:
                trouble.append(f"{sheet.path.name}: {len(codes)} in {kind}, not {count}")
            trouble += [f"{sheet.path.name}: not in {page}: {code}" for code in codes if f"`{code}`" not in known]
        rows = sheet.codes.get("names", [])
        for name in NAMES:
            if name not in rows:
                trouble.append(f"{sheet.path.name}: of the ten names {name} is missing")
        for word in WORDS:
            if word not in sheet.first_cells:
                trouble.append(f"{sheet.path.name}: of the primitives {word} is missing")
        trouble += [f"{sheet.path.name}: loads {what}" for what in sheet.loads if what != "sheet.css"]

    style = (SHEETS / "sheet.css").read_text(encoding="utf-8")
    for size in re.findall(r"\bfont(?:-size)?:[^;]*?([\d.]+)pt", style):
        if float(size) < SMALLEST:
            trouble.append(f"sheet.css: {size}pt is too small to read, {SMALLEST}pt is the least")
    if re.search(r"url\(|@import", style):
        trouble.append("sheet.css: loads something")
    return trouble


# --- paper --------------------------------------------------------------------------------------------------


def print_pdf(chromium, page, pdf):
    pdf.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        try:
            run = subprocess.run([chromium, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
                                  "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()],
                                 capture_output=True, text=True, errors="replace", timeout=120)
        except subprocess.TimeoutExpired:
            return [f"{pdf.name}: {chromium} did not end within two minutes"]
    if run.returncode != 0 or not pdf.is_file():
        said = run.stderr.strip().splitlines() or ["nothing"]
        return [f"{pdf.name}: {chromium} made none and said: {said[-1]}"]
    return []


def objects_of(pdf):
    """Its objects, those inside compressed object streams too."""
    data = pdf.read_bytes()
    packed = re.findall(rb"/Type\s*/ObjStm\b[^>]*>>\s*stream\r?\n(.*?)endstream", data, re.S)
    return b"\n".join([data, *(zlib.decompressobj().decompress(stream) for stream in packed)])


def check_pdf(pdf):
    """One page, of A4."""
    data = objects_of(pdf)
    pages = len(re.findall(rb"/Type\s*/Page(?![a-zA-Z])", data))
    if pages != 1:
        return [f"{pdf.name}: {pages} pages, not 1: something is too long, or the fonts (fonts-liberation) are missing"]
    box = re.search(rb"/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]", data)
    size = tuple(float(side) for side in box.groups()) if box else (0, 0)
    if any(abs(side - wanted) > 2 for side, wanted in zip(size, A4)):
        return [f"{pdf.name}: {size[0]:g} x {size[1]:g} points, not A4"]
    return []


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("site", nargs="?", type=pathlib.Path, metavar="SITE")
    parser.add_argument("--check", action="store_true", help="check the sheets, make nothing")
    arguments = parser.parse_args()
    if not arguments.check and not arguments.site:
        parser.error("where to? SITE is missing")

    sheets = {language: Sheet(SHEETS / f"sheet_{language}.html") for language in LANGUAGES}
    trouble = check(sheets)
    chromium = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if not trouble and not arguments.check:
        site = arguments.site.resolve()
        for language, sheet in sheets.items():
            folder = site / language
            folder.mkdir(parents=True, exist_ok=True)
            if chromium:
                trouble += print_pdf(chromium, sheet.path, folder / "sheet.pdf") or check_pdf(folder / "sheet.pdf")
            else:
                shutil.copyfile(SHEETS / "sheet.css", folder / "sheet.css")
                shutil.copyfile(sheet.path, folder / "sheet.html")
        if not chromium:
            print(f"no chromium here: the sheets are in {site} as HTML, print them from a browser")
            return 0
    for line in trouble:
        print(line, file=sys.stderr)
    if not trouble:
        print("the sheets agree" if arguments.check else f"{site}: sheet.pdf in {' and '.join(sheets)}, one page of A4 each")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
