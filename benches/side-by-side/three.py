#!/usr/bin/env python3
"""All three profiles of the stand-in at once: what the console takes until the lists that providers keep themselves are
there, beside the requests that it must make for them at the stand-in's own speed. Prints Markdown.

`run` beside this file calls it. Give --stanch more than once to measure programs beside each other, in turn.
"""
import argparse
import concurrent.futures
import http.client
import itertools
import json
import os
import shutil
import statistics
import tempfile
import urllib.parse

from terminal import Program, now

COLUMNS, ROWS = 160, 48
# A processor that did less than this between two looks has nothing to do but to draw.
LOOK, IDLE = 0.1, 0.004


def percentile(values, share):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * share))] if values else None


class Console:
    """The program with all profiles of a configuration."""

    def __init__(self, stanch, config):
        self.state = tempfile.mkdtemp(prefix="stanch-state-")
        self.program = Program([stanch, "--config", config], COLUMNS, ROWS, environment={"STANCH_STATE_DIR": self.state})

    def __enter__(self):
        return self.program

    def __exit__(self, *_):
        self.program.end([b"q"])
        shutil.rmtree(self.state, ignore_errors=True)


def loaded(stanch, config, seconds=600):
    """Seconds until nothing is left to do, processor seconds, MiB at rest and at most."""
    with Console(stanch, config) as program:
        used, busy, began = 0, now(), now()
        while now() - began < seconds and now() - busy < 2:
            program.settle(LOOK)
            cpu = program.cpu() / 1e9
            if cpu - used > IDLE:
                busy = now()
            used = cpu
        return busy - program.began, used, *program.memory()


def keys_while_loading(stanch, config, seconds):
    """The cursor moves down and up for so long: how long each key waits for its frame, in ms."""
    with Console(stanch, config) as program:
        waits, end = [], now() + seconds
        program.wait(lambda screen: "leaks" in screen, 30)
        while now() < end and not program.ended:
            chunks, stroke = len(program.chunks), now()
            os.write(program.fd, b"jk"[len(waits) % 2:len(waits) % 2 + 1])
            while len(program.chunks) == chunks and now() - stroke < 5 and not program.ended:
                program.read(0.5)
            if len(program.chunks) > chunks:
                waits.append((program.chunks[chunks][0] - stroke) * 1e3)
            program.settle(0.02 + 0.001 * (len(waits) * 7 % 20))
        return waits


class Service:
    """A provider's base address and key."""

    def __init__(self, told, header):
        self.url = urllib.parse.urlparse(told["base_url"])
        self.headers = {header: told["api_key"]}

    def connection(self):
        return http.client.HTTPConnection(self.url.hostname, self.url.port)

    def get(self, connection, path, may_be_none=False):
        """What is asked for; an answer that there is none is one where that may be, as of a domain without a leak."""
        connection.request("GET", self.url.path + path, headers=self.headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200 and not (may_be_none and answer.status == 404):
            raise RuntimeError(f"{path}: {answer.status}")
        return body


def pages(service, path, count, width):
    """Asks for pages of a list, so many at once, and drops them; how many that were."""
    connection = service.connection()
    first = json.loads(service.get(connection, path.format(1)))
    numbers = iter(range(2, count(first) + 1))

    def ask(connection):
        asked = 0
        for number in iter(lambda: next(numbers, None), None):
            service.get(connection, path.format(number))
            asked += 1
        return asked

    with concurrent.futures.ThreadPoolExecutor(width) as pool:
        asked = pool.map(ask, [connection] + [service.connection() for _ in range(width - 1)])
        return 1 + sum(asked)


def requests(line):
    """The seconds that the requests of a load take where answers are dropped: leaks four pages at once, then both lists
    of users and connections, a page at a time. How many requests that were."""
    pd = Service(line["projectdiscovery"], "x-api-key")
    la = Service(line["leaks_ai"], "authorization")
    lc = Service(line["leaked_checker"], "x-api-key")
    of_total = lambda first: -(-first["total_count"] // 1000)
    of_pages = lambda first: first["pagination"]["total_pages"]

    def of_pd():
        return pages(pd, "/v1/leaks?limit=1000&page_number={}", of_total, 4)

    def of_la():
        asked = pages(la, "/leaks?page={}&per_page=100", of_pages, 4)
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            users = pool.submit(pages, la, "/users?page={}&per_page=100", of_pages, 1)
            connections = sum(pages(la, f"/{name}?page={{}}&per_page=100", of_pages, 1) for name in ("endpoints", "resources"))
            return asked + users.result() + connections

    def of_lc():
        connection = lc.connection()
        domains = json.loads(lc.get(connection, "/external/subscribeddomains"))["domains"]
        names = [domain["DomainName"] for domain in domains if domain.get("IsVerified")]
        lc.get(connection, "/external/breaches")
        for name in names:
            lc.get(connection, "/external/breacheddomain/emails/" + urllib.parse.quote(name), may_be_none=True)
        return 2 + len(names)

    began = now()
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        asked = sum(pool.map(lambda of: of(), (of_pd, of_la, of_lc)))
    return now() - began, asked


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stanch", action="append", required=True, help="the program; again for another")
    parser.add_argument("--config", required=True, help="the configuration that `stanch serve` wrote")
    parser.add_argument("--line", required=True, help="the file with the line of `stanch serve`")
    parser.add_argument("--leaks", type=int, required=True, help="leaks in all")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    try:
        os.setpriority(os.PRIO_PROCESS, 0, -10)
    except PermissionError:
        pass
    with open(options.line, encoding="utf-8") as file:
        line = json.load(file)
    floor = [requests(line) for _ in range(options.runs)]
    runs = {stanch: [] for stanch in options.stanch}
    for _, stanch in itertools.product(range(options.runs), options.stanch):
        seconds, cpu, rest, peak = loaded(stanch, options.config)
        waits = keys_while_loading(stanch, options.config, seconds)
        runs[stanch].append((rest, peak, seconds, cpu, statistics.median(waits), percentile(waits, 0.95), max(waits)))
    print(f"### {options.leaks:,} leaks of three profiles\n")
    print(f"Medians of {options.runs} runs; load at the end {os.getloadavg()[0]:.1f}.\n")
    print("| measure | target | " + " | ".join(options.stanch) + " |")
    print("|---" * (2 + len(options.stanch)) + "|")
    measures = [("memory at rest, MiB", "≤ 250"), ("memory at most, MiB", "≤ 250"), ("all lists there, s", "the requests"),
                ("processor time, s", "–"), ("key while loading, median, ms", "–"), ("key while loading, p95, ms", "≤ 5"),
                ("key while loading, longest, ms", "–")]
    for place, (measure, target) in enumerate(measures):
        values = [f"{statistics.median(run[place] for run in of):.3g}" for of in runs.values()]
        print(f"| {measure} | {target} | " + " | ".join(values) + " |")
    print(f"\nThe {floor[0][1]:,} requests of a load at the stand-in's own speed, answers dropped: "
          f"{statistics.median(seconds for seconds, _ in floor):.2f} s.\n", flush=True)


if __name__ == "__main__":
    main()
