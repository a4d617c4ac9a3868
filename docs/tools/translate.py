#!/usr/bin/env python3
"""The sources are English alone. For the Spanish site this takes the texts out of their comments, and puts docs/i18n/es.po's
translations in.

    translate.py template             all texts, as gettext's template, on standard output
    translate.py update               docs/i18n/es.po follows the sources: then translate what `check` names
    translate.py check                whether es.po has every text, and the copies the same code as the sources
    translate.py copy es FOLDER       copies of everything that Doxygen reads, translated
    translate.py copy pseudo FOLDER   the same with every text in ⟦ ⟧: what stands outside on a page cannot be translated

gettext's programs do the rest: msgmerge, msgfmt, msgattrib. Exit status 77: they are not here.
"""

import gettext
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

ROOT = pathlib.Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "docs/i18n/es.po"
NOT_HERE = 77

# --- texts: paragraphs, items, cells ------------------------------------------------------------------------

FENCE = re.compile(r"\s*(```|~~~|[@\\](?:code|verbatim|htmlonly|dot)\b)")
FENCE_END = {"@": re.compile(r"\s*[@\\]end\w+"), "\\": re.compile(r"\s*[@\\]end\w+"),
             "`": re.compile(r"\s*```\s*$"), "~": re.compile(r"\s*~~~\s*$")}
WHOLE_LINE = re.compile(
    r"\s*(?:[@\\](?:ingroup|include|snippet|dontinclude|skip|until|line|file|relates|fn|if|else|endif|image|name|"
    r"[{}])(?:\{|\b|$).*|[-=*_]{3,}\s*|\|[-:| ]+\|\s*|NOLINT.*|clang-format.*|\[\w+\]\s*|<.*>\s*)")
LEAD = re.compile(
    r"(?P<lead>\s*(?:[@\\](?:t?param|throws|retval)(?:\[\w+\])?\s+\S+\s+|[@\\](?:returns?|brief|note|par|see|warning|pre)\s+"
    r"|[@\\]defgroup\s+\w+\s+|#+\s+|[-*+]\s+|\d+\.\s+))(?P<text>.*?)(?P<tail>\s*\{#\w+\})?\s*")
NO_TEXT = re.compile(
    r"""^namespace\s[\w:]+$|``.+?``|`[^`]+`|[@\\](?:ref|subpage|p|c|a)\s+\S+(?:\s+"\w*(?:[a-z][A-Z]|_|\()[^"]*")?|\{#\w+\}|https?://\S+|<[^>]*>""")
CELL = re.compile(r"((?:``.+?``|`[^`]*`|\\\||[^|`])*)(\||$)")


def is_text(text):
    """Whether there is something to translate: a name in capitals, a link without words of its own is not."""
    return bool(re.search(r"[a-záéíóúüñ]{2}", NO_TEXT.sub("", text)))


def say(text, translate):
    if text.startswith("prints: "):  # what a program prints is not translated
        return translate("prints:") + text.removeprefix("prints:")
    return translate(text) if is_text(text) else text


def cells(row, translate):
    def cell(match):
        text = match[1].strip()
        return match[1].replace(text, say(text, translate)) + match[2] if text else match[0]
    return CELL.sub(cell, row)


def paragraphs(lines, translate, width):
    """The same lines, their texts translated. width: of a paragraph's lines; None: it becomes one line."""
    result = []
    fence = None
    paragraph = None  # [lead, lines of text, tail, the lines as they were]

    def finish():
        nonlocal paragraph
        if not paragraph:
            return
        lead, text, tail, before = paragraph
        paragraph = None
        text = " ".join(" ".join(text).split())
        translated = say(text, translate)
        if translated == text:
            result.extend(before)
        elif width is None:
            result.append(lead + translated + tail)
        else:
            result.extend(textwrap.wrap(translated, max(width, len(lead) + 30), initial_indent=lead,
                                        subsequent_indent=" " * len(lead),
                                        break_long_words=False, break_on_hyphens=False))

    for line in lines:
        if fence:
            result.append(line)
            if FENCE_END[fence].match(line):
                fence = None
        elif not line.strip() or FENCE.match(line) or WHOLE_LINE.fullmatch(line):
            finish()
            result.append(line)
            opened = FENCE.match(line)
            fence = opened[1][0] if opened else None
        elif line.lstrip().startswith("|"):
            finish()
            result.append(cells(line, translate))
        elif found := LEAD.fullmatch(line):
            finish()
            paragraph = [found["lead"], [found["text"]], found["tail"] or "", [line]]
        elif paragraph:
            paragraph[1].append(line)
            paragraph[3].append(line)
        elif line.startswith("  ") and width is not None:  # laid out by hand: a command line, a drawing
            result.append(line.replace(line.strip(), say(line.strip(), translate)))
        else:
            paragraph = [re.match(r"\s*", line)[0] if width is None else "", [line], "", [line]]
    finish()
    return result


# --- the comments of a program -------------------------------------------------------------------------------

TOKEN = re.compile(
    r"""R"(?P<end>\w*)\(.*?\)(?P=end)" | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])' | /\*.*?\*/ | (?P<comment>//[^\n]*)""",
    re.X | re.S)
COMMENT = re.compile(r"(?P<marker>//[/!]?<?)(?P<space> ?)(?P<text>.*)")
RULE = re.compile(r"(--- )(.*?)( -+)")
NAMED = re.compile(r"(/\*\* @name )(.*?)( \*/)")
DETAIL = re.compile(r"^namespace (?:sockets::)?detail \{$.*?^\} // namespace (?:sockets::)?detail$", re.M | re.S)
COLUMNS = 100  # of a program on a page
NARROW = 28  # beside code there is no room for a text


def comments(text, translate, hidden, documentation_only=False):
    """The same program with other comments, but in what is hidden. documentation_only: what Doxygen takes into its pages."""
    places = {match.start("comment") for match in TOKEN.finditer(text) if match["comment"]}
    lines = []  # (what stands before the comment, its match or None)
    at = 0
    for line in text.split("\n"):
        place = next((at + match.start() for match in re.finditer("//", line) if at + match.start() in places), None)
        found = None if place is None else COMMENT.fullmatch(line[place - at:])
        if found and (any(place in span for span in hidden) or documentation_only and not found["marker"].startswith("///")):
            found = None
        lines.append((line[:place - at] if found else line, found))
        at += len(line) + 1

    result = []
    number = 0
    while number < len(lines):
        before, found = lines[number]
        number += 1
        if not found:
            result.append(NAMED.sub(lambda match: match[1] + say(match[2], translate) + match[3], before))
            continue
        texts = [found["text"]]
        marker = found["marker"]
        while number < len(lines):  # it goes on in the same column
            more, another = lines[number]
            if not another or more.strip() or len(more) != len(before) or another["marker"] != marker:
                break
            texts.append(another["text"])
            number += 1
        if before.strip():
            result += beside(before, marker, " ".join(" ".join(texts).split()), translate)
        else:
            result += block(before, marker, texts, translate)
    return "\n".join(line.rstrip() for line in result)


def block(indent, marker, texts, translate):
    if len(texts) == 1 and (rule := RULE.fullmatch(texts[0])):
        title = say(rule[2], translate)
        return [f"{indent}{marker} {rule[1]}{title} ".ljust(len(indent + marker) + 1 + len(texts[0]), "-")]
    width = COLUMNS - len(indent + marker) - 1
    return [f"{indent}{marker} {line}" for line in paragraphs(texts, translate, width)]


def beside(code, marker, text, translate):
    """A comment behind code; below that if it is long, above where there is no room."""
    translated = say(text, translate)
    if marker.endswith("<"):
        return [f"{code}{marker} {translated}"]
    width = COLUMNS - len(code + marker) - 1
    if len(translated) <= width:
        return [f"{code}{marker} {translated}"]
    if width < NARROW:
        indent = re.match(r"\s*", code)[0]
        above = textwrap.wrap(translated, COLUMNS - len(indent + marker) - 1, break_long_words=False, break_on_hyphens=False)
        return [f"{indent}{marker} {line}" for line in above] + [code]
    first, *more = textwrap.wrap(translated, width, break_long_words=False, break_on_hyphens=False)
    return [f"{code}{marker} {first}"] + [f"{' ' * len(code)}{marker} {line}" for line in more]


# --- the other things that Doxygen reads ------------------------------------------------------------------------


def attributes(text, translate):
    """Of layout.xml."""
    return re.sub(r'\b(title|intro)="([^"]+)"', lambda match: f'{match[1]}="{say(match[2], translate)}"', text)


def page(text, translate):
    """Of Markdown."""
    return "\n".join(paragraphs(text.split("\n"), translate, None))


def header_html(text, translate):
    """What a page's head says by itself."""
    return re.sub(r'(\.title = )"([^"]+)"', lambda match: f'{match[1]}"{say(match[2], translate)}"', text)


# --- which files ------------------------------------------------------------------------------------------------

SHOWN = re.compile(r"[@\\](include|snippet|dontinclude)(?:\{[^}]*\})?[ \t]+(\S+)[ \t]*(\S*)")
PROGRAMS = ("examples", "docs/snippets", "tests")


def read(name):
    return (ROOT / name).read_text(encoding="utf-8")


def option(name):
    """Doxyfile's."""
    found = re.search(rf"^{name}\s*=\s*((?:[^\n\\]|\\\n)*)", read("Doxyfile"), re.M)
    return found[1].replace("\\\n", " ").split()


def headers():
    excluded = [pattern.removeprefix("*/") for pattern in option("EXCLUDE_PATTERNS")]
    for path in sorted((ROOT / "include/sockets").rglob("*.?pp")):
        if not any(pathlib.PurePath(path).match(pattern) for pattern in excluded):
            yield str(path.relative_to(ROOT))


def header(name):
    """As Doxygen reads it."""
    return subprocess.run(["sed", "-f", "docs/reference/headers.sed", name], cwd=ROOT, check=True,
                          capture_output=True, encoding="utf-8").stdout


def programs():
    """Those that the pages show, with the names of the regions that they show; None: they show all of it."""
    pages = [*sorted((ROOT / "docs/guide").rglob("*.md")), *(ROOT / name for name in headers())]
    found = {}
    for command, name, region in sorted({shown for path in pages for shown in SHOWN.findall(path.read_text(encoding="utf-8"))}):
        places = [name, *(f"{folder}/{name}" for folder in PROGRAMS)]
        for place in [place for place in places if (ROOT / place).is_file()][:1]:
            regions = found.setdefault(place, set())
            if command != "snippet":
                found[place] = None
            elif regions is not None:
                regions.add(region)
    return found


def outside(text, regions):
    """What of a program no page shows."""
    if regions is None:
        return []
    marks = sorted(match.start() for region in regions for match in re.finditer(rf"//! \[{region}\]", text))
    ends = [0, *marks, len(text)]
    return [range(begin, end) for begin, end in zip(ends[::2], ends[1::2])]


def translated_files(translate, with_guide=False):
    """(name, text, translated text) of each."""
    for name in headers():
        text = header(name)
        hidden = [range(*match.span()) for match in DETAIL.finditer(text)]
        yield name, text, comments(text, translate, hidden, documentation_only=True)
    text = read("docs/reference/groups.dox")
    yield "docs/reference/groups.dox", text, comments(text, translate, [], documentation_only=True)
    for name, regions in programs().items():
        text = read(name)
        yield name, text, comments(text, translate, outside(text, regions))
    for name, how in (("docs/reference/layout.xml", attributes), ("docs/reference/header.html", header_html)):
        text = read(name)
        yield name, text, how(text, translate)
    if with_guide:
        for path in sorted((ROOT / "docs/guide/es").glob("*.md")):
            text = path.read_text(encoding="utf-8")
            yield str(path.relative_to(ROOT)), text, page(text, translate)


def brief():
    return " ".join(option("PROJECT_BRIEF")).strip('"')


# --- the catalogue ------------------------------------------------------------------------------------------------


def template():
    places = {}
    where = None

    def note(text):
        found = places.setdefault(text, [])
        if where not in found:
            found.append(where)
        return text

    names = [*headers(), "docs/reference/groups.dox", *programs(), "docs/reference/layout.xml", "docs/reference/header.html"]
    files = translated_files(note)
    for where in names:
        next(files)
    where = "Doxyfile"
    note(brief())

    def quoted(text):
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    entries = ['msgid ""\nmsgstr ""\n"Language: es\\n"\n"MIME-Version: 1.0\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
               '"Content-Transfer-Encoding: 8bit\\n"\n']
    for text, found in places.items():
        entries.append("".join(f"#: {place}\n" for place in found) + f"msgid {quoted(text)}\nmsgstr \"\"\n")
    return "\n".join(entries)


def run(*command, **options):
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8", **options).stdout


def updated():
    """es.po as it would be after `update`."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = pathlib.Path(folder, "site.pot")
        fresh.write_text(template(), encoding="utf-8")
        if not CATALOGUE.exists():
            return template()
        return run("msgmerge", "--quiet", "--width=120", str(CATALOGUE), str(fresh))


def translations(language):
    """What gives each text's translation."""
    if language == "pseudo":
        return lambda text: f"⟦ {text} ⟧"
    with tempfile.TemporaryDirectory() as folder:
        compiled = pathlib.Path(folder, "es.mo")
        run("msgfmt", "-o", str(compiled), str(CATALOGUE))
        with compiled.open("rb") as file:
            return gettext.GNUTranslations(file).gettext


def without_comments(text):
    """The code alone, as a compiler reads it."""
    compiler = next(filter(None, map(shutil.which, ("c++", "g++", "clang++"))))
    return run(compiler, "-fpreprocessed", "-dD", "-E", "-P", "-x", "c++", "-", input=text)


def check():
    trouble = []
    merged = updated()
    total = merged.count("\nmsgid ") - 1
    for what, wanted in (("missing", "--untranslated"), ("fuzzy", "--only-fuzzy")):
        left = run("msgattrib", wanted, "--no-obsolete", "--no-wrap", "-", input=merged)
        texts = re.findall(r'^msgid "(.+)"$', left, re.M)
        trouble += [f"docs/i18n/es.po, {what}: {text}" for text in texts]
        print(f"{len(texts)} {what}", end=", ")
    print(f"of {total} texts")

    translate = translations("es")
    equal = 0
    for name, text, copy in translated_files(translate):
        if not name.endswith((".hpp", ".ipp", ".cpp")):
            continue
        if without_comments(text) == without_comments(copy):
            equal += 1
        else:
            trouble.append(f"{name}: the copy has other code")
        if name.startswith(PROGRAMS):
            trouble += [f"{name}: the copy's line has {len(line)} columns: {line}" for line in copy.split("\n") if len(line) > COLUMNS]
    print(f"{equal} copies have the code of their sources")
    return trouble


def copy(language, folder):
    translate = translations(language)
    for name, _, text in translated_files(translate, with_guide=language == "pseudo"):
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return translate(brief())


def main():
    arguments = sys.argv[1:]
    if arguments == ["template"]:
        print(template(), end="")
        return 0
    if not shutil.which("msgfmt") and arguments[1:2] != ["pseudo"]:
        print("gettext is not here", file=sys.stderr)
        return NOT_HERE
    if arguments == ["update"]:
        CATALOGUE.write_text(updated(), encoding="utf-8")
    elif arguments == ["check"]:
        trouble = check()
        for line in trouble:
            print(line, file=sys.stderr)
        return 1 if trouble else 0
    elif len(arguments) == 3 and arguments[0] == "copy":
        copy(arguments[1], pathlib.Path(arguments[2]))
    else:
        print(__doc__, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
