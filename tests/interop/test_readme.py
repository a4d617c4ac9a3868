"""The README's ten lines work when they are pasted."""

import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


@unittest.skipUnless(shutil.which("g++"), "needs g++")
class Readme(unittest.TestCase):
    def test_ten_lines(self):
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as readme:
            program = re.search(r"```cpp\n(.*?)```", readme.read(), re.S).group(1)
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "main.cpp"), "w", encoding="utf-8") as source:
                source.write(program)
            os.symlink(os.path.join(ROOT, "include"), os.path.join(folder, "include"))
            line = "g++ main.cpp -I include -o main && ./main"
            done = subprocess.run(line, shell=True, cwd=folder, stdout=subprocess.PIPE, timeout=120, check=True)
        self.assertRegex(done.stdout.decode(), r"^127\.0\.0\.1:\d+ dice: Hola, mundo\n$")


if __name__ == "__main__":
    unittest.main()
