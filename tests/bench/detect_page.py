"""detect.md and detect.json: the figures of a run as tables that are read."""
import json
import math
import os

import detect_figures
import detect_plots
import detect_targets

STRENGTHS = [str(s) for s in detect_figures.STRENGTHS]
HEADS = [f"x{s:g}" for s in detect_figures.STRENGTHS]


def share(value):
    """.95 instead of 0.95; blank: nobody to find."""
    if value is None or math.isnan(value):
        return ""
    return f"{value:.2f}".removeprefix("0") if value < 0.995 else "1"


def number(value, digits=1):
    if value is None or math.isnan(value):
        return ""
    return "never" if math.isinf(value) else f"{value:.{digits}f}"


def span(days):
    """A duration as one says it."""
    if days is None or math.isnan(days):
        return ""
    if math.isinf(days):
        return "never"
    for unit, length in (("d", 1), ("h", 1 / 24)):
        if days >= length:
            return f"{days / length:.1f} {unit}"
    return f"{days * 1440:.0f} min"


def between(interval, digits=3):
    low, high = interval
    return "" if math.isnan(low) else f"{low:.{digits}f} to {high:.{digits}f}"


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return lines + ["| " + " | ".join(str(cell) for cell in row) + " |" for row in rows] + [""]


def page_discovery(f):
    rows = []
    for name, of in f["discovery"].items():
        rows.append([name, of["companies"], of["gamers"]])
        for track in ("review", "case"):
            rows[-1] += [number(of[track]["flagged"]), number(of[track]["false"], 2),
                         number(of[track]["fdr"], 3) if of["gamers"] else "",
                         between(of[track]["interval"]) if of["gamers"] else ""]
        rows[-1] += [number(of["per_1000_weeks"][t], 2) for t in ("incident", "review", "case")]
    lines = ["## False discoveries", "",
             "Per company: people flagged, those of them who are honest (or were, when they "
             "were flagged), and the mean of their share, with a bootstrap interval over "
             "companies. "
             "Right: findings about honest people per 1,000 weeks of theirs.", ""]
    lines += table(["gamers", "companies", "gamers in all", "review", "false", "FDR", "95 %",
                    "case", "false", "FDR", "95 %", "incident", "review", "case"], rows)
    lines += ["Without gamers, with every oddity, per 2,000 people in 28 days:", ""]
    return lines + table(["track", "people flagged", "rate", "95 %"], [
        [t, of["people"], number(of["rate"], 3), between(of["interval"])]
        for t, of in f["honest"].items()])


def recall_rows(f, recall, naive):
    for behaviour, forms in recall.items():
        for form, of in forms.items():
            if (form == "naive") != naive:
                continue
            yield [behaviour if naive else f"{behaviour}, {form}",
                   {"structural": "review", "context": "incident"}.get(
                       f["lanes"][behaviour], "no detector"),
                   of["n"], *(share(of[s]["any"]) for s in STRENGTHS),
                   share(of["5+"]["named"]), *(share(of[s]["review"]) for s in STRENGTHS),
                   share(of["5+"]["named_review"]), *(share(of[s]["case"]) for s in STRENGTHS)]


RECALL_HEAD = ["behaviour", "judged by", "n", *(f"any {h}" for h in HEADS), "named",
               *(f"review {h}" for h in HEADS), "named", *(f"case {h}" for h in HEADS)]


def page_recall(f):
    lines = ["## Recall", "",
             f"At {detect_figures.MAIN} gamers. Share of gamers about whom there is an alert "
             "of any track, a finding in review, one in case, after they began; strengths x1.2 "
             "to x20. `named`: of strength 5 and more, found under their own behaviour. "
             "`judged by`: behaviours with incidents alone never reach review by themselves. "
             "Who games from the first week on is left out: see the world `day one`.", "",
             "Naive:", ""]
    lines += table(RECALL_HEAD, recall_rows(f, f["recall"], True))
    lines += ["Hidden, each form alone:", ""]
    lines += table(RECALL_HEAD, recall_rows(f, f["recall"], False))
    for name, recall in f["special"].items():
        lines += [f"In the world `{name}`, naive and hidden:", ""]
        lines += table(RECALL_HEAD, [*recall_rows(f, recall, True),
                                     *recall_rows(f, recall, False)])
    return lines


def page_delays(f):
    rows = []
    for behaviour, of in f["delays"].items():
        rows.append([behaviour, of["n"]])
        for track in ("any", "review", "case"):
            rows[-1] += [span(of[track]["median_days"]), span(of[track]["p95_days"]),
                         share(of[track]["burnt"])]
        rows[-1].insert(4, share(of["any"]["within_24h"]))
        rows[-1].insert(5, share(of["any"]["within_10min"]))
    return ["## Delay and tokens burnt", "",
            "Naive gamers of strength 5 and more: event time from the first gamed call to the "
            "first alert (and the shares heard within 24 hours, 10 minutes), the first finding "
            "in "
            "review, the first in case: median, 95th percentile, those never found behind all "
            "others; and the share of all their gamed tokens that was burnt before, all of it "
            "where there is no finding.", ""] + table(
        ["behaviour", "gamers", "any", "95 %", "in 24 h", "in 10 min", "burnt", "review",
         "95 %", "burnt",
         "case", "95 %", "burnt"], rows)


def page_negatives(f):
    return ["## Honest people who look odd", "",
            "In all companies: honest people with the oddity at any time, and how many of them "
            "were ever found.", ""] + table(
        ["oddity", "people", "incident", "review", "case", "review per 1,000"],
        [[name, of["people"], of["incident"], of["review"], of["case"],
          number(1000 * of["review"] / max(1, of["people"]), 2)]
         for name, of in f["negatives"].items()])


def page_peers(f):
    lines = ["## What users have today, on the same streams", ""]
    for label, text in (("structural", "Of behaviours that review judges"),
                        ("all", "Of all eleven behaviours")):
        of = f["peers"][label]
        lines += [f"{text}, strength 5 and more, naive and hidden, at {detect_figures.MAIN} "
                  f"gamers: {of['gamers']}. goodhart's review finds "
                  f"{share(of['recall']['review'])} of them at a false discovery rate of "
                  f"{of['fdr']:.3f}, case {share(of['recall']['case'])}, any alert "
                  f"{share(of['recall']['any'])}. As set: the threshold people use, flagged "
                  "per company. Same rate: the threshold chosen on other companies so that the "
                  "rate "
                  "is goodhart's (what it then has in brackets); in hindsight: the best of all "
                  "thresholds at that rate, and at 10 %.", ""]
        rows = []
        for rule in of["rules"]:
            if rule.get("skipped"):
                rows.append([rule["name"], "not run", *[""] * 5])
                continue
            usual, same = rule["usual"], rule["same"]
            rows.append([rule["name"], number(usual["flagged"]), share(1 - usual["fdr"]),
                         share(usual["recall"]),
                         f"{share(same['beforehand'])} ({same['beforehand_fdr']:.2f})",
                         share(same["hindsight"]), share(rule["tenth"]["hindsight"])])
        lines += table(["rule", "flagged", "precision", "recall", "same rate", "in hindsight",
                        "at 10 %"], rows)
    if f["forest"] is None:
        lines += ["The isolation forest was not run: scikit-learn could not be installed.", ""]
    return lines


def page_targets(f):
    return ["## Wanted and measured", "",
            "Gamers here are those of strength 5 and more, at "
            f"{detect_figures.MAIN} gamers; by day or hour from the first gamed call.", ""
            ] + table(["what", "wanted", "measured", "holds"], detect_targets.rows(f))


def page_head(f):
    companies = ", ".join(f"{name}: {n}" for name, n in f["companies"].items())
    return ["# How good the findings are", "",
            f"`make bench-detect SEEDS={f['seeds']}`"
            + (f" with `{' '.join(f['options'])}`" if f["options"] else "")
            + f": {sum(f['companies'].values())} simulated companies of {f['people']:,} people "
            f"for {f['weeks']} weeks, {f['events'] / 1e6:.0f} million events; the burn-in "
            f"lasts {f['burn_in_days']} days, nobody is judged in the first "
            f"{f['grace_days']}. Companies by share of gamers: {companies}. Half of the gamers "
            "hide, but among rotten teams and from day one. Written by `tests/bench/detect`; "
            "the same figures are in `build/bench/detect.json`.", "",
            "![recall](detect-recall.svg)", "", "![false discoveries](detect-fdr.svg)", "",
            "![today's rules](detect-rules.svg)", "", "![burnt](detect-burnt.svg)", ""]


def write(worlds, arguments):
    f = detect_figures.figures(worlds, arguments)
    os.makedirs(arguments.out, exist_ok=True)
    lines = page_head(f)
    for part in (page_targets, page_discovery, page_recall, page_delays, page_negatives,
                 page_peers):
        lines += part(f)
    with open(os.path.join(arguments.out, "detect.md"), "w", encoding="utf-8") as file:
        file.write("\n".join(lines).rstrip() + "\n")
    detect_plots.write(f, arguments.out)
    with open(arguments.json, "w", encoding="utf-8") as file:
        json.dump(detect_plots.plain(f), file, indent=1, allow_nan=False)
        file.write("\n")
