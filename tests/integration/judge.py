#!/usr/bin/env python3
"""judge.py - what shell tests ask of files with one JSON value a line.

    judge.py EXPRESSION FILE...   exit status 0 when the Python expression holds; `all` are the
                                  values, `one` is the first, every(test, values=all)
    judge.py --array FILE         the values as one array
    judge.py --pretty FILE        each value on many lines
"""
import json
import sys

ask, values = sys.argv[1], []
for path in sys.argv[2:]:
    with open(path, encoding="utf-8") as file:
        values += [json.loads(line) for line in file]

if ask == "--array":
    json.dump(values, sys.stdout, separators=(",", ":"))
elif ask == "--pretty":
    for value in values:
        print(json.dumps(value, indent=2))
else:
    names = {"all": values, "one": values[0] if values else None,
             "every": lambda test, of=values: len(of) == sum(bool(test(value)) for value in of)}
    if not eval(f"({ask})", names):
        sys.exit(f"does not hold: {ask}\n{values[:2]}")
