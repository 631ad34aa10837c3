#!/usr/bin/env python3
"""Runs Stanch and its peers in turn on terminals of 160x48 and prints what each of them takes, as Markdown.

`run` beside this file installs the peers, starts the stand-in and calls this. Compare columns, never runs: the machine
is what it is, and both sides of a ratio were measured on it within minutes.
"""
import argparse
import collections
import csv
import json
import os
import re
import shutil
import statistics
import subprocess
import tempfile
import time

from terminal import Program, as_everyone, keys, now

COLUMNS, ROWS = 160, 48
# Of the rows on the screen every program keeps some for itself.
TO_THE_BOTTOM = 52
# A plan of so many changes is confirmed, or of all that can be changed.
PLANNED = 100_000


def grouped(number):
    return f"{number:,}"


def median(values):
    values = [value for value in values if value is not None]
    return statistics.median(values) if values else None


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else None


class Figures:
    """What one program takes: by measure, the values of all its runs."""

    def __init__(self, name):
        self.name, self.values, self.notes = name, collections.defaultdict(list), []

    def add(self, measure, value):
        if value is not None:
            self.values[measure].append(value)

    def add_keys(self, measure, answers):
        """A key that was pressed time and again: how long until the screen was right, and what it sent."""
        answers = [answer for answer in answers if "last" in answer]
        if answers:
            self.add(measure + ", ms", median([answer["last"] for answer in answers]))
            self.add(measure + ", bytes", median([answer["bytes"] for answer in answers]))
            self.add(measure + ", writes seen", median([answer["chunks"] for answer in answers]))

    def add_waits(self, measure, waits):
        """Keys that were pressed while something else went on."""
        self.add(measure + ", median, ms", median(waits))
        self.add(measure + ", p95, ms", percentile(waits, 0.95))
        self.add(measure + ", longest, ms", max(waits, default=None))

    def get(self, measure):
        return median(self.values.get(measure, []))


class Data:
    """The leaks of the stand-in as `stanch export` wrote them, and a word of its own that about 6 % of them have."""

    def __init__(self, directory, rows):
        self.csv = os.path.join(directory, "leaks.csv")
        self.lines = os.path.join(directory, "leaks.jsonl")
        self.mbox = os.path.join(directory, "leaks.mbox")
        self.rows = rows
        self.word, self.hits = self.choose()
        self.since, self.until = self.days()

    def texts(self):
        """What a plain word is looked for in: login, URL, host and domain."""
        with open(self.csv, newline="", encoding="utf-8", errors="replace") as file:
            for row in csv.DictReader(file):
                yield "\n".join(row.get(name) or "" for name in ("login", "url", "hostname", "host", "domain")).lower()

    def choose(self):
        having = collections.Counter()
        for text in self.texts():
            having.update(word for word in set(re.findall(r"[a-z]{5,9}", text)))
        wanted = 0.06 * self.rows
        word = min(sorted(having), key=lambda word: abs(having[word] - wanted))
        return word, sum(word in text for text in self.texts())

    def days(self):
        """The first and the last day of the newest leaks: of those that a plan can fix, there are about 100,000 in between."""
        having = collections.Counter()
        with open(self.csv, newline="", encoding="utf-8", errors="replace") as file:
            for row in csv.DictReader(file):
                day = row["first_seen"][:10]
                if row["status"] not in ("fixed", "false_positive") and re.fullmatch(r"\d{4}-\d\d-\d\d", day):
                    having[day] += 1
        newest, many = sorted(having, reverse=True), 0
        for day in newest:
            many += having[day]
            if many >= PLANNED:
                break
        return day, newest[0]

    def write_mbox(self, most):
        """The first leaks as mail, for a mail program."""
        with open(self.csv, newline="", encoding="utf-8", errors="replace") as file, open(self.mbox, "w", encoding="utf-8") as box:
            for number, row in zip(range(most), csv.DictReader(file)):
                subject = " ".join(row.get(name) or "-" for name in ("status", "login", "url", "domain")).replace("\n", " ")
                when = time.gmtime(1_700_000_000 + number)
                box.write(f"From soc@example.test {time.strftime('%a %b %d %H:%M:%S %Y', when)}\nFrom: soc@example.test\nTo: soc@example.test\n"
                          f"Subject: {subject}\nDate: {time.strftime('%a, %d %b %Y %H:%M:%S +0000', when)}\nMessage-ID: <{number}@leaks.test>\n\n-\n\n")


def has(*texts):
    return lambda screen: all(text in screen for text in texts)


def start(argv, ready, seconds, **more):
    """A program whose first useful rows are on the screen, and when they were; None where they never came."""
    program = Program(argv, COLUMNS, ROWS, **more)
    stamp = program.wait(ready, seconds)
    if stamp is None:
        program.look()
        print(f"<!-- {argv[0]} did not come up:\n{program.screen.text()}\n-->")
        program.end()
        return None, None
    return program, (stamp - program.began) * 1e3


def moves(figures, program, down, page, many=20):
    """Cursor move, scroll by one, page down and a burst, from the first row on."""
    figures.add_keys("cursor move", [program.act(down, quiet=0.06) for _ in range(many)])
    for _ in range(TO_THE_BOTTOM - many):
        os.write(program.fd, down)
        program.settle(0.01)
    program.settle(0.5)
    figures.add_keys("scroll by one row", [program.act(down, quiet=0.06) for _ in range(many)])
    figures.add_keys("page down", [program.act(page, quiet=0.06) for _ in range(many)])
    program.settle(0.4)
    figures.add_keys("burst of 50 downs", [program.act(down * 50, quiet=0.15) for _ in range(3)])
    program.settle(0.4)


def idle(figures, program, seconds=4):
    program.settle(1.5)
    chunks, used = len(program.chunks), program.cpu()
    program.settle(seconds)
    figures.add("idle, bytes a second", sum(len(data) for _, data in program.chunks[chunks:]) / seconds)
    figures.add("idle, CPU ms a second", (program.cpu() - used) / 1e6 / seconds)


def type_word(figures, program, measure, word, wanted, seconds):
    """A filter key by key; the last one to the right number of hits."""
    answers = [program.act(letter, quiet=0.12, seconds=seconds) for letter in keys(word[:-1])]
    last = program.act(keys(word[-1])[0], wanted, seconds, quiet=0.12)
    if wanted and "seen" not in last:
        figures.notes.append(f"{measure}: the right number of hits did not come")
        print(f"<!-- {figures.name}, {measure}:\n{program.screen.text()}\n-->")
    times = [answer["last"] for answer in answers + [last] if "last" in answer]
    if times:
        figures.add(measure + ", first key, ms", times[0])
        figures.add(measure + ", later keys, ms", median(times[1:]))
        figures.add(measure + ", slowest key, ms", max(times))


# ---------------------------------------------------------------- the programs

def opened(options, state, config=None):
    """Ours. A screen that says nothing but what is being asked for is a frame already."""
    return start([options.stanch, "--config", config or options.config, "--profile", "demo-pd"], has("leaks"), 60,
                 environment={"STANCH_STATE_DIR": state})


def with_marker(figures, options, state, everything):
    """Ours once more, with the marker in place of the row bar: what a cursor that moves costs on a slow line."""
    config = os.path.join(state, "marker.toml")
    with open(options.config) as given, open(config, "w") as out:
        out.write(given.read() + "\n[theme]\ncursor = \"marker\"\n")
    program, _ = opened(options, state, config)
    if program:
        program.wait(has(everything), 60)
        program.act(b"3")
        program.act(b"zf", quiet=0.3)
        program.settle(0.5)
        figures.add_keys("cursor move with the marker", [program.act(b"j", quiet=0.06) for _ in range(20)])
        program.end([b"q"])


def stanch(figures, options, data, last):
    """Ours, from its start over the load to the sorts. After the last run another one confirms a plan: what that sends
    changes the stand-in."""
    state = tempfile.mkdtemp(prefix="stanch-state-")
    everything = grouped(data.rows)
    try:
        program, first = opened(options, state)
        if not program:
            return
        figures.add("start, ms", first)
        loaded(figures, program, everything)
        program.settle(2)
        rest, peak = program.memory()
        figures.add("memory at rest, MiB", rest)
        figures.add("memory at most while loading, MiB", peak)
        program.act(b"3")
        program.act(b"zf", quiet=0.3)
        program.settle(0.5)
        moves(figures, program, b"j", keys("<PgDn>")[0])
        program.act(b"gg", quiet=0.3)
        hits = grouped(data.hits)
        program.act(b"/", quiet=0.3)
        type_word(figures, program, "filter", data.word, has(f"{hits} of"), 30)
        program.act(keys("<Enter>")[0], quiet=0.3)
        marked = program.act(b"*", has(f"{hits} marked"), 30, quiet=0.1)
        figures.add("mark all hits, ms", marked.get("seen"))
        program.act(b"\\", has(f"{everything} of {everything}"), 30, quiet=0.3)
        program.settle(0.5)
        for measure, presses in (("sort by status and date", (b"ot", b"oS")), ("sort by domain and login", (b"od", b"oL"))):
            program.act(presses[0], quiet=0.5, seconds=30)
            program.settle(1)
            answer = program.act(presses[1], quiet=0.5, seconds=30)
            figures.add(measure + ", first screen, ms", answer.get("first"))
            figures.add(measure + ", ms", answer.get("last"))
            program.settle(0.5)
        program.act(b"os", quiet=0.5, seconds=30)
        program.act(b"/", quiet=0.3)
        fuzzy(figures, program, "~" + data.word)
        program.act(keys("<Esc>")[0], quiet=0.3)
        program.act(b"\\", quiet=0.5)
        idle(figures, program)
        figures.add("memory at most in all, MiB", program.memory()[1])
        program.end([b"q"])
        if last:
            with_marker(figures, options, state, everything)
    finally:
        shutil.rmtree(state, ignore_errors=True)
    if last:
        planned(figures, options, data)


def fuzzy(figures, program, text):
    slowest = first = 0
    for letter in keys(text):
        answer = program.act(letter, quiet=0.4, seconds=30)
        first, slowest = max(first, answer.get("first", 0)), max(slowest, answer.get("last", 0))
    figures.add("fuzzy, first screen, ms", first)
    figures.add("fuzzy, full answer, ms", slowest)


def loaded(figures, program, everything):
    """Keys every few hundredths of a second while the leaks come in: how long each waits for its frame."""
    def end(text):
        done = everything in text and "loading" not in text
        if done:
            figures.add("loaded, s", program.chunks[-1][0] - program.began)
        return done

    figures.add_waits("key while loading", pressed(program, end, 600))


def pressed(program, end, seconds):
    """The cursor moves down and up until the screen says that it is over: how long each key waits for its frame."""
    waits, began = [], now()
    while now() - began < seconds and not program.ended:
        program.look()
        if end(program.screen.text()):
            break
        chunks, stroke = len(program.chunks), now()
        os.write(program.fd, b"jk"[len(waits) % 2:len(waits) % 2 + 1])
        while len(program.chunks) == chunks and now() - stroke < 5 and program.read(0.5) is not None and not program.ended:
            pass
        if len(program.chunks) > chunks:
            waits.append((program.chunks[chunks][0] - stroke) * 1e3)
        program.settle(0.02 + 0.001 * (len(waits) * 7 % 20))
    return waits


def planned(figures, options, data):
    """A console in which nothing was marked before confirms a plan of about 100,000 changes."""
    state = tempfile.mkdtemp(prefix="stanch-state-")
    try:
        program, _ = opened(options, state)
        if not program:
            return
        everything = grouped(data.rows)
        program.wait(lambda text: everything in text and "loading" not in text, 600)
        program.settle(2)
        program.act(b"3")
        program.act(b"zf", quiet=0.3)
        confirmed(figures, program, data)
        program.end([b"q", b"y"])
    finally:
        shutil.rmtree(state, ignore_errors=True)


def confirmed(figures, program, data):
    """What is new enough is planned and confirmed, and keys are pressed until its job has begun and for a second more."""
    program.act(b"/", quiet=0.3)
    for letter in keys(f"seen:{data.since}..{data.until}<Enter>"):
        program.act(letter, quiet=0.1, seconds=30)
    program.settle(0.5)
    program.act(b"*", quiet=0.5, seconds=30)
    os.write(program.fd, b"f")
    program.wait(lambda screen: re.search(r"[\d,]+ will change", screen), 30)
    # Nobody says yes to what there was no time to read.
    program.settle(1.5)
    program.look()
    text = program.screen.text()
    number = re.search(r"type (\d+) to apply", text)
    for digit in number.group(1) if number else "":
        program.act(digit.encode(), quiet=0.1)
    pressed_at, begun = now(), []

    def end(text):
        if "job 1:" in text and not begun:
            begun.append(program.chunks[-1][0])
        return begun and now() - begun[0] > 1

    os.write(program.fd, b"y")
    figures.add_waits("key while a plan is committed", pressed(program, end, 60))
    changes = re.search(r"([\d,]+) will change", text)
    if begun and changes:
        figures.add("plan confirmed until its job begins, ms", (begun[0] - pressed_at) * 1e3)
        figures.notes.append(f"the plan has {changes.group(1)} changes")


def less(figures, options, data):
    program, first = start(["less", "-S", data.csv], has("status"), 30, environment={"LESSHISTFILE": "-"})
    if not program:
        return
    figures.add("start, ms", first)
    # It has no cursor: each of its moves scrolls.
    figures.add_keys("scroll by one row", [program.act(b"j", quiet=0.06) for _ in range(20)])
    figures.add_keys("page down", [program.act(b" ", quiet=0.06) for _ in range(20)])
    figures.add_keys("burst of 50 downs", [program.act(b"j" * 50, quiet=0.15) for _ in range(3)])
    program.act(b"g", quiet=0.2)
    answer = program.act(keys("&" + data.word + "<Enter>")[0] + b"".join(keys(data.word + "<Enter>")), quiet=1.0, seconds=120)
    figures.add("filter, slowest key, ms", answer.get("last"))
    idle(figures, program)
    figures.add("memory at rest, MiB", program.memory()[0])
    program.end([b"q"])


def fzf(figures, options, data):
    ready = lambda screen: f"/{data.rows}" in screen
    for exact in (True, False):
        argv = ["bash", "-c", 'exec fzf --no-mouse --multi --bind ctrl-a:select-all $1 < "$0"', data.lines, "--exact" if exact else "--extended"]
        program, first = start(argv, ready, 180)
        if not program:
            return
        if exact:
            figures.add("start, ms", first)
            figures.add("loaded, s", first / 1e3)
            program.settle(1)
            moves(figures, program, keys("<C-k>")[0], keys("<PgUp>")[0])
            program.settle(1)
            wanted = lambda screen: re.search(rf"\b\d+/{data.rows}", screen) is not None
            type_word(figures, program, "filter", data.word, wanted, 60)
            program.settle(0.5)
            answer = program.act(keys("<C-a>")[0], quiet=0.3, seconds=60)
            figures.add("mark all hits, ms", answer.get("last"))
            idle(figures, program)
            rest, peak = program.memory()
            figures.add("memory at rest, MiB", rest)
            figures.add("memory at most while loading, MiB", peak)
        else:
            program.settle(1)
            fuzzy(figures, program, data.word)
        program.end([keys("<Esc>")[0]])


def csvlens(figures, options, data):
    program, first = start(["csvlens", data.csv], has("login"), 120)
    if not program:
        return
    figures.add("start, ms", first)
    # It takes what the terminal says of its colours for keys.
    program.settle(1)
    program.act(keys("<Esc>")[0], quiet=0.5)
    program.settle(2)
    moves(figures, program, b"j", keys("<C-f>")[0])
    program.act(b"g", quiet=0.3)
    os.write(program.fd, b"&" + data.word.encode())
    program.settle(1)
    # It is never quiet, looks into every column, and counts the line of names with the rest.
    with open(data.csv, encoding="utf-8", errors="replace") as file:
        lines = sum(data.word in line for line in file)
    answer = program.act(keys("<Enter>")[0], has(f"/{lines}]"), 120)
    figures.add("filter, slowest key, ms", answer.get("seen"))
    program.act(b"r", quiet=0.15, seconds=30)
    program.settle(1)
    program.act(keys("<Tab>")[0], quiet=0.15)
    # One column is all it sorts by.
    answer = program.act(b"J", lambda screen: "▴" in screen and "Sorting" not in screen, 120, quiet=0.05)
    for measure in ("sort by status and date, ms", "sort by domain and login, ms"):
        figures.add(measure, answer.get("seen"))
    idle(figures, program)
    rest, peak = program.memory()
    figures.add("memory at rest, MiB", rest)
    figures.add("memory at most while loading, MiB", peak)
    program.end([b"q"])


def neomutt(figures, options, data):
    rows = min(data.rows, 100_000)
    if not os.path.exists(data.mbox):
        data.write_mbox(rows)
    home = tempfile.mkdtemp(prefix="neomutt-")
    try:
        box, settings = os.path.join(home, "box"), os.path.join(home, "muttrc")
        shutil.copy(data.mbox, box)
        with open(settings, "w", encoding="utf-8") as file:
            file.write(f"set folder={home}\nset mail_check=0\nset timeout=600\nset sort=mailbox-order\nset quit=yes\nset mark_old=no\n"
                       "set sleep_time=0\nset menu_scroll\nset read_inc=1000\nset index_format=\"%4C %Z %{%Y-%m-%d} %s\"\n")
        program, first = start(["neomutt", "-n", "-F", settings, "-f", box], has(f"Msgs:{rows}"), 300, environment={"HOME": home})
        if not program:
            return
        figures.notes.append(f"{grouped(rows)} leaks only" if rows < data.rows else "")
        figures.add("start, ms", first)
        program.act(b"=", quiet=0.3)
        moves(figures, program, b"j", b"z")
        answer = program.act(b"l~s " + data.word.encode() + b"\r", quiet=0.5, seconds=120)
        figures.add("filter, slowest key, ms", answer.get("last"))
        answer = program.act(b"T.\r", quiet=0.5, seconds=60)
        figures.add("mark all hits, ms", answer.get("last"))
        program.act(b"lall\r", quiet=0.5, seconds=60)
        answer = program.act(b"os", quiet=0.8, seconds=120)
        figures.add("sort by status and date, ms", answer.get("last"))
        idle(figures, program)
        figures.add("memory at rest, MiB", program.memory()[0])
        program.end([b"x"])
    finally:
        shutil.rmtree(home, ignore_errors=True)


def visidata(figures, options, data):
    program, first = start(["vd", data.csv], has("status"), 300)
    if not program:
        return
    figures.add("start, ms", first)
    program.settle(30 if data.rows > 100_000 else 5)
    figures.add_keys("cursor move", [program.act(b"j", quiet=0.15) for _ in range(10)])
    figures.add_keys("page down", [program.act(keys("<C-f>")[0], quiet=0.15) for _ in range(10)])
    idle(figures, program)
    figures.add("memory at rest, MiB", program.memory()[0])
    program.end([b"q", b"q"])


PEERS = {"less": less, "fzf": fzf, "csvlens": csvlens, "neomutt": neomutt, "vd": visidata}


def floor(options, line, rows):
    """What the floor client says of itself, the median of its runs by speed."""
    if not options.floor:
        return None
    said = []
    for _ in range(options.runs):
        done = subprocess.run([options.floor, line], capture_output=True, text=True, check=False, preexec_fn=as_everyone)
        try:
            said.append(json.loads(done.stdout))
        except ValueError:
            print(f"<!-- the floor client failed: {done.stderr.strip()} -->")
            return None
    return sorted(said, key=lambda one: one["rows_per_second"])[len(said) // 2]


# ---------------------------------------------------------------- the table

# The measure, its target at a million leaks, and whether the target is a bound from below.
TABLE = [
    ("cursor move, bytes", 400), ("cursor move with the marker, bytes", 60), ("cursor move, ms", 1),
    ("scroll by one row, bytes", 400), ("scroll by one row, ms", 1.5),
    ("page down, bytes", 8_000), ("page down, ms", None), ("page down, writes seen", 1),
    ("burst of 50 downs, bytes", None), ("burst of 50 downs, ms", None),
    ("filter, first key, ms", 30), ("filter, later keys, ms", 10), ("filter, slowest key, ms", 30),
    ("fuzzy, first screen, ms", 50), ("fuzzy, full answer, ms", 250),
    ("sort by status and date, first screen, ms", 60), ("sort by status and date, ms", 60),
    ("sort by domain and login, first screen, ms", 60), ("sort by domain and login, ms", 600),
    ("mark all hits, ms", 5),
    ("memory at rest, MiB", 250), ("memory at most while loading, MiB", 350),
    ("loaded, s", None),
    ("key while loading, median, ms", None), ("key while loading, p95, ms", 5), ("key while loading, longest, ms", None),
    ("plan confirmed until its job begins, ms", None),
    ("key while a plan is committed, median, ms", None), ("key while a plan is committed, p95, ms", 5),
    ("key while a plan is committed, longest, ms", None),
    ("start, ms", 30),
    ("idle, bytes a second", 0), ("idle, CPU ms a second", 0),
]


def shown(value):
    if value is None:
        return "–"
    if value >= 1_000:
        return grouped(round(value))
    return f"{value:.3g}"


def table(ours, peers):
    print("| measure | target at 1M | Stanch | best peer | ratio | " + " | ".join(peer.name for peer in peers) + " |")
    print("|---" * (5 + len(peers)) + "|")
    for measure, target in TABLE:
        own = ours.get(measure)
        others = [(peer.get(measure), peer.name) for peer in peers if peer.get(measure) is not None]
        best = min(others, default=None)
        ratio = own / best[0] if own is not None and best and best[0] else None
        limit = "–" if target is None else f"≤ {shown(target)}"
        print(f"| {measure} | {limit} | **{shown(own)}** | {f'{best[1]} {shown(best[0])}' if best else '–'} | {shown(ratio)} | "
              + " | ".join(shown(peer.get(measure)) for peer in peers) + " |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stanch", required=True, help="the program")
    parser.add_argument("--floor", help="the floor client, built")
    parser.add_argument("--config", required=True, help="the configuration that `stanch serve` wrote")
    parser.add_argument("--line", required=True, help="the file with the line of `stanch serve`")
    parser.add_argument("--data", required=True, help="the directory with leaks.csv and leaks.jsonl")
    parser.add_argument("--rows", type=int, required=True, help="leaks of the profile demo-pd")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--peer-runs", type=int, help="as often as Stanch unless given")
    parser.add_argument("--peers", default=",".join(PEERS))
    options = parser.parse_args()
    try:
        # The terminal that measures is somewhere else in life: what it waits for must not be its own turn.
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        pass
    data = Data(options.data, options.rows)
    wanted = [name for name in options.peers.split(",") if name]
    there = [name for name in wanted if name in PEERS and shutil.which(name)]
    ours, peers = Figures("stanch"), [Figures(name) for name in there]
    bottom = floor(options, options.line, options.rows)
    of_peers = min(options.peer_runs or options.runs, options.runs)
    for run in range(options.runs):
        stanch(ours, options, data, run + 1 == options.runs)
        for peer in peers if run < of_peers else []:
            PEERS[peer.name](peer, options, data)
    print(f"### {grouped(options.rows)} leaks\n")
    print(f"Filter word `{data.word}`: {grouped(data.hits)} hits. Medians of {options.runs} runs, of {of_peers} of each peer; load at the end {os.getloadavg()[0]:.1f}.\n")
    table(ours, peers)
    seconds, first = ours.get("loaded, s"), ours.get("start, ms")
    if bottom and seconds and first:
        # Neither side's own start is counted: from the first frame on, which is when the first page is asked for.
        speed = options.rows / max(seconds - first / 1e3, 1e-3)
        print(f"\nIngest: Stanch {grouped(round(speed))} leaks a second from its first frame to the last leak shown; the floor client "
              f"{grouped(round(bottom['rows_per_second']))} ({bottom['cpu_seconds']:.1f} s of processor time, {bottom['peak_mib']} MiB). "
              f"Ratio {speed / bottom['rows_per_second']:.2f}; the target is 0.7 or more.")
    for figures in [ours] + peers:
        for note in filter(None, dict.fromkeys(figures.notes)):
            print(f"\n{figures.name}: {note}.")
    print(flush=True)


if __name__ == "__main__":
    main()
