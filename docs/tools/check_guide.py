#!/usr/bin/env python3
"""The guide in its languages, kept in step: the same pages, the same sections, the same programs and pictures, and nothing
that is missing.

    check_guide.py [root of the project]
"""

import pathlib
import re
import sys

LANGUAGES = ("es", "en")
CODE = re.compile(r"^(```+|~~~+).*?^\1\s*$", re.M | re.S)
SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.S)
HEADING = re.compile(r"^(#+)\s+\S.*?(?:\{#(\w+)\})?[ \t]*$", re.M)
PROGRAM = re.compile(r"[\\@](include|snippet|dontinclude)(?:\{[^}]*\})?[ \t]+(\S+)[ \t]*(\S*)")
PICTURE = re.compile(r"[\\@]image[ \t]+html[ \t]+(\S+)")
TARGET = re.compile(r"[\\@](ref|subpage)[ \t]+(\w+)")

ERROR = re.compile(r"[a-z_]+(?: (?:to|from|on|of|with) .*?)?: [A-Z].*? \((.*)\)")  # what an Error says, with its hint
CHANGES = re.compile(r"\d+|, | within ")  # between the parts of a hint that the library puts together


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

    def stems(self):
        """Labels without their language."""
        return [(level, re.sub(rf"_{self.language}$|(?<=guide_){self.language}(?=_|$)", "", label))
                for level, label in self.headings]

    def label(self):
        return "guide_" + self.language + ("" if self.path.stem == "index" else "_" + self.path.stem)


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


def check(root):
    trouble = []
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
        for what, a, b in (("section", ours.stems(), theirs.stems()), ("program", ours.programs, theirs.programs),
                           ("picture", ours.pictures, theirs.pictures)):
            if a != b:
                mine, yours = first_difference(a, b)
                say(ours, f"{what} {mine} here, {yours} in {other}")

    known = set()
    for page in (page for language in LANGUAGES for page in pages[language].values()):
        for number, (level, label) in enumerate(page.headings):
            if number == 0 and (level != 1 or label != page.label()):
                say(page, f"the title's label is {label or 'missing'}, not {page.label()}")
            elif number > 0 and level == 1:
                say(page, f"a second title: {label}")
            elif number > 0 and level == 2 and not label.endswith("_" + page.language):
                say(page, f"the section's label {label or '(none)'} does not end in _{page.language}")
            if label in known:
                say(page, f"the label {label} is there twice")
            known.add(label)

    # What is beside the guide: the groups of the reference, and the calculator's protocol.
    beside = set(re.findall(r"@defgroup (\w+)", (root / "docs/reference/groups.dox").read_text(encoding="utf-8")))
    beside |= set(re.findall(r"^# .*\{#(\w+)\}", (root / "docs/calculator.md").read_text(encoding="utf-8"), re.M))

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
            found = [folder / file for folder in (root / "examples", root / "docs/snippets") if (folder / file).is_file()]
            if not found:
                say(page, f"there is no program {file}")
            elif command == "snippet" and found[0].read_text(encoding="utf-8").count(f"[{marker}]") < 2:
                say(page, f"{file} has no marks [{marker}]")
        for picture in page.pictures:
            if not (root / "docs/pictures" / picture).is_file():
                say(page, f"there is no picture {picture}")
        for command, label in page.targets:
            if label.startswith("guide_") and label not in known or command == "subpage" and label not in known:
                say(page, f"\\{command} {label}: there is no such page or section")
            elif command == "ref" and label not in known | beside:
                say(page, f"\\ref {label}: there is no such section in the guide or beside it")
            if command == "subpage":
                subpages.setdefault(label, []).append(page)

    for page in (page for language in LANGUAGES for page in pages[language].values()):
        if page.path.stem != "index" and len(subpages.get(page.label(), [])) != 1:
            say(page, f"\\subpage {page.label()} stands {len(subpages.get(page.label(), []))} times, not once")
    return trouble


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent.parent).resolve()
    trouble = check(root)
    for line in trouble:
        print(line, file=sys.stderr)
    if trouble:
        return 1
    count = len(list((root / "docs/guide" / LANGUAGES[0]).glob("*.md")))
    print(f"{count} pages in {' and '.join(LANGUAGES)}, in step")
    return 0


if __name__ == "__main__":
    sys.exit(main())
