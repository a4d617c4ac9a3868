#!/usr/bin/env python3
"""How long a small client takes to compile, against the bare headers of the system and the standard library.

    compile_time.py [compiler] [pairs]            g++ and 25 unless told otherwise

The two are compiled in turn, so that a machine whose speed changes does not favour one of them; what counts is the median
of the ratios, pair by pair. On a machine that does nothing else.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
INCLUDE = HERE.parent.parent / "include"


def seconds(compiler, source):
    start = time.perf_counter()
    subprocess.run([compiler, "-std=c++17", "-c", HERE / source, "-I", INCLUDE, "-o", os.devnull], check=True)
    return time.perf_counter() - start


def main():
    compiler = sys.argv[1] if len(sys.argv) > 1 else "g++"
    pairs = int(sys.argv[2]) if len(sys.argv) > 2 else 25
    times = [(seconds(compiler, "client.cpp"), seconds(compiler, "bare.cpp")) for _ in range(pairs + 1)][1:]  # one to warm up
    client, bare = (statistics.median(side) for side in zip(*times))
    ratios = statistics.quantiles((a / b for a, b in times), n=4)
    print(f"client {client:.3f} s, bare headers {bare:.3f} s; ratio {ratios[1]:.3f} (quartiles {ratios[0]:.3f}, {ratios[2]:.3f})")


if __name__ == "__main__":
    main()
