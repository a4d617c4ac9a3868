#!/usr/bin/env python3
"""Looks the words up that people read: the guide, the README, the sheets, what the headers say, what the programs print.
Whoever adds a word that aspell does not know, and that is right, adds it to docs/spelling/<language>.txt.

    check_spelling.py [root of the project]

Exit status 77: there is no aspell here, or it lacks a language.
"""

import pathlib
import re
import shutil
import subprocess
import sys

NOT_HERE = 77
DICTIONARIES = {"es": "es", "en": "en_GB"}

PROSE = {
    "es": ("README.es.md", "docs/guide/es/*.md", "docs/sheet/sheet_es.html", "docs/starter/LEEME.txt"),
    "en": ("README.md", "docs/*.md", "docs/guide/en/*.md", "docs/reference/*.md", "docs/sheet/sheet_en.html",
           "docs/starter/README.txt"),
}
COMMENTS = {"en": ("include/sockets/**/*.?pp", "examples/**/*.?pp", "docs/reference/*.dox", "docs/snippets/*.cpp")}
CATALOGUES = {"es": ("docs/i18n/es.po",)}
STRINGS = {"es": ("examples/**/*.?pp",)}

NOT_WORDS = re.compile(
    r"""^(```|~~~).*?^\1          # programs and what they print
    | (`+)(?!`).+?(?<!`)\2(?!`)  # names
    | <(?:code|pre|style|script)\b.*?</(?:code|pre|style|script)> | </?[a-zA-Z!][^>]*> | &\w+;
    | ^\|[^|\n]*\|\ \d{3}\ \|    # a term of the documents, and where it stands
    | [\\@](?:snippet|skip|until)\b[^\n]*
    | https?://\S+ | \{\#\w+\} | \]\([^)]*\)
    | [\\@]ref\s+\S+\s+"(?:\w+\((?:\\.|[^"\\])*\)|[A-Z]\w*[A-Z]\w*)" | [\\@]htmlonly\[block\]
    | [\\@](?:ref|include|subpage|snippet|if|image\ html|param|tparam|p|ingroup|defgroup|relates|fn|file|a|c)\b\s+\S+
    | [\\@]\w+
    | \S*(?:::|_|->|\.hpp|\.cpp|\.bat|/)\S*   # names in code, paths
    | \w*\d\w*""",
    re.M | re.S | re.X,
)
COMMENT = re.compile(r"(?:^|\s)//[/!]?<?(?: prints: .*|(.*))$", re.M)
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
WORD = re.compile(r"[^\W\d_]+(?:['’][a-z]+\b)?")
INCLUDE = re.compile(r"^\s*#.*$", re.M)


def blank(match):
    """Nothing, on as many lines: the numbers of the lines stay."""
    return re.sub(r"[^\n]", " ", match[0])


def prose(text):
    return NOT_WORDS.sub(blank, text)


def comments(text):
    """Only what stands behind //."""
    text = re.sub(r"/// @code.*?/// @endcode", blank, text, flags=re.S)
    lines = []
    for line in text.split("\n"):
        found = COMMENT.search(STRING.sub(blank, line))
        lines.append(found[1] or "" if found else "")
    return prose("\n".join(lines))


def strings(text):
    """Only what stands in quotes."""
    text = INCLUDE.sub(blank, text)
    lines = []
    for line in text.split("\n"):
        code = COMMENT.sub(blank, line)
        lines.append(" ".join(re.sub(r"\\(?:x[0-9a-f]{2}|.)|\S*[<>\[\]=_]\S*|\B--?\w+", " ", found)
                              for found in STRING.findall(code)))
    return "\n".join(lines)


def translations(text):
    """Only what msgstr has, of gettext's catalogue, and not what it took over from msgid: names."""
    lines = []
    part, names = "", set()
    for line in text.split("\n"):
        if found := re.match(r"(msgid|msgstr) |#", line):
            part = found[1]
            names = names if part == "msgstr" else set()
        if part == "msgid":
            names.update(WORD.findall(line))
        told = line.removeprefix("msgstr").replace('\\"', '"').replace("\\\\", "\\") if part == "msgstr" else ""
        lines.append(WORD.sub(lambda word: "" if word[0] in names else word[0], prose(told)))
    end = text.split("\n").index("")  # of the catalogue's own head
    return "\n".join([""] * end + lines[end:])


def words_of(root, read, patterns):
    """Each word, with the first place where it stands."""
    places = {}
    for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
        for number, line in enumerate(read(path.read_text(encoding="utf-8")).split("\n"), 1):
            for word in WORD.findall(line):
                places.setdefault(word, (path.relative_to(root), number))
    return places


def unknown(language, words):
    """Those of the words that aspell does not know."""
    run = subprocess.run(["aspell", "list", "--lang=" + DICTIONARIES[language], "--encoding=utf-8", "--ignore=1"],
                         input="\n".join(sorted(words)), capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def known_here(root, language):
    lines = (root / "docs/spelling" / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    return {line for line in lines if line and not line.startswith("#")}


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).parent.parent.parent).resolve()
    there = shutil.which("aspell") and subprocess.run(["aspell", "dicts"], capture_output=True, text=True).stdout.split()
    if not there or not set(DICTIONARIES.values()) <= set(there):
        print("aspell, aspell-es or aspell-en is missing: nothing was checked")
        return NOT_HERE

    trouble, count = [], 0
    for language in DICTIONARIES:
        places = {}
        for read, patterns in ((prose, PROSE), (comments, COMMENTS), (translations, CATALOGUES), (strings, STRINGS)):
            found = words_of(root, read, patterns.get(language, ()))
            if read is strings:  # the documents' programs speak some English
                found = {word: found[word] for word in unknown("en", found)}
            places = {**found, **places}
        known = known_here(root, language)
        count += len(places)
        wrong = unknown(language, places)
        trouble += sorted(f"{path}:{number}: {found}" for found, (path, number) in places.items()
                          if found in wrong and found not in known)
        trouble += [f"docs/spelling/{language}.txt: nobody writes {word} any more" for word in sorted(known - set(places))]
    for line in trouble:
        print(line, file=sys.stderr)
    print(f"{count} words, {len(trouble)} unknown or superfluous")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
