#!/usr/bin/env python3
"""Whether the compiler says of tests/expect_fail/words.cpp what stands there behind each line, and the guide's pages on errors
have the same words.

    check_words.py <root of the project> <g++ or clang++>
"""

import pathlib
import re
import subprocess
import sys

WRONG = re.compile(r"// (?:g\+\+: (?P<gcc>.*?))?(?: \| )?(?:clang: (?P<clang>.*))?$")
# What is said by a linker, or before there is a program: other tests, and Windows, have these.
ELSEWHERE = re.compile(r"fatal error: |error: #error|undefined reference|cannot open output file|<windows.h> came first|"
                       r"static assertion failed: give|'mutex' in namespace 'std'")


def pattern(words):
    return re.compile(".*?".join(map(re.escape, words.split(" ... "))))


def rows(page):
    """(what g++ says, what clang++ says) of each row of the tables; nothing where it is said in other words."""
    tables = page.split("{#errors_compiler}")[1].split("\n## ")[0]
    for line in tables.split("\n"):
        if line.startswith("| ") and not line.startswith("| g++ 12"):
            cells = [cell.strip() for cell in line.split(" | ")[:2]]
            yield [re.sub("``?(?!_)", "", cell.removeprefix("| ")) if "`" in cell else "" for cell in cells]


def main():
    root, compiler = pathlib.Path(sys.argv[1]), sys.argv[2]
    source = root / "tests/expect_fail/words.cpp"
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True, check=True).stdout
    kind = "clang" if "clang" in version else "gcc"
    limit = "-ferror-limit=0" if kind == "clang" else "-fmax-errors=0"
    said = subprocess.run([compiler, "-std=c++17", "-fsyntax-only", limit, "-I", root / "include", source],
                          capture_output=True, text=True, env={"LC_ALL": "C", "PATH": "/usr/local/bin:/usr/bin:/bin"}).stderr
    errors = [line for line in said.replace("‘", "'").replace("’", "'").split("\n") if "error: " in line]

    trouble, known, checked = [], set(), 0
    for number, line in enumerate(source.read_text(encoding="utf-8").split("\n"), 1):
        here = [error for error in errors if f"words.cpp:{number}:" in error]
        found = WRONG.search(line) if number > 2 else None
        known |= set(found.groups()) if found else set()
        words = found[kind] if found else None
        if here and not words:
            trouble.append(f"{source.name}:{number}: an error where nothing is wrong: {here[0]}")
        elif words and not any(pattern(words).search(error) for error in here or errors):
            trouble.append(f"{source.name}:{number}: no error says {words}, but {here or 'nothing'}")
        checked += bool(words)

    for language in ("es", "en"):
        page = root / "docs/guide" / language / "errors.md"
        told = set()
        for of_gcc, of_clang in rows(page.read_text(encoding="utf-8")):
            told |= {of_gcc, of_clang}
            if not ELSEWHERE.match(of_gcc) and of_clang not in known and of_gcc not in known:
                trouble.append(f"docs/guide/{language}/errors.md: no line of {source.name} gives {of_gcc}")
        trouble += [f"docs/guide/{language}/errors.md: the table lacks {words}" for words in sorted(filter(None, known))
                    if words not in told]
    for line in trouble:
        print(line, file=sys.stderr)
    print(f"{checked} lines of {source.name} looked at with {pathlib.Path(compiler).name}")
    return 1 if trouble else 0


if __name__ == "__main__":
    sys.exit(main())
