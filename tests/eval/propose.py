#!/usr/bin/python3
"""How well `goodhart tune propose` does over companies, from a setting that is far off and from
the best one: propose.py GROUP.OPTION=VALUE GRID SEED [SEED…], where GRID is FIRST:LAST:COUNT,
by equal factors. Prints one row for each company and start."""
import os
import sys
import tempfile

from rounds import Company, costs, rounds

PROGRAM = os.environ.get("GOODHART", "build/goodhart")
PEOPLE = os.environ.get("ACTORS", "50"), os.environ.get("WEEKS", "8")
PRICE = {"accusation": 500, "alarm": 30, "waste": 1}


def grid(text):
    first, last, count = (float(part) for part in text.split(":"))
    steps = [first * (last / first) ** (k / (count - 1)) for k in range(int(count))]
    return [round(step) for step in steps] if first >= 1 else steps


def assignments(settings):
    return [f"{name}={value}" for name, value in settings.items()]


def company_row(folder, option, far, values, seed):
    company = Company(PROGRAM, folder, "--actors", PEOPLE[0], "--weeks", PEOPLE[1], "--gamers",
                      "0.06", "--seed", str(seed))
    swept = {f"{value:.4g}": company.found([f"{option}={value:.4g}"]) for value in values}
    alone = costs(company, swept, PRICE)
    good = min(alone, key=alone.get)
    for name, start in ("far off", far), ("good", good):
        history = rounds(company, [f"{option}={start}"], PRICE, seed)
        ends = {"start": history[0], "end": history[-1]}
        found = {end: company.found(assignments(s)) for end, s in ends.items()}
        cost = costs(company, swept | found, PRICE)
        best = min(value for key, value in cost.items() if key not in ends)
        print(f"{seed} {name:8s} {option}={start}: best {best:.0f}, start {cost['start']:.0f}, "
              f"end {cost['end']:.0f} after {len(history) - 1} rounds; "
              f"{len(history[-1]) - 1} options moved", flush=True)


def main():
    option, far = sys.argv[1].split("=")
    for seed in sys.argv[3:]:
        with tempfile.TemporaryDirectory() as folder:
            company_row(folder, option, far, grid(sys.argv[2]), int(seed))


main()
