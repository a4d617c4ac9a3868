#!/usr/bin/env python3
"""The guide in its languages, kept in step: the same pages, the same sections, the same programs and pictures, and nothing
that is missing.

    check_guide.py [root of the project]
"""

import pathlib
import re
import sys

import labels

LANGUAGES = ("es", "en")
CODE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
HEADING = re.compile(r"^(#+)\s+\S.*?(?:\{#(\w+)\})?[ \t]*$", re.M)
PROGRAM = re.compile(r"[\\@](include|snippet|dontinclude)(?:\{[^}]*\})?[ \t]+(\S+)[ \t]*(\S*)")
PICTURE = re.compile(r"[\\@]image[ \t]+html[ \t]+(\S+)")
TARGET = re.compile(r"[\\@](ref|subpage)[ \t]+(\w+)\b(?!::)")

ERROR = re.compile(r"[a-z_]+(?: .*?)?: (?:[A-Z].*?|\.\.\.) \((.*)\)")  # what an Error says, with its hint
CHANGES = re.compile(r'\d+|, |; | within |(?<=bytes) (?=so far)|: ".*"')  # between the parts of a hint that the library puts together


class Page:
    def __init__(self, path, language):
        self.path = path
        self.language = language
        text = CODE.sub("", path.read_text(encoding="utf-8"))
        spans = SPAN.findall(text)
        self.broken_spans = [span for ticks, span in spans if ticks == "`" and "'" in span]
        self.hints = [found[1] for _, span in spans if (found := ERROR.fullmatch(span))]
        self.cpp = "```cpp" in path.read_text(encoding="utf-8")
        self.headings = [(len(level), label or "") for level, label in HEADING.findall(text)]
        text = SPAN.sub("", text)
        self.programs = PROGRAM.findall(text)
        self.pictures = PICTURE.findall(text)
        self.targets = TARGET.findall(text)

    def label(self):
        return {"main": "mainpage", "index": "guide"}.get(self.path.stem, "guide_" + self.path.stem)


def first_difference(ours, theirs):
    for a, b in zip(ours, theirs):
        if a != b:
            return a, b
    longer = ours if len(ours) > len(theirs) else theirs
    extra = longer[min(len(ours), len(theirs))]
    return (extra, None) if longer is ours else (None, extra)


def spoken(root):
    """Everything that the library may say."""
    text = "".join(path.read_text(encoding="utf-8") for path in sorted((root / "include/sockets").rglob("*.?pp")))
    return "\n".join(re.findall(r'"((?:[^"\\\n]|\\.)*)"', re.sub(r'"\s*"', "", text)))


HINT = re.compile(r'\{std::errc::\w+, Kind::\w+, "[^"]*",\s*"([^"]+)"\}')


def unexplained_hints(root):
    """Those of the library's table that a page on errors lacks."""
    text = re.sub(r'"\s*\n\s*"', "", (root / "include/sockets/detail/hints.hpp").read_text(encoding="utf-8"))
    hints = HINT.findall(text)
    if len(hints) < 30:
        yield "include/sockets/detail/hints.hpp: where is the table?"
    for path in (root / "docs/guide" / language / "errors.md" for language in LANGUAGES):
        page = path.read_text(encoding="utf-8")
        yield from (f"{path.relative_to(root)}: does not explain ({hint})" for hint in hints if hint not in page)


LINK = re.compile(r"\]\(([^)]+)\)")
BESIDE_CODE = re.compile(r"(?:#|//) .*")


def readme(path):
    """What README has in both languages: the levels of its headings, its code without comments, the code in its tables, its links."""
    text = path.read_text(encoding="utf-8")
    code = [BESIDE_CODE.sub("", line).rstrip() for block in CODE.finditer(text) for line in block[0].split("\n")]
    text = CODE.sub("", text)
    levels = [len(level) for level, _ in HEADING.findall(text)]
    cells = [cell for line in text.split("\n") if line.startswith("|") for cell in re.findall(r"`[^`]+`", line)]
    return levels, code, cells, [re.sub(r"/(en|es)/|README(\.es)?", "", link) for link in LINK.findall(text)]


def check_readme(root):
    for what, ours, theirs in zip(("heading", "code", "code in a table", "link"), readme(root / "README.es.md"),
                                  readme(root / "README.md")):
        if ours != theirs:
            mine, yours = first_difference(ours, theirs)
            yield f"README.es.md: {what} {mine} here, {yours} in README.md"


def missing_terms(root):
    """Those of the documents' terms that a glossary lacks."""
    terms = [line.split(" ", 1) for line in (root / "tests/terms.txt").read_text(encoding="utf-8").splitlines()
             if not line.startswith("#")]
    for path in (root / "docs/guide" / language / "glossary.md" for language in LANGUAGES):
        rows = {tuple(cell.strip(" `") for cell in line.split("|")[1:3]) for line in path.read_text(encoding="utf-8").split("\n")
                if line.startswith("| ")}
        yield from (f"{path.relative_to(root)}: lacks {term}, of document {document}" for document, term in terms
                    if (term, document) not in rows)


def check_pictures(folder):
    """One picture in two languages: what of it is not the same."""
    for path in sorted((folder / "es").glob("*.svg")):
        other = folder / "en" / path.name
        try:
            drawn = labels.english(path.read_text(encoding="utf-8"))
        except ValueError as error:
            yield f"docs/pictures/es/{path.name}: {error}"
        else:
            if not other.is_file() or drawn != other.read_text(encoding="utf-8"):
                yield f"docs/pictures/en/{path.name}: docs/tools/labels.py makes another one"


def check(root):
    trouble = [*check_pictures(root / "docs/pictures"), *unexplained_hints(root), *missing_terms(root), *check_readme(root)]
    pages = {language: {path.name: Page(path, language) for path in sorted((root / "docs/guide" / language).glob("*.md"))}
             for language in LANGUAGES}
    if not any(pages.values()):
        return ["docs/guide: no pages"]

    def say(page, what):
        trouble.append(f"{page.path.relative_to(root)}: {what}")

    one, other = LANGUAGES
    for language, missing_in in ((one, other), (other, one)):
        for name in sorted(pages[language].keys() - pages[missing_in].keys()):
            say(pages[language][name], f"there is no such page in {missing_in}")

    for name in sorted(pages[one].keys() & pages[other].keys()):
        ours, theirs = pages[one][name], pages[other][name]
        for what, a, b in (("section", ours.headings, theirs.headings), ("program", ours.programs, theirs.programs),
                           ("picture", ours.pictures, theirs.pictures)):
            if a != b:
                mine, yours = first_difference(a, b)
                say(ours, f"{what} {mine} here, {yours} in {other}")

    known = {language: set() for language in LANGUAGES}
    for page in (page for language in LANGUAGES for page in pages[language].values()):
        for number, (level, label) in enumerate(page.headings):
            if number == 0 and (level != 1 or label != page.label()):
                say(page, f"the title's label is {label or 'missing'}, not {page.label()}")
            elif number > 0 and level == 1:
                say(page, f"a second title: {label}")
            elif number > 0 and level == 2 and not label:
                say(page, "a section has no label")
            if label and label in known[page.language]:
                say(page, f"the label {label} is there twice")
            known[page.language].add(label)

    # What is beside the guide: the groups of the reference.
    beside = set(re.findall(r"@defgroup (\w+)", (root / "docs/reference/groups.dox").read_text(encoding="utf-8")))

    library = spoken(root)
    subpages = {}
    for page in (page for language in LANGUAGES for page in pages[language].values()):
        if page.cpp:
            say(page, "C++ that is pasted is not compiled: \\include it")
        for hint in page.hints:
            if not all(part.strip() in library for part in CHANGES.split(hint)):
                say(page, f"no Error says ({hint})")
        for span in page.broken_spans:
            say(page, f"Doxygen ends code at an apostrophe, so give it two backticks: ``{span}``")
        for command, file, marker in page.programs:
            found = [folder / file for folder in (root / "examples", root / "docs/snippets", root / "tests") if (folder / file).is_file()]
            if not found:
                say(page, f"there is no program {file}")
            elif command == "snippet" and found[0].read_text(encoding="utf-8").count(f"[{marker}]") < 2:
                say(page, f"{file} has no marks [{marker}]")
        for picture in page.pictures:
            if not (root / "docs/pictures" / page.language / picture).is_file():
                say(page, f"there is no picture {picture}")
        for command, label in page.targets:
            if (label.startswith("guide_") or command == "subpage") and label not in known[page.language]:
                say(page, f"\\{command} {label}: there is no such page or section")
            elif command == "ref" and label not in known[page.language] | beside:
                say(page, f"\\ref {label}: there is no such section in the guide or beside it")
            if command == "subpage":
                subpages.setdefault((page.language, label), []).append(page)

    for page in (page for language in LANGUAGES for page in pages[language].values()):
        if page.path.stem != "main" and (times := len(subpages.get((page.language, page.label()), []))) != 1:
            say(page, f"\\subpage {page.label()} stands {times} times, not once")
    return trouble


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent.parent).resolve()
    trouble = check(root)
    for line in trouble:
        print(line, file=sys.stderr)
    if trouble:
        return 1
    count = len(list((root / "docs/guide" / LANGUAGES[0]).glob("*.md")))
    terms = len((root / "tests/terms.txt").read_text(encoding="utf-8").splitlines()) - 1
    print(f"{count} pages in {' and '.join(LANGUAGES)}, in step; {terms} terms in the glossary")
    return 0


if __name__ == "__main__":
    sys.exit(main())
