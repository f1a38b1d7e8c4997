"""What is wanted, what was measured, and whether it holds: the first table of the page."""
import math

NAIVE_RECALL = {"agent_loop": 0.95, "repetition": 0.95, "verbosity": 0.95, "always_on": 0.95,
                "context_bloat": 0.80, "output_churn": 0.80}
HIDDEN = ("novelty", "paraphrase", "ramp", "jitter", "ring", "split", "rest")
FDR = {"review": 0.10, "case": 0.05}
HONEST = {"review": 0.25, "case": 0.05}


def row(what, wanted, value, least=True):
    """Blank: nobody to measure it on."""
    if value is None or math.isnan(value):
        return [what, wanted, "", ""]
    held = value >= wanted if least else value <= wanted
    return [what, f"{'at least' if least else 'at most'} {wanted:g}",
            f"{value:.3f}".rstrip("0").rstrip(".") if math.isfinite(value) else "never",
            "yes" if held else "**no**"]


def discovery(f):
    for track, limit in FDR.items():
        for rate in ("0.5 %", "1 %", "4 %", "15 %"):
            if rate in f["discovery"]:
                yield row(f"FDR of {track} at {rate} gamers", limit,
                          f["discovery"][rate][track]["fdr"], least=False)
    for track, limit in HONEST.items():
        if track in f["honest"]:
            yield row(f"{track} flags without gamers, per 2,000 people in 28 days", limit,
                      f["honest"][track]["rate"], least=False)


def pooled(recall, wanted):
    """Of several rows together, by the people in them: strength 5 and more, in review."""
    rows = [forms[form]["5+"] for behaviour, forms in recall.items() if behaviour in wanted
            for form in forms if forms[form]["5+"]["n"]]
    people = sum(r["n"] for r in rows)
    return sum(r["n"] * r["review"] for r in rows) / people if people else math.nan


def found(f):
    def of(behaviour, form, what):
        return f["recall"].get(behaviour, {}).get(form, {}).get("5+", {}).get(what, math.nan)
    for behaviour, least in NAIVE_RECALL.items():
        yield row(f"{behaviour}, naive, in review", least, of(behaviour, "naive", "review"))
    for behaviour, forms in f["recall"].items():
        for form in forms:
            if form in HIDDEN:
                yield row(f"{behaviour}, {form}, in review", 0.6, of(behaviour, form, "review"))
    for world, recall in f["special"].items():
        yield row(f"{world}, behaviours wanted above, in review", 0.6,
                  pooled(recall, NAIVE_RECALL))
    for behaviour in f["recall"]:
        yield row(f"{behaviour}, naive, any alert", 0.95, of(behaviour, "naive", "any"))


def early(f):
    for behaviour, of in f["delays"].items():
        yield row(f"{behaviour}, days to the first alert, median", 1,
                  of["any"]["median_days"], least=False)
    yield row("runaway, alert within 10 minutes", 0.95,
              f["delays"]["runaway"]["any"]["within_10min"])
    for behaviour in NAIVE_RECALL:
        yield row(f"{behaviour}, share of gamed tokens burnt before review", 0.25,
                  f["delays"][behaviour]["review"]["burnt"], least=False)


def best_rule(f):
    for label in ("structural", "all"):
        of = f["peers"][label]
        ran = [r for r in of["rules"] if not r.get("skipped")]
        best = max(ran, key=lambda r: r["same"]["hindsight"])
        yield row(f"recall in review above the best rule in hindsight at the same FDR "
                  f"({best['name']}), {label} behaviours", best["same"]["hindsight"],
                  of["recall"]["review"])


def rows(f):
    return [*discovery(f), *found(f), *early(f), *best_rule(f)]
