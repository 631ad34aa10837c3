#!/usr/bin/env python3
"""Leaks from stealer logs: what Stanch and two public parsers find of the same logs, lose and invent, and what they cost: processor time, from the start of each to its end.

    files.py --stanch target/release/stanch --stealer-parser DIR --stealer-log-processor DIR [--samples DIR] [--machines N]

The two parsers are checkouts of github.com/lexfo/stealer-parser (Apache-2.0; needs coloredlogs, py7zr, rarfile and
verboselogs) and of github.com/bikemazzell/stealer-log-processor. Nothing of them is in this project. `--samples` is a
folder with a `cases.json` that names logs and what has to be found in them; without it only the logs that are made here
are read: N machines (1,500 where nothing is said) of five families, eight credentials each, passwords with separators,
blanks and letters of other scripts among them. All of it is made up.

Every reader gets each source in the form that it takes: Stanch and stealer-parser a ZIP, stealer-log-processor a folder. What is
compared are distinct pairs of URL and login of a source; of the logs that are made here also the passwords: of Stanch, which
prints none, by the ids, which are those of a list of the same credentials.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import zipfile

SITES = ["vpn.acme.example/login", "mail.acme.example:8443/owa/", "bank.example.net/", "sso.contoso.example/a?b=c:d"]
ODD = ["plain", "with:colon", "with = equals", "trailing ", "pässwörd", "пароль", "a|b;c", "pass: word", "http://in.it/"]


def machine(number, draw):
    """The files of one machine and its credentials: URL, login, password."""
    identity = f"{draw.getrandbits(64):016X}{number:08X}"
    host, address = f"HOST-{number:05}", f"203.0.113.{1 + number % 250}"
    credentials = []
    for at in range(8):
        secret = f"{ODD[draw.randrange(len(ODD))]}" if at % 2 else f"made-up-{draw.getrandbits(24):06x}"
        credentials.append((f"https://{draw.choice(SITES)}", f"user{number}.{at}@acme.example", f"{at}{secret}"))
    family = number % 5
    forms = [
        ("SOFT: Chrome Default\nURL: {}\nUSER: {}\nPASS: {}\n\n", "All Passwords.txt", "System.txt",
         f"- LID: made-up\n- IP Address: {address}\n- HWID: {identity}\n- Computer: {host}\n"),
        ("URL: {}\nUsername: {}\nPassword: {}\nApplication: Google_[Chrome]_Default\n===============\n", "Passwords.txt",
         "UserInformation.txt", f"Build ID: x\nIP: {address}\nFileLocation: C:\\x.exe\nHWID: {identity}\nMachineName: {host}\n"),
        ("browser: Chrome\nprofile: Default\nurl: {}\nlogin: {}\npassword: {}\n\n", "passwords.txt", "system_info.txt",
         f"stealc stealer, made up\n\n\t- IP: {address}\n\t- HWID: {identity}\n\t- Computer Name: {host}\n\t- Running Path: C:\\x.exe\n"),
        ("Soft: Chrome (Default)\nHost: {}\nLogin: {}\nPassword: {}\n\n", "passwords.txt", "information.txt",
         f"Ip: {address}\nMachineID: x\nHWID: {identity}\nWork Dir: In memory\nComputer Name: {host}\n"),
        ("Profile: Default\nURL: {}\nLOGIN: {}\nPASSWORD: {}\n", "Passwords.txt", "UserInformation.txt",
         f"ATOMIC MAC, made up\nIP: {address}\nHardware UUID: {identity}\nProduct Name: macOS\nBuildVersion: 1\n"),
    ]
    form, passwords, system, facts = forms[family]
    text = "".join(form.format(*one) for one in credentials)
    folder = f"LOG_{host}"
    return {f"{folder}/{system}": facts, f"{folder}/{passwords}": text}, credentials, identity


def written(files, folder):
    """Writes files into a folder, and into a ZIP beside it."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    packed = folder.parent / (folder.name + ".zip")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return packed


def timed(command, **options):
    """Runs a command; answers what came of it and the processor time that it took, in seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, **options)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return done, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def listed(stanch, source, home):
    """What Stanch lists of a source."""
    environment = {"HOME": str(home), "STANCH_STATE_DIR": str(home / "state"), "STANCH_CONFIG": str(home / "none.toml")}
    (home / "none.toml").touch()
    done, took = timed([stanch, "leaks", "list", "--from", str(source), "--format", "jsonl"], env=environment)
    leaks = [json.loads(line) for line in done.stdout.splitlines()]
    return leaks, took


def by_stealer_parser(checkout, packed, out):
    environment = dict(os.environ, PYTHONPATH=f"{checkout}:{os.environ.get('PYTHONPATH', '')}")
    command = [sys.executable, "-m", "stealer_parser.main", str(packed), "-o", str(out)]
    _, took = timed(command, env=environment, cwd=out.parent)
    found = []
    if out.exists():
        for system in json.loads(out.read_text()).get("systems_data", []):
            for one in system.get("credentials") or []:
                found.append((one.get("host") or "", one.get("username") or "", one.get("password") or ""))
    return found, took


def by_processor(checkout, folder):
    _, took = timed([sys.executable, str(checkout / "main.py"), str(folder)])
    out, found = folder / "credentials.csv", []
    if out.exists():
        for line in out.read_text(errors="surrogateescape").splitlines():
            parts = line.split(",")
            if len(parts) >= 3:
                found.append((parts[-1], parts[0], ",".join(parts[1:-1])))
        out.unlink()
    for left in folder.rglob("autofills.csv"):
        left.unlink()
    return found, took


def told(name, expected, rows):
    for reader, (found, took) in rows.items():
        lost, invented = len(expected - found), len(found - expected)
        print(f"{name:34} {reader:22} {len(expected & found):7,} {lost:7,} {invented:9,} {took:9.2f}", flush=True)


def of_samples(arguments, work, totals):
    cases = json.loads((arguments.samples / "cases.json").read_text())
    for case in cases:
        path = arguments.samples / case["path"]
        is_log = case["path"].startswith(("logs/", "synthetic/")) and path.is_dir()
        if not is_log or not case.get("expected"):
            continue
        lines = (arguments.samples / case["expected"]).read_text().splitlines()
        rows = [json.loads(line) for line in lines if line]
        expected = {(row.get("url") or "", row.get("login") or "") for row in rows}
        files = {str(file.relative_to(path)): file.read_bytes() for file in sorted(path.rglob("*")) if file.is_file()}
        folder = work / case["path"].replace("/", "-")
        packed = written(files, folder)
        leaks, first = listed(arguments.stanch, packed, work)
        second, two = by_stealer_parser(arguments.stealer_parser, packed, work / "out.json")
        (work / "out.json").unlink(missing_ok=True)
        third, three = by_processor(arguments.stealer_log_processor, folder)
        pairs = lambda found: {(url, login) for url, login, _ in found}
        results = {
            "stanch": ({(leak["url"] or "", leak["login"] or "") for leak in leaks}, first),
            "stealer-parser": (pairs(second), two),
            "stealer-log-processor": (pairs(third), three),
        }
        told(case["path"], expected, results)
        for reader, (found, took) in results.items():
            totals[reader].update(found=len(expected & found), lost=len(expected - found), invented=len(found - expected))
            totals[reader]["seconds"] += took
        shutil.rmtree(folder)


def of_made_up(arguments, work):
    draw = random.Random(7)
    files, truth = {}, []
    for number in range(arguments.machines):
        texts, credentials, identity = machine(number, draw)
        files.update({name: text.encode() for name, text in texts.items()})
        truth += [(*one, identity) for one in credentials]
    folder = work / "made-up"
    packed = written(files, folder)
    objects = work / "truth.jsonl"
    with objects.open("w") as out:
        for url, login, password, identity in truth:
            out.write(json.dumps({"url": url, "login": login, "password": password, "hwid": identity}) + "\n")
    expected = {(url, login, password) for url, login, password, _ in truth}
    known, _ = listed(arguments.stanch, objects, work)
    by_id = {leak["id"]: leak for leak in known}
    leaks, first = listed(arguments.stanch, packed, work)
    second, two = by_stealer_parser(arguments.stealer_parser, packed, work / "out.json")
    third, three = by_processor(arguments.stealer_log_processor, folder)
    ids = {leak["id"] for leak in leaks}
    told("made up: URL, login, password", set(by_id), {"stanch": (ids, first)})
    told("made up: URL, login, password", expected, {"stealer-parser": (set(second), two), "stealer-log-processor": (set(third), three)})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stanch", type=pathlib.Path, required=True)
    parser.add_argument("--stealer-parser", type=pathlib.Path, required=True)
    parser.add_argument("--stealer-log-processor", type=pathlib.Path, required=True)
    parser.add_argument("--samples", type=pathlib.Path)
    parser.add_argument("--machines", type=int, default=1_500)
    arguments = parser.parse_args()
    for name in ["stanch", "stealer_parser", "stealer_log_processor"]:
        setattr(arguments, name, getattr(arguments, name).resolve())
    print(f"{'source':34} {'reader':22} {'found':>7} {'lost':>7} {'invented':>9} {'seconds':>9}")
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        if arguments.samples:
            totals = collections.defaultdict(collections.Counter)
            of_samples(arguments, work, totals)
            for reader, sums in totals.items():
                print(f"{'all samples':34} {reader:22} {sums['found']:7,} {sums['lost']:7,} {sums['invented']:9,} {sums['seconds']:9.2f}")
        of_made_up(arguments, work)


if __name__ == "__main__":
    main()
