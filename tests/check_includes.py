#!/usr/bin/env python3
"""Each header includes what it names of the standard library: it must not live on what others happen to bring.

check_includes.py <include/sockets>; the parts of a header (.ipp) have what the header has that includes them.
"""
import pathlib
import re
import sys

HEADERS = {
    "atomic": "std::atomic",
    "cerrno": "errno",
    "chrono": "std::chrono",
    "climits": "INT_MAX LLONG_MAX",
    "cstddef": "std::size_t std::ptrdiff_t std::nullptr_t offsetof",
    "cstdint": "std::uint16_t std::uint32_t std::uint64_t std::uintptr_t",
    "cstdio": "std::snprintf",
    "cstring": "std::memcpy std::memcmp std::memmove std::strcmp std::strstr std::strlen",
    "ctime": "timespec",
    "ios": "std::ios_base std::streamsize",
    "istream": "std::iostream",
    "memory": "std::unique_ptr std::shared_ptr std::make_shared std::make_unique",
    "optional": "std::optional std::nullopt",
    "ostream": "std::ostream",
    "streambuf": "std::streambuf",
    "string": "std::string std::to_string",
    "string_view": "std::string_view",
    "system_error": "std::errc std::error_code std::error_category std::system_category std::make_error_condition",
    "type_traits": "std::enable_if_t std::conditional_t std::is_same_v std::is_trivially_copyable_v std::true_type",
    "utility": "std::move std::pair std::swap std::exchange std::forward",
    "vector": "std::vector",
}


def code_of(path):
    """Without comments and the texts between quotes, but for the names of headers; its parts go with it."""
    text = path.read_text(encoding="utf-8")
    for part in re.findall(r'#include "(.*\.ipp)"', text):
        text += (path.parent / part).read_text(encoding="utf-8")
    text = re.sub(r"//.*", "", text)
    return re.sub(r'"(\\.|[^"\\\n])*"', '""', text)


def main():
    faults = 0
    for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.hpp")):
        code = code_of(path)
        for header, names in HEADERS.items():
            if f"#include <{header}>" in code:
                continue
            for name in names.split():
                if re.search(rf"(?<![\w:.>]){name}\b", code):
                    print(f"{path}: {name}, and no #include <{header}>")
                    faults += 1
    sys.exit(faults > 0)


main()
