#!/usr/bin/env python3
"""Whether the driver would notice: each of mutants/faults_*.patch and memory_*.patch breaks the library a little, and the
driver must see it.

    mutants.py [--jobs N] [NAME...]     NAME: how the names of the patches begin

Above each patch: what it breaks; "Seen in:" the file of scenarios that shows it, and perhaps how their names begin. Only
that file is compiled with the broken headers, and linked first: of an inline function the linker takes the first one.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "torture-mutants"
COMPILER = os.environ.get("CXX", "g++")
OPTIONS = ["-std=c++17", "-O0", "-pthread"]


def run(command, **more):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False, **more)


def compile_one(source, include, target):
    done = run([COMPILER, *OPTIONS, "-I", include, "-I", HERE, "-c", source, "-o", target])
    if done.returncode != 0:
        raise RuntimeError(f"{source.name} does not compile:\n{done.stderr[:2000]}")
    return target


def sound_objects(jobs):
    """The driver by the headers as they are, and the stand-ins."""
    shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True)
    library = BUILD / "libtorture_interpose.so"
    done = run([COMPILER, *OPTIONS, "-D_GNU_SOURCE", "-shared", "-fPIC", HERE / "interpose.cpp", "-o", library, "-ldl"])
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    sources = sorted(path for path in HERE.glob("*.cpp") if path.name not in ("interpose.cpp", "servers_memory.cpp"))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        objects = list(pool.map(lambda source: compile_one(source, ROOT / "include", BUILD / f"{source.stem}.o"), sources))
    return dict(zip((source.name for source in sources), objects))


def broken_headers(patch, folder):
    shutil.copytree(ROOT / "include", folder / "include")
    done = run(["patch", "-p1", "--batch", "-d", folder, "-i", patch])
    if done.returncode != 0:
        raise RuntimeError(f"does not apply:\n{done.stdout}{done.stderr}")
    return folder / "include"


def play(driver, block, scenarios):
    done = run([driver, "--short", "--block", block, "--scenario", scenarios, "--jobs", 2],
               env={**os.environ, "LD_LIBRARY_PATH": str(BUILD)})
    return done.returncode, done.stdout


def caught(patch, objects):
    """What the driver says first; empty if it has not noticed."""
    seen = re.search(r"^Seen in: (\S+)(?: (.+))?$", patch.read_text().split("--- ")[0], flags=re.M)
    if not seen or seen[1] not in objects:
        raise RuntimeError("it does not say which scenarios see it")
    folder = BUILD / patch.stem
    folder.mkdir(exist_ok=True)
    broken = compile_one(HERE / seen[1], broken_headers(patch, folder), folder / "broken.o")
    others = [each for name, each in objects.items() if name != seen[1]]
    done = run([COMPILER, *OPTIONS, broken, *others, "-L", BUILD, "-ltorture_interpose", "-o", folder / "torture"])
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    status, said = play(folder / "torture", patch.name.split("_")[0], seen[2] or "")
    return said.splitlines()[0] if status == 1 else ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*", default=["faults_", "memory_"])
    options = parser.parse_args()
    patches = [path for path in sorted((HERE / "mutants").glob("*.patch")) if path.name.startswith(tuple(options.names))]
    objects = sound_objects(options.jobs)
    bad = 0
    for patch in patches:
        try:
            first = caught(patch, objects)
        except RuntimeError as error:
            first = ""
            print(f"{patch.stem}: {error}")
        print(f"{patch.stem}: " + (f"caught: {first}" if first else "MISSED"), flush=True)
        bad += not first
    print(f"{len(patches)} mutants, {len(patches) - bad} caught, {bad} missed")
    sys.exit(1 if bad or not patches else 0)


main()
