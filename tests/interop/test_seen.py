"""The pictures of what the system shows: every run again, and whether its picture shows what happens."""

import html
import os
import re
import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "docs" / "tools"))

import seen  # noqa: E402
from harness import BIN  # noqa: E402


class Seen(unittest.TestCase):
    @unittest.skipUnless(os.environ.get("SOCKETS_RECORDABLE"), "once is enough, and network namespaces are Linux'")
    def test_shows_what_happens(self):
        for name in seen.DRAWN:
            with self.subTest(picture=name):
                picture = seen.path_of(name).read_text(encoding="utf-8")
                listed = re.search(r"<metadata>\n(.*?)\n *</metadata>", picture, re.S)[1]
                try:
                    now = seen.run(name, BIN)
                except SystemExit as stopped:
                    self.assertEqual(stopped.code, seen.NOT_HERE)
                    self.skipTest("no namespace can be made here")
                self.assertEqual(html.unescape(listed).splitlines(), seen.facts(name, now), "docs/tools/seen.py draws it again")
                seen.DRAWN[name](now)  # ss and the trace tell the same


if __name__ == "__main__":
    unittest.main()
