#!/usr/bin/env python3
"""Sees to it that every public method is used by a scenario of the torture.

    methods.py <folder of the headers> <scenarios_*.cpp>...

Reads the methods with the types of their parameters out of the headers, and what the scenarios say that they use:
"TcpSocket, UdpSocket::send(const void*, std::size_t)"; * stands for the class's own name, a constructor.
"""

import pathlib
import re
import sys

CLASSES = ["Socket", "TcpSocket", "TcpListener", "UdpSocket", "Selector", "Ready", "Address", "LineBuffer",
           "LineReader", "TcpStream"]
FUNCTIONS = ["trace_to"]  # that belong to no class


def plain(text):
    """Without comments and the lines of the preprocessor."""
    text = re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)
    return re.sub(r"^\s*#(?:[^\n]*\\\n)*[^\n]*", "", text, flags=re.M)


def block(text, start):
    """What stands in the braces that open at or behind start."""
    begin = text.index("{", start)
    depth = 0
    for i in range(begin, len(text)):
        depth += {"{": 1, "}": -1}.get(text[i], 0)
        if depth == 0:
            return text[begin + 1:i]
    raise ValueError("braces do not match")


def split(text, separator):
    """At separators that stand in no bracket."""
    parts, depth, part = [], 0, ""
    for char in text:
        depth += {"(": 1, "<": 1, "{": 1, ")": -1, ">": -1, "}": -1}.get(char, 0)
        if char == separator and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += char
    return [piece.strip() for piece in [*parts, part] if piece.strip()]


def parameter(text):
    """Its type alone: no name, no default."""
    text = " ".join(split(text, "=")[0].split())
    named = re.fullmatch(r"(.*[\s&*>])(\w+)", text)
    if named and named[1].strip() != "const":
        text = named[1]
    return re.sub(r"\s*([&*]+)\s*", r"\1", text).strip()


def signature(declaration):
    """"send(const void*, std::size_t)" of a declaration; None if it is none of a method that can be called."""
    declaration = re.sub(r"\[\[.*?\]\]", "", declaration)
    declaration = re.sub(r"^\s*template\s*<[^>]*>", "", declaration).strip()
    if re.match(r"(friend|using|enum|struct|class|static_assert)\b", declaration):
        return None
    if re.search(r"=\s*delete\b|^~\w+\(\) = default", declaration):
        return None
    found = re.search(r"(operator\s*[^\s(]+|~?\w+)\s*\(", declaration)
    if not found:
        return None
    inside, depth = "", 0
    for char in declaration[found.end() - 1:]:
        depth += {"(": 1, ")": -1}.get(char, 0)
        inside += char
        if depth == 0:
            break
    return found[1].replace(" ", "") + "(" + ", ".join(parameter(p) for p in split(inside[1:-1], ",")) + ")"


def declarations(body, public):
    """The public ones, with what stands in braces cut off."""
    text, depth = "", 0
    for char in body:
        if char == "{":
            depth += 1
        if depth == 0:
            text += char
        if char == "}":
            depth -= 1
            if depth == 0:
                text += ";"
    for piece in text.split(";"):
        while label := re.match(r"\s*(public|protected|private)\s*:", piece):
            public = label[1] == "public"
            piece = piece[label.end():]
        if public and piece.strip():
            yield piece.strip()


def methods_of(headers):
    """A set of "Class::method(types)"."""
    own = {}
    for name in CLASSES:
        found = re.search(r"^(class|struct)\s+" + name + r"\b[^;{]*\{", headers, flags=re.M)
        if not found:
            sys.exit(f"methods.py: no class {name} in the headers")
        own[name] = list(declarations(block(headers, found.start()), found[1] == "struct"))
    all_of = {name: {s for s in map(signature, own[name]) if s} for name in CLASSES}
    methods = {f"{name}::{one}" for name in CLASSES for one in all_of[name]}
    for name in CLASSES:
        for declaration in own[name]:
            if taken := re.match(r"using\s+(\w+)::(\w+)$", declaration):
                methods |= {f"{name}::{one}" for one in all_of[taken[1]] if one.startswith(taken[2] + "(")}
    for name in FUNCTIONS:
        for found in re.finditer(r"^(?:inline )?void " + name + r"\([^;{]*\)", headers, flags=re.M):
            methods.add(signature(found[0]))
    return methods


def used_by(scenarios):
    used = set()
    for text in re.findall(r'"((?:[A-Z]\w+(?:, )?)+::[~*\w=]+\([^"]*\)|trace_to\([^"]*\))"', scenarios):
        classes, _, method = text.partition("::") if "::" in text.split("(")[0] else ("", "", text)
        for name in classes.split(", "):
            prefix = name + "::" if name else ""
            used.add(prefix + method.replace("*", name, 1) if method.startswith("*") else prefix + method)
    return used


def main():
    folder, *files = map(pathlib.Path, sys.argv[1:])
    headers = "\n".join(plain(path.read_text()) for path in sorted(folder.glob("*.hpp")))
    methods = methods_of(headers)
    joined = re.sub(r'"\s*\n\s*"', "", "\n".join(path.read_text() for path in files))
    used = used_by(joined)
    for method in sorted(methods - used):
        print(f"no scenario of tests/torture uses {method}: it needs one", file=sys.stderr)
    for method in sorted(used - methods):
        print(f"a scenario of tests/torture uses {method}, which the headers do not have", file=sys.stderr)
    if methods != used:
        sys.exit(1)
    print(f"{len(methods)} methods, each used by a scenario")


main()
