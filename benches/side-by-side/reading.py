#!/usr/bin/env python3
"""A list of `url:login:password` in the console: what it takes until all rows are in, how long keys wait meanwhile, and
what a leak takes of memory, beside what reading, splitting and hashing the same lines takes at least. Prints Markdown.

    reading.py --stanch target/release/stanch [--bench target/release/deps/files-…] [--lines N] [--runs N]

`run` beside this file calls it. The list is made up and is the one that the bench `files` makes.
"""
import argparse
import os
import re
import shutil
import statistics
import subprocess
import tempfile

from measure import Figures, grouped, has, pressed, start


def written(path, lines):
    with open(path, "w", encoding="ascii") as file:
        for number in range(lines):
            file.write(f"https://host-{number % 10_007}.example/login:user{number}@mail-{number % 503}.example:pass-{number:08x}\n")


def opened(stanch, path, state):
    """The console on a file, until its first rows are there."""
    config = os.path.join(state, "none.toml")
    open(config, "w").close()
    environment = {"HOME": state, "STANCH_STATE_DIR": os.path.join(state, "state"), "STANCH_CONFIG": config}
    return start([stanch, path], has("@mail-"), 60, environment=environment)


def console(figures, stanch, path, lines):
    everything = grouped(lines)
    state = tempfile.mkdtemp(prefix="stanch-state-")
    try:
        program, first = opened(stanch, path, state)
        if not program:
            return
        figures.add("first rows, ms", first)

        def end(text):
            done = everything in text and "lines" not in text and "loading" not in text
            if done:
                figures.add("all rows, s", program.chunks[-1][0] - program.began)
            return done

        figures.add_waits("key while reading", pressed(program, end, 600))
        program.settle(3)
        rest, peak = program.memory()
        if rest:
            figures.add("memory at rest, MiB", rest)
            figures.add("memory at most, MiB", peak)
            figures.add("memory at rest, bytes a leak", rest * 1024 * 1024 / lines)
        program.end([b"q"])
    finally:
        shutil.rmtree(state, ignore_errors=True)


def bench(program, lines):
    """Seconds that the bench tells: of the floor, of reading alone, and page by page."""
    if not program:
        return {}
    text = subprocess.run([program, str(lines)], stdout=subprocess.PIPE, text=True, check=False).stdout
    units = {"s": 1, "ms": 1e-3, "µs": 1e-6}
    found = re.findall(r"^(floor B|import|pages)\s+([\d.]+)(s|ms|µs)\s", text, re.M)
    return {name: float(number) * units[unit] for name, number, unit in found}


TABLE = [("first rows, ms", 300), ("key while reading, median, ms", None), ("key while reading, p95, ms", 5),
         ("key while reading, longest, ms", None), ("all rows, s", None), ("memory at rest, MiB", None),
         ("memory at most, MiB", None), ("memory at rest, bytes a leak", None)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stanch", required=True, help="the program")
    parser.add_argument("--bench", help="the bench `files`, built")
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        pass
    figures = Figures("stanch")
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "list.txt")
        written(path, options.lines)
        for _ in range(options.runs):
            console(figures, options.stanch, path, options.lines)
    floors = bench(options.bench, options.lines)
    print(f"### A list of {grouped(options.lines)} lines\n")
    print(f"Medians of {options.runs} runs; load at the end {os.getloadavg()[0]:.1f}.\n")
    print("| measure | target | Stanch |\n|---|---|---|")
    for measure, target in TABLE:
        values = figures.values.get(measure)
        value = "–" if not values else f"{statistics.median(values):.4g}"
        print(f"| {measure} | {'–' if target is None else f'≤ {target}'} | {value} |")
    if floors.get("floor B"):
        for name, words in (("import", "Read alone"), ("pages", "Page by page")):
            if name in floors:
                print(f"\n{words}: {floors[name]:.2f} s, {floors['floor B'] / floors[name]:.2f} of the floor of "
                      f"{floors['floor B']:.2f} s; the target is 0.4 or more.")
    print(flush=True)


if __name__ == "__main__":
    main()
