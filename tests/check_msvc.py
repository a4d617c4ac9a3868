#!/usr/bin/env python3
"""What Visual Studio's compiler is given to read: nothing of another compiler, and nothing that it warns of.

check_msvc.py <include> <preprocessor>...: preprocesses everything with Visual Studio's macros and empty files in place of
the system's headers.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

FOREIGN = r"gnu::|__attribute__|__builtin_|#pragma GCC"  # C5030: unknown attribute; or an error
UNSAFE = r"\b(strncat|strcat|strcpy|strncpy|sprintf|strerror|getenv)\b"  # C4996, an error under /sdl
MISPLACED = r"__declspec\([a-z]+\) \[\["  # C5240: it would be of the type that follows
UNORDERED = r"\bvolatile\b"  # on ARM64 no acquire and no release


def main():
    include = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as stubs:
        for header in include.rglob("*.?pp"):
            for name in re.findall(r"#include <(.+)>", header.read_text(encoding="utf-8")):
                stub = pathlib.Path(stubs, name)
                stub.parent.mkdir(parents=True, exist_ok=True)
                stub.touch()
        text = subprocess.run(
            [*sys.argv[2:], "-E", "-P", "-nostdinc", "-std=c++17", "-U__GNUC__", "-U__linux__", "-D_WIN32",
             "-D_MSC_VER=1930", f"-I{include}", f"-I{stubs}", "-x", "c++", include / "sockets" / "all.hpp"],
            stdout=subprocess.PIPE, check=True, encoding="utf-8").stdout
    faults = [line for line in text.splitlines()
              if re.search("|".join([FOREIGN, UNSAFE, MISPLACED, UNORDERED]), line)]
    print("\n".join(faults))
    if "__declspec(noinline)" not in text or "WSAStartup" not in text:
        sys.exit("that is not what Visual Studio sees")
    sys.exit(bool(faults))


main()
