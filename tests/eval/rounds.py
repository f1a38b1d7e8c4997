"""Rounds of tuning in a simulated company: a reviewer who errs judges what is found, `goodhart
tune propose` says what to change, it is changed, and so on. The labels say what it cost."""
import datetime
import json
import os
import random
import subprocess

DECIDED = {True: "gaming", False: "legitimate"}


def ms(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000


class Company:
    """Events and truth, made by `goodhart simulate`, and the verdicts given so far."""

    def __init__(self, program, folder, *flags):
        self.program, self.folder = program, str(folder)
        self.events = os.path.join(self.folder, "events.ndjson")
        self.verdicts = os.path.join(self.folder, "verdicts.ndjson")
        subprocess.run([program, "simulate", "--out", self.folder, *flags], check=True,
                       stderr=subprocess.DEVNULL)
        with open(os.path.join(self.folder, "labels.json"), encoding="utf-8") as labels:
            self.label = {a["actor"]: a for a in json.load(labels)["actors"]}
        with open(self.events, encoding="utf-8") as events:
            self.end = json.loads(events.readlines()[-1])["ts"]
        self.forget()

    def forget(self):
        self.judged = {}
        with open(self.verdicts, "w", encoding="utf-8"):
            pass

    def run(self, *arguments):
        done = subprocess.run([self.program, *arguments], capture_output=True, text=True,
                              check=False)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    def found(self, settings):
        sets = [part for s in settings for part in ("--set", s)]
        return self.run("replay", self.events, self.verdicts, "--findings", "-", *sets)

    def right(self, finding):
        """Whether its person games on one of its days."""
        label = self.label.get(finding["actor"])
        return bool(label and label["gamer"] and ms(finding["until"]) >= ms(label["from"])
                    and ms(finding["from"]) <= ms(label["until"]))

    def review(self, findings, dice, error, answered):
        """Each finding without a verdict gets one, perhaps; it is wrong with chance `error`."""
        with open(self.verdicts, "a", encoding="utf-8") as out:
            for f in sorted(findings, key=lambda f: f["finding"]):
                lot = dice.random(), dice.random()
                if f["finding"] in self.judged or lot[0] >= answered[f["track"]]:
                    continue
                self.judged[f["finding"]] = self.right(f) != (lot[1] < error)
                out.write(json.dumps({
                    "kind": "verdict", "id": "v" + f["finding"], "ts": self.end,
                    "actor": f["actor"], "finding": f["finding"], "reviewer": "rae",
                    "verdict": DECIDED[self.judged[f["finding"]]]}) + "\n")

    def propose(self, settings, *flags):
        sets = [part for s in settings for part in ("--set", s)]
        return self.run("tune", "propose", "--json", self.events, self.verdicts, *sets, *flags)


def matters(pool):
    """Findings of all settings, (setting, finding), by person and detector and days."""
    row = sorted(pool, key=lambda p: (p[1]["actor"], p[1]["detector"], ms(p[1]["from"])))
    groups, until = [], 0
    for setting, f in row:
        key = f["actor"], f["detector"]
        if not groups or groups[-1][0] != key or ms(f["from"]) > until:
            groups.append((key, []))
            until = 0
        until = max(until, ms(f["until"]))
        groups[-1][1].append((setting, f))
    return [group for _, group in groups]


def costs(company, by_setting, price):
    """True cost of each setting: {name: findings} -> {name: USD}."""
    cost = dict.fromkeys(by_setting, 0.0)
    pool = [(name, f) for name, findings in by_setting.items() for f in findings]
    for group in matters(pool):
        seen = {name for name, _ in group}
        waste = max((f["excess_cost_usd"] or 0.0) for _, f in group if company.right(f)) \
            if any(company.right(f) for _, f in group) else 0.0
        for name, f in group:
            if not company.right(f):
                cost[name] += price["alarm" if f["track"] == "incident" else "accusation"]
        for name in cost:
            if name not in seen:
                cost[name] += price["waste"] * waste
    return cost


def flags_of(price):
    return [part for name, value in price.items() for part in (f"--cost-{name}", str(value))]


def rounds(company, start, price, seed, count=5, error=0.1, answered=None, flags=()):
    """Settings after each round, the start first. Verdicts are kept from round to round."""
    answered = answered or {"incident": 0.7, "review": 0.95, "case": 0.95}
    dice = random.Random(seed)
    history = [dict(s.split("=") for s in start)]
    company.forget()
    for _ in range(count):
        now = [f"{k}={v}" for k, v in history[-1].items()]
        company.review(company.found(now), dice, error, answered)
        said = company.propose(now, *flags_of(price), "--reviewer-error", str(error), *flags)
        changes = dict(p["set"].split("=") for p in said if p["type"] == "proposal")
        history.append({**history[-1], **changes})
        if not changes:
            break
    return history
