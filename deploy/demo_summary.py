#!/usr/bin/python3
"""demo_summary.py - what the service found, beside what the simulator knows.

    demo_summary.py FOLDER BOLD PLAIN     BOLD and PLAIN begin and end bold text, or are empty

Every number is counted from the files that the demo has written."""
import collections
import json
import sys
import textwrap


def values(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def usd(amount):
    return f"${amount:,.0f}" if amount >= 10 else f"${amount:,.2f}"


def share(part, whole, name=None):
    of = f" of {len(whole)} {name}" if name else ""
    return f"{len(part)}{of} ({100 * len(part) / max(1, len(whole)):.1f} %)"


def behaviours(labels, gamers):
    counted = collections.Counter(labels[actor]["behaviour"] for actor in gamers)
    return f"{len(gamers)} gamers" + (": " if gamers else "") + ", ".join(
        f"{name} {count}" for name, count in sorted(counted.items()))


def verdict(label, detector):
    """Whether the finding is right, and what the label says."""
    if not label["gamer"]:
        return "WRONG: " + ", ".join(["honest", *label["bursts"]])
    told = f"{label['behaviour']}, {label['strength']:g} x usual"
    return f"right: {told}" if label["behaviour"] == detector else f"right person: {told}"


def print_reviewable(found, labels):
    row = "  {:8} {:14} {:14} {:>14}  {}"
    print(row.format("track", "detector", "who", "above expected", "what the labels say"))
    for one in sorted(found, key=lambda one: (one["track"], one["detector"], one["actor"])):
        print(row.format(one["track"], one["detector"], f"{one['actor']} ({one['team']})",
                         usd(one["excess_cost_usd"] or 0),
                         verdict(labels[one["actor"]], one["detector"])))


def print_incidents(found, labels):
    row = "  {:8} {:17} {:>8} {:>6} {:>12}"
    print(row.format("track", "detector", "findings", "people", "gamers among"))
    for detector in sorted({one["detector"] for one in found}):
        some = [one for one in found if one["detector"] == detector]
        people = {one["actor"] for one in some}
        print(row.format("incident", detector, len(some), len(people),
                         sum(labels[actor]["gamer"] for actor in people)))


def print_numbers(found, labels, counters, alerts):
    gamers = {actor for actor in labels if labels[actor]["gamer"]}
    people = {one["actor"] for one in found if one["reviewable"]}
    told = {one["actor"] for one in found} - people
    gamed = sum(labels[actor]["cost_gamed"] for actor in gamers)
    above = sum(one["excess_cost_usd"] or 0 for one in found if one["reviewable"])
    rows = [
        ("base rate", f"{share(people, labels, 'people')} are brought before a manager; "
                      f"{share(gamers, labels)} game"),
        ("rightly", share(people & gamers, gamers, "gamers")),
        ("wrongly", share(people - gamers, labels.keys() - gamers, "honest people")),
        ("incident only", behaviours(labels, gamers & told)),
        ("not found", behaviours(labels, gamers - people - told)),
        ("money", f"{usd(counters['cost_usd'])} spent, {usd(gamed)} of it gamed; findings to "
                  f"review tell of {usd(above)}"),
        ("events", f"{counters['events']:,} taken, {counters['refused']} refused, "
                   f"{counters['late']} late; {alerts} alerts"),
        ("machine", f"{sum(counters['stages'].values()):.1f} s of work, "
                    f"{counters['peak_memory_bytes'] / 1e6:.0f} MB of memory"),
    ]
    for name, text in rows:
        print(textwrap.fill(text, 90, initial_indent=f"  {name:14} ",
                            subsequent_indent=" " * 17))


def main(folder, bold, plain):
    with open(folder + "/labels.json", encoding="utf-8") as file:
        labels = {label["actor"]: label for label in json.load(file)["actors"]}
    found = values(folder + "/findings.ndjson")
    counters, = values(folder + "/counters.json")
    print(f"{bold}Who is brought before a manager, with a question:{plain}")
    print_reviewable([one for one in found if one["reviewable"]], labels)
    print(f"\n{bold}What goes to whoever runs the platform, unusual or broken, names no "
          f"misconduct:{plain}")
    print_incidents([one for one in found if not one["reviewable"]], labels)
    print(f"\n{bold}In numbers:{plain}")
    print_numbers(found, labels, counters, len(values(folder + "/alerts.ndjson")))


main(*sys.argv[1:])
