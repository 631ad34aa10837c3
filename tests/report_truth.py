#!/usr/bin/env python3
"""The figures of a report, computed from what the stand-in was made to do. It shares nothing with src/report.

Standard input: one JSON object.
  from, to    first second of the period, first second behind it
  rounds      [{"at": seconds, "statuses": {id: word}, "ours": {id: ["fixed" | "false_positive", seconds]}}], in order;
              the first one is the baseline, "ours" is what this installation changed since the round before and when
              its journal committed that the change is proved
  leaks       {id: {"class", "added": seconds or null}}: what is listed when the report is made
Standard output: one JSON object of figures, durations in seconds.
"""
import json
import sys
from fractions import Fraction
from statistics import median_low

DAY = 86400


def is_open(word):
    return word not in ("fixed", "false_positive")


class Life:
    """What happened to one leak, as this installation learnt of it."""

    def __init__(self, first_round, before, word, added):
        self.spells = []
        self.added = added
        self.word = word
        self.kept = None  # a status that only we know
        self.missing = 0
        self.gone = False
        if is_open(word):
            if first_round is None:
                known = None if added is None else min(added, before)
                self.begin("opening", before, known)
            else:
                latest = max(before, added) if added is not None else before
                self.begin("became_known", first_round, min(latest, first_round))

    def begin(self, how, at, known):
        self.spells.append({"how": how, "from": at, "known": known, "end": None, "at": None})

    def finish(self, how, at):
        self.spells[-1]["end"], self.spells[-1]["at"] = how, at

    def needs_work(self):
        return not self.gone and is_open(self.kept or self.word)

    def absent(self, at):
        if self.gone:
            return
        self.missing += 1
        if self.missing == 2:
            if self.needs_work():
                self.finish("gone", at)
            self.gone = True

    def read(self, at, word, ours):
        ours, when = ours or (None, None)
        if self.gone:
            was_open = is_open(self.kept or self.word)
            self.gone = False
            if is_open(word) and was_open:
                self.begin("listed_again", at, at)
            elif is_open(word):
                self.begin("came_back", at, at)
            self.word, self.missing = word, 0
            return
        self.missing = 0
        if ours == "false_positive":
            if self.needs_work():
                self.finish("false_positive", when)
            self.kept, self.word = ours, word
            return
        if ours == "fixed" and is_open(word):
            # Ours was proved, and somebody opened it before the next reading.
            if self.needs_work():
                self.finish("fixed_read_back", when)
            self.begin("came_back", at, at)
        elif not is_open(word) and is_open(self.word):
            if self.needs_work():
                is_ours = ours == "fixed"
                self.finish("fixed_read_back" if is_ours else "fixed_elsewhere", when if is_ours else at)
        elif is_open(word) and not is_open(self.word):
            self.begin("came_back", at, at)
        self.word = word


def lives(world):
    found = {}
    last = None
    for round_ in world["rounds"]:
        at, words = round_["at"], round_["statuses"]
        for leak, word in words.items():
            added = world["leaks"].get(leak, {}).get("added")
            if leak not in found:
                first = None if last is None else at
                found[leak] = Life(first, at if last is None else last, word, added)
            else:
                found[leak].read(at, word, round_["ours"].get(leak))
        for leak, life in found.items():
            if leak not in words:
                life.absent(at)
        last = at
    return found


def kaplan_meier(cases):
    """[(time, share that is still open)] at each time at which something was fixed."""
    share, steps = Fraction(1), []
    for time in sorted({length for length, was_fixed in cases if was_fixed}):
        at_risk = sum(1 for length, _ in cases if length >= time)
        fixed = sum(1 for length, was_fixed in cases if was_fixed and length == time)
        share *= Fraction(at_risk - fixed, at_risk)
        steps.append((time, share))
    return steps


def within(steps, share):
    return next((time for time, is_left in steps if 1 - is_left >= share), None)


def main():
    world = json.load(sys.stdin)
    start, end = world["from"], world["to"]
    spells = []
    for leak, life in lives(world).items():
        # Whoever is not listed when the report is made has no class, and the general limit.
        employee = world["leaks"].get(leak, {}).get("class") == "employee"
        for spell in life.spells:
            spells.append(dict(spell, limit=(2 if employee else 7) * DAY))

    def is_open_at(spell, moment):
        return spell["from"] < moment and (spell["end"] is None or spell["at"] >= moment)

    def in_period(at):
        return at is not None and start <= at < end

    flows = dict.fromkeys(
        ["became_known", "came_back", "reopened_by_us", "listed_again"]
        + ["fixed_read_back", "fixed_kept_here", "fixed_elsewhere", "false_positive", "gone"],
        0,
    )
    for spell in spells:
        if spell["how"] != "opening" and in_period(spell["from"]):
            flows[spell["how"]] += 1
        if in_period(spell["at"]):
            flows[spell["end"]] += 1
    came_in = [s for s in spells if s["how"] != "opening" and in_period(s["from"])]
    cases = []
    for spell in came_in:
        if spell["at"] is not None and spell["at"] < end:
            cases.append((max(0, spell["at"] - spell["known"]), spell["end"].startswith("fixed")))
        else:
            cases.append((max(0, end - spell["known"]), False))
    steps = kaplan_meier(cases)
    fixed = [length for length, was_fixed in cases if was_fixed]
    due = met = over = 0
    ages = [0] * 8
    for spell in spells:
        known = spell["known"]
        if is_open_at(spell, end):
            if known is None:
                ages[7] += 1
            else:
                days = Fraction(end - known, DAY)
                ages[sum(days > limit for limit in (1, 2, 7, 14, 30, 90))] += 1
                over += known + spell["limit"] < end
        if known is None:
            continue
        moment = max(known + spell["limit"], spell["from"])
        left = spell["end"] in ("gone", "false_positive") and spell["at"] < moment
        if in_period(moment) and not left:
            due += 1
            is_fixed = (spell["end"] or "").startswith("fixed")
            met += is_fixed and spell["at"] <= known + spell["limit"]
    print(
        json.dumps(
            {
                "open_start": sum(
                    is_open_at(s, start) or (s["how"] == "opening" and in_period(s["from"]))
                    for s in spells
                ),
                "flows": flows,
                "open_end": sum(is_open_at(s, end) for s in spells),
                "half_seconds": within(steps, Fraction(1, 2)),
                "nine_of_ten_seconds": within(steps, Fraction(9, 10)),
                "plain_median_seconds": median_low(fixed) if fixed else None,
                "timed": len(cases),
                "curve": [[time, float(share)] for time, share in steps],
                "due": due,
                "met": met,
                "over": over,
                "ages": ages,
            }
        )
    )


main()
