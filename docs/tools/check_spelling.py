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
    "es": ("docs/guide/es/*.md", "docs/sheet/sheet_es.html", "docs/starter/LEEME.txt"),
    "en": ("README.md", "docs/*.md", "docs/guide/en/*.md", "docs/reference/*.md", "docs/sheet/sheet_en.html",
           "docs/starter/README.txt"),
}
COMMENTS = {"en": ("include/sockets/**/*.?pp", "examples/**/*.?pp", "docs/reference/*.dox", "docs/snippets/*.cpp")}
STRINGS = {"es": ("examples/**/*.?pp",)}

NOT_WORDS = re.compile(
    r"""^(```|~~~).*?^\1          # programs and what they print
    | (`+)(?!`).+?(?<!`)\2(?!`)  # names
    | <(?:code|pre|style|script)\b.*?</(?:code|pre|style|script)> | </?[a-zA-Z!][^>]*> | &\w+;
    | https?://\S+ | \{\#\w+\} | \]\([^)]*\)
    | [\\@](?:ref|include|subpage|snippet|if|image\ html|param|tparam|p|ingroup|defgroup|relates|fn|file|a|c)\b\s+\S+
    | [\\@]\w+
    | \S*(?:::|_|->|\.hpp|\.cpp|\.bat|/)\S*   # names in code, paths
    | \w*\d\w*""",
    re.M | re.S | re.X,
)
COMMENT = re.compile(r"(?:^|\s)//[/!]?<?(.*)$", re.M)
STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
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
        lines.append(line[found.start(1):] if found else "")
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


def words_of(root, read, patterns):
    """Each word, with the first place where it stands."""
    places = {}
    for path in (path for pattern in patterns for path in sorted(root.glob(pattern))):
        for number, line in enumerate(read(path.read_text(encoding="utf-8")).split("\n"), 1):
            for word in re.findall(r"[^\W\d_]+(?:['’][a-z]+\b)?", line):
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
        for read, patterns in ((prose, PROSE), (comments, COMMENTS), (strings, STRINGS)):
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
