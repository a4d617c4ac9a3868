"""The pictures with two clients: every conversation again, and whether its picture shows what happens."""

import html
import os
import re
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "tools"))

import several  # noqa: E402
from harness import BIN  # noqa: E402


class Several(unittest.TestCase):
    def test_show_what_happens(self):
        for name, (_, port, run) in several.RUNS.items():
            with self.subTest(conversation=name):
                with open(several.picture(name), encoding="utf-8") as file:
                    listed = re.search(r"<metadata>\n(.*?)\n *</metadata>", file.read(), re.S)[1]
                now = [several.fact(event) for event in several.happened(run(BIN), port)]
                self.assertEqual(several.facts(html.unescape(listed).splitlines()), several.facts(now),
                                 "docs/tools/several.py draws it again")


if __name__ == "__main__":
    unittest.main()
