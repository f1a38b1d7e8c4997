"""All figures of a run as one dict of plain values: what the page and the plots show."""
import math

import numpy

import detect_rules
import detect_stats
from detect_stats import TRACKS

STRENGTHS = (1.2, 2.0, 5.0, 20.0)
RATES = ("0 %", "0.5 %", "1 %", "4 %", "15 %")
MAIN = "4 %"  # where recall is measured


def lanes(head):
    """Behaviour -> structural (review, case), context (incidents alone), none."""
    of = {d["name"]: d["lane"] for d in head["detectors"]}
    return {name: of.get(name, "none") for name in head["behaviours"]}


def discovery(worlds):
    out = {}
    for name, companies in worlds.items():
        out[name] = {"companies": len(companies),
                     "gamers": int(sum(c.gamer.sum() for c in companies))}
        for track in ("review", "case"):
            rows = detect_stats.false_discovery(companies, track)
            out[name][track] = {"flagged": float(rows[:, 0].mean()),
                                "false": float(rows[:, 1].mean()),
                                "fdr": float(rows[:, 2].mean()),
                                "interval": detect_stats.bootstrap(rows[:, 2])}
        out[name]["per_1000_weeks"] = {
            t: detect_stats.per_thousand_weeks(companies, t) for t in TRACKS}
    return out


def honest_flags(companies):
    """Flags per 2,000 honest people in 28 days of judging (the first days nobody is judged),
    in companies without gamers."""
    if not companies:
        return {}
    head = companies[0].head
    exposure = sum(len(c.gamer) for c in companies) / 2000
    exposure *= (head["days"] - head["grace_days"]) / 28
    out = {}
    for track in ("incident", "review", "case"):
        count = int(sum(c.found(track).sum() for c in companies))
        out[track] = {"people": count, "rate": count / exposure,
                      "interval": detect_stats.poisson(count, exposure)}
    return out


def recall_row(gamers, chosen):
    return {"n": int(chosen.sum()),
            **{t: gamers.recall(t, chosen) for t in TRACKS},
            "named": gamers.recall("any", chosen, named=True),
            "named_review": gamers.recall("review", chosen, named=True)}


def recall(gamers, head):
    """behaviour -> form -> strength (and `5+`) -> shares found."""
    out = {}
    for behaviour in head["behaviours"]:
        for form in head["forms"]:
            chosen = gamers.pick(behaviour=behaviour, form=form)
            if not chosen.any():
                continue
            row = {str(s): recall_row(gamers, chosen & gamers.pick(strength=s))
                   for s in STRENGTHS}
            row["5+"] = recall_row(gamers, chosen & gamers.pick(least=5))
            row["n"] = int(chosen.sum())
            out.setdefault(behaviour, {})[form] = row
    return out


def delays(gamers, head):
    """Naive gamers of strength 5 and more, from their first gamed call; never found: last."""
    out = {}
    for behaviour in head["behaviours"]:
        chosen = gamers.pick(behaviour=behaviour, least=5, hidden=False)
        row = {"n": int(chosen.sum())}
        for track in ("any", "review", "case"):
            late = gamers.delays(track, chosen)
            row[track] = {"median_days": detect_stats.quantile(late, 0.5),
                          "p95_days": detect_stats.quantile(late, 0.95),
                          "within_24h": float((late <= 1).mean()) if len(late) else math.nan,
                          "within_10min": (float((late <= 10 / 1440).mean()) if len(late)
                                           else math.nan),
                          "burnt": gamers.burnt(track, chosen)}
        out[behaviour] = row
    return out


def negatives(worlds, head):
    """Honest people by oddity, in all companies: how many, and how many found by track."""
    out = {}
    companies = [c for name in worlds for c in worlds[name] if name in RATES]
    for bit, name in [*enumerate(head["bursts"]), (None, "none of these")]:
        row = {"people": 0, **{t: 0 for t in TRACKS}}
        for c in companies:
            bits = c.number("bursts").astype(numpy.int64)
            has = ~c.gamer & ((bits == 0) if bit is None else (bits >> bit & 1) == 1)
            row["people"] += int(has.sum())
            for track in TRACKS:
                row[track] += int((has & c.found(track)).sum())
        out[name] = row
    return out


def rules(companies, wanted, rates):
    """Each rule as it is set today, and at the false discovery rates of `rates`."""
    out = []
    for index, (name, _) in enumerate(detect_rules.RULES):
        if any(numpy.isnan(c.rules[index][0]) for c in companies):
            out.append({"name": name, "skipped": True})
            continue
        curve = detect_stats.Curve(companies, index, wanted)
        usual = [curve.at(c.usual[index], [row]) for c, row in zip(companies, curve.rows)]
        flagged = [int((c.rules[index] >= c.usual[index]).sum()) for c in companies]
        hit = sum(int((c.rules[index] >= c.usual[index])[w].sum())
                  for c, w in zip(companies, wanted))
        row = {"name": name, "curve": [curve.fdr.tolist(), curve.recall.tolist()],
               "usual": {"flagged": float(numpy.mean(flagged)),
                         "fdr": float(numpy.mean([u[0] for u in usual])),
                         "recall": hit / max(1, sum(int(w.sum()) for w in wanted))}}
        for label, rate in rates.items():
            row[label] = {"hindsight": curve.hindsight(rate)}
        fdr, found = curve.beforehand(rates["same"])
        row["same"].update(beforehand=found, beforehand_fdr=fdr)
        out.append(row)
    return out


def peers(companies, lane):
    """goodhart's review against today's rules: everybody of strength 5 and more, and those of
    behaviours that review judges."""
    structural = {b for b, kind in lane.items() if kind == "structural"}
    out = {}
    fdr = float(detect_stats.false_discovery(companies, "review")[:, 2].mean())
    for label in ("all", "structural"):
        wanted = [c.gamer & (c.number("strength") >= 5) & (
            numpy.isin(c.number("behaviour"), sorted(structural)) | (label == "all"))
            for c in companies]
        total = max(1, sum(int(w.sum()) for w in wanted))
        hit = {t: sum(int((w & c.found(t)).sum()) for c, w in zip(companies, wanted)) / total
               for t in TRACKS}
        out[label] = {"gamers": total, "fdr": fdr, "recall": hit,
                      "rules": rules(companies, wanted, {"same": fdr, "tenth": 0.10})}
    return out


def figures(worlds, arguments):
    some = next(iter(worlds.values()))[0]
    lane = lanes(some.head)
    gamers = detect_stats.Gamers(worlds.get(MAIN, []), from_day=7)
    special = {name: recall(detect_stats.Gamers(worlds[name]), some.head)
               for name in worlds if name not in RATES}
    return {"seeds": arguments.seeds, "options": arguments.options,
            "companies": {name: len(worlds[name]) for name in worlds},
            "people": some.head["people"], "weeks": some.head["days"] // 7,
            "burn_in_days": some.head["burn_in_days"], "grace_days": some.head["grace_days"],
            "events": int(sum(c.head["events"] for w in worlds.values() for c in w)),
            "forest": detect_rules.forest_version(), "lanes": lane,
            "discovery": discovery(worlds), "honest": honest_flags(worlds.get("0 %", [])),
            "recall": recall(gamers, some.head), "special": special,
            "delays": delays(gamers, some.head), "negatives": negatives(worlds, some.head),
            "peers": peers(worlds[MAIN], lane)}
