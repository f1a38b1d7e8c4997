#!/usr/bin/env python3
"""Puts one alert of the demo into the README: demo_in_readme.py ALERTS.ndjson README.md

The block keeps its lines and remarks; values are those of the first reviewable alert, so that
the README shows what the program says today."""
import json
import re
import sys
import textwrap

REMARK_AT = 50


def flat(alert):
    data = alert["data"]
    fact = data["facts"][0]
    return {**alert, **data, **data["evidence"], **fact,
            "id": alert["id"], "type": alert["type"], "time": alert["time"],
            "samples": data["samples"]}


def line_of(line, values):
    found = re.match(r'    "([a-z_]+)": ("[^"]*"|[0-9.e-]+|\[…\])( +)?(.*)$', line)
    if found is None or found[1] in ("samples", "explanation", "question"):
        return line
    shown = f'    "{found[1]}": {json.dumps(values[found[1]], ensure_ascii=False)}'
    return shown.ljust(REMARK_AT - 1) + " " + found[4] if found[4] else shown


def text_of(name, values):
    whole = f'"{name}": {json.dumps(values[name], ensure_ascii=False)}'
    return textwrap.wrap(whole, 92, initial_indent="    ", subsequent_indent="        ",
                         break_on_hyphens=False)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        alerts = [json.loads(line) for line in file]
    values = flat(next(a for a in alerts if a["data"]["track"] == "review"))
    with open(sys.argv[2], encoding="utf-8") as file:
        head, block = file.read().split('    "id": ', 1)
    block, tail = ('    "id": ' + block).split("\n\n", 1)
    lines, text = [], None
    for line in block.split("\n"):
        begins = re.match(r'    "([a-z_]+)": ', line)
        if begins and begins[1] in ("explanation", "question"):
            text = begins[1]
            lines += text_of(text, values)
        elif begins or text is None:
            text = None
            lines.append(line_of(line, values))
    with open(sys.argv[2], "w", encoding="utf-8") as file:
        file.write(head + "\n".join(lines) + "\n\n" + tail)


main()
