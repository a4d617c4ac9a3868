#!/usr/bin/env python3
"""What a pair of calls costs in this program, beside what the system does: instructions, allocations, system calls.

    instructions.py [--tree DIR] [--compiler g++]    DIR: another tree, whose include/ is measured

Each pair is there twice: with the library (library.cpp) and by hand (by_hand.cpp). Both are compiled with -O2, whatever the
rest of the tree is built with, and run under callgrind with N and with 2 N rounds: the difference is N rounds, without what
comes before and after. Nothing in it depends on time, so that the figures are the same on every run. System calls are
counted by strace in the same way.

Exit status: 0 if the bounds hold, 1 if not, 2 if a command failed, 77 if it cannot be measured here.
"""

import argparse
import collections
import itertools
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

# Instructions a pair above those by hand: the bound, and where it shall go. The bounds are those of Debian 12's g++ for
# x86-64; when the library becomes better, they follow. Of every compiler: no allocations, and the system calls of by_hand.
BOUNDS = {
    "send+recv": (11, 11),
    "send_all+recv_exactly": (10, 12),
    "send_to+recv_from": (19, 16),
    "connect+accept+close+close": (93, 60),
}
COMPILER, MACHINE = "12", "x86_64"

HERE = pathlib.Path(__file__).resolve().parent
FLAGS = ["-std=c++17", "-O2"]
SIDES = ("library", "by_hand")
ROUNDS = 100  # and twice as many: main.cpp
PATIENCE = 60  # seconds for one program

Cost = collections.namedtuple("Cost", "instructions allocations calls")


def output(*command):
    """Standard output and standard error of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=PATIENCE)
    if done.returncode != 0:
        print(f"{' '.join(map(str, command))}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
        sys.exit(2)
    return done.stdout, done.stderr


def build(compiler, tree, folder):
    for side in SIDES:
        sources = [HERE / "main.cpp", HERE / f"{side}.cpp"]
        output(compiler, *FLAGS, "-I", tree / "include", *sources, "-o", folder / side)


def instructions(program):
    """Of each run in its order: callgrind writes a file whenever measured() returns."""
    profile = program.with_suffix(".callgrind")
    options = ["--tool=callgrind", "--toggle-collect=measured", "--dump-after=measured"]
    output("valgrind", *options, f"--callgrind-out-file={profile}", program)
    files = (profile.with_name(f"{profile.name}.{number}") for number in itertools.count(1))
    texts = (file.read_text() for file in itertools.takewhile(pathlib.Path.exists, files))
    return [int(re.search(r"^totals: (\d+)", text, re.MULTILINE).group(1)) for text in texts]


def system_calls(program):
    """Of each run in its order: the program writes a line after each."""
    trace = program.with_suffix(".strace")
    output("strace", "-qq", "-o", trace, program)
    runs = trace.read_text().split("\nwrite(1, ")[:-1]
    return [collections.Counter(re.findall(r"^(\w+)\(", run, re.MULTILINE)) for run in runs]


def measure(program):
    """The cost of each pair."""
    runs = [line.split() for line in output(program)[0].splitlines()]
    counts = instructions(program)
    calls = system_calls(program) if shutil.which("strace") else [collections.Counter()] * len(runs)
    assert len(runs) == len(counts) == len(calls), (runs, counts, calls)
    costs = {}
    for (pair, rounds, allocations), count, made in zip(runs, counts, calls):
        costs[pair, int(rounds)] = Cost(count, int(allocations), made)
    return {pair: difference(costs[pair, ROUNDS], costs[pair, 2 * ROUNDS]) for pair in BOUNDS}


def difference(once, twice):
    """Of one round."""
    calls = {name: (twice.calls[name] - once.calls[name]) / ROUNDS for name in sorted(twice.calls)}
    return Cost(
        (twice.instructions - once.instructions) / ROUNDS,
        (twice.allocations - once.allocations) / ROUNDS,
        {name: count for name, count in calls.items() if count},
    )


def listed(calls):
    return ", ".join(f"{name} {count:g}" for name, count in calls.items())


def judge(costs, bounds_hold_here):
    """Prints the table; gives what does not hold, in words."""
    print(f"{'a pair':28}{'library':>9}{'by hand':>9}{'above':>7}{'bound':>7}{'aim':>5}  allocations  system calls")
    faults = []
    for pair, (bound, aim) in BOUNDS.items():
        ours, by_hand = (costs[side][pair] for side in SIDES)
        above = ours.instructions - by_hand.instructions
        print(
            f"{pair:28}{ours.instructions:9g}{by_hand.instructions:9g}{above:7g}{bound:7}{aim:5}"
            f"{ours.allocations:13g}  {listed(ours.calls) or 'not counted'}"
        )
        if bounds_hold_here and above > bound:
            faults.append(f"{pair}: {above:g} instructions above those by hand, the bound is {bound}")
        if bounds_hold_here and above < bound:
            print(f"  {above:g} now: let the bound follow")
        if ours.allocations != 0:
            faults.append(f"{pair}: {ours.allocations:g} allocations")
        if ours.calls != by_hand.calls:
            faults.append(f"{pair}: system calls {listed(ours.calls)}; by hand {listed(by_hand.calls)}")
    return faults


def why_not(compiler):
    """Why it cannot be measured here, or nothing."""
    for program in (compiler, "valgrind"):
        if not shutil.which(program):
            return f"there is no {program}"
    return "" if platform.libc_ver()[0] == "glibc" else "allocations are counted with glibc alone"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tree", type=pathlib.Path, default=HERE.parent.parent)
    parser.add_argument("--compiler", default="g++")
    arguments = parser.parse_args()
    reason = why_not(arguments.compiler)
    if reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as folder:
        build(arguments.compiler, arguments.tree, pathlib.Path(folder))
        costs = {side: measure(pathlib.Path(folder) / side) for side in SIDES}
    version = output(arguments.compiler, "-dumpversion")[0].strip()
    bounds_hold_here = version.split(".")[0] == COMPILER and platform.machine() == MACHINE
    faults = judge(costs, bounds_hold_here)
    if not bounds_hold_here:
        here = f"{arguments.compiler} {version} for {platform.machine()}"
        print(f"the bounds are those of g++ {COMPILER} for {MACHINE}; with {here} they decide nothing")
    if not shutil.which("strace"):
        print("there is no strace: system calls are not compared")
    for fault in faults:
        print(f"not held: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
