#!/usr/bin/env python3
"""Makes the site: html/en from the sources, html/es from their translated copies, and a first page that chooses.

    make_site.py build/docs             what build/docs/html holds is made anew
    make_site.py build/docs --pseudo    only the Spanish one, every translated text in ⟦ ⟧, in build/docs/pseudo/html/es
"""

import html
import os
import pathlib
import re
import shutil
import subprocess
import sys

import player
import translate

REFERENCE = translate.ROOT / "docs/reference"


def doxygen(options):
    subprocess.run(["doxygen", "-"], cwd=translate.ROOT, check=True, encoding="utf-8",
                   input="@INCLUDE = Doxyfile\n" + "".join(f"{name} = {value}\n" for name, value in options.items()))


def english(out):
    doxygen({"OUTPUT_DIRECTORY": out})


def spanish(out, language):
    copies = out / "copies"
    shutil.rmtree(copies, ignore_errors=True)
    brief = translate.copy(language, copies)
    for folder in translate.PROGRAMS:
        (copies / folder).mkdir(parents=True, exist_ok=True)
    header = copies / "docs/reference/header.html"
    text = header.read_text(encoding="utf-8")
    for ours, theirs in (('<html lang="en">', '<html lang="es">'), ("../es/", "../en/"), ('="es">Español<', '="en">English<')):
        if ours not in text:
            sys.exit(f"{header}: there is no {ours}")
        text = text.replace(ours, theirs)
    header.write_text(text, encoding="utf-8")
    guide = copies / "docs/guide/es" if language == "pseudo" else "docs/guide/es"
    doxygen({
        "OUTPUT_DIRECTORY": out,
        "OUTPUT_LANGUAGE": "Spanish",
        "PROJECT_BRIEF": f'"{brief}"',
        "INPUT": f"{copies}/include/sockets {copies}/docs/reference {guide}",
        "FILTER_PATTERNS": "",  # it has been done
        "STRIP_FROM_PATH": f"{copies} {copies}/include .",
        "STRIP_FROM_INC_PATH": f"{copies}/include",
        "EXAMPLE_PATH": f"{copies}/docs/snippets {copies}/examples {copies}/tests",
        "IMAGE_PATH": "docs/pictures/es",
        "LAYOUT_FILE": f"{copies}/docs/reference/layout.xml",
        "HTML_HEADER": header,
        "HTML_OUTPUT": "html/es",
        "GENERATE_TAGFILE": "",
    })


def name_cells(table):
    """Each cell with its column's name, which a phone shows: site.css."""
    names = [html.escape(html.unescape(re.sub(r"<[^>]+>", "", head)).strip()) for head in re.findall(r"<th[^>]*>(.*?)</th>", table[0], re.S)]
    rows = []
    for row in table[0].split("<tr"):
        columns = iter(names)
        rows.append(re.sub(r"<td(?= class=.markdownTable)", lambda _: f'<td data-head="{next(columns, "")}"', row))
    return "<tr".join(rows)


def picture(folder, name):
    """One that can be opened, with its title for those who do not see it."""
    title = re.search(r"<title>(.*?)</title>", (folder / name).read_text(encoding="utf-8"), re.S)[1]
    return f'<a href="{name}"><img src="{name}" alt="{html.escape(html.unescape(title))}"/></a>'


def finish_pages(folder, language, copies=None):
    """Each page leads to its other half. Those of the folders lead nowhere, and nothing leads to them."""
    for page in folder.glob("dir_*.html"):
        page.unlink()
    for page in folder.glob("*.html"):
        text = page.read_text(encoding="utf-8")
        text = re.sub(r'<table class="markdownTable">.*?</table>', name_cells, text, flags=re.S)
        text = re.sub(r'<object type="image/svg\+xml" data="([^"]+)"[^>]*></object>',
                      lambda match: picture(folder, match[1]), text)
        text = re.sub(r"(fe80::1|ff02::1)eth0", r"\1%eth0", text)  # Doxygen takes the % of %eth0 for its own
        text = player.into(text, language, copies)
        page.write_text(text.replace("@PAGE@", page.name), encoding="utf-8")


def main():
    out = pathlib.Path(sys.argv[1]).resolve()
    os.environ.setdefault("SOCKETS_SECTIONS", "")
    if sys.argv[2:] == ["--pseudo"]:
        out = out / "pseudo"
    site = out / "html"
    shutil.rmtree(site, ignore_errors=True)
    site.mkdir(parents=True)
    if sys.argv[2:] == ["--pseudo"]:
        spanish(out, "pseudo")
        finish_pages(site / "es", "es", out / "copies")
        return
    english(out)
    spanish(out, "es")
    finish_pages(site / "en", "en")
    finish_pages(site / "es", "es", out / "copies")
    shutil.copyfile(REFERENCE / "choose.html", site / "index.html")


if __name__ == "__main__":
    main()
