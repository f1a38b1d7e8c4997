"""Figures of many companies: rates with intervals, recall, delays, and what a rule finds at a
given false discovery rate."""
import math

import numpy

TRACKS = ("any", "incident", "review", "case")


class Company:
    """One run: people as columns, and what today's rules say of them."""

    def __init__(self, world, seed, head, columns, rules=None, usual=None):
        self.world, self.seed, self.head = world, seed, head
        self.columns, self.rules, self.usual = columns, rules, usual
        # Who meant to and never came to it, such as before the end of a quota, is honest.
        self.gamer = (columns["behaviour"] != "") & (columns["gamed"] > 0)
        self.days = head["days"]

    def number(self, name):
        return self.columns[name]

    def found(self, track, named=False):
        return ~numpy.isnan(self.columns[f"{track}_named_day" if named else f"{track}_day"])

    def wrong(self, track):
        """Honest people found, and gamers found before they were."""
        return (~self.gamer & self.found(track)) | (self.columns[f"{track}_early"] > 0)


def fdp(flagged, wrong):
    return float(wrong) / flagged if flagged else 0.0


def false_discovery(companies, track):
    """Per company: flagged, wrong, share."""
    rows = []
    for c in companies:
        wrong = int(c.wrong(track).sum())
        flagged = int((c.found(track) | c.wrong(track)).sum())
        rows.append((flagged, wrong, fdp(flagged, wrong)))
    return numpy.array(rows)


def bootstrap(values, draws=4000, seed=1):
    """95 % interval of the mean, over companies."""
    values = numpy.asarray(values, dtype=float)
    if len(values) < 2:
        return (math.nan, math.nan)
    drawn = numpy.random.default_rng(seed).choice(values, (draws, len(values))).mean(axis=1)
    return tuple(numpy.quantile(drawn, (0.025, 0.975)))


def poisson(count, exposure):
    """95 % interval of a rate (Garwood), without scipy: by bisection on the Poisson sum."""
    def below(mean, k):
        return sum(math.exp(i * math.log(mean) - mean - math.lgamma(i + 1))
                   for i in range(k + 1)) if mean > 0 else 1.0

    def solve(k, tail):
        low, high = 0.0, 10.0 + 3 * k
        for _ in range(80):
            middle = (low + high) / 2
            low, high = (middle, high) if below(middle, k) > tail else (low, middle)
        return (low + high) / 2
    lower = solve(count - 1, 0.975) if count else 0.0
    return lower / exposure, solve(count, 0.025) / exposure


def per_thousand_weeks(companies, track):
    """Findings about honest people, per 1,000 weeks of theirs."""
    found = sum(c.number(f"{track}_findings")[~c.gamer].sum() for c in companies)
    weeks = sum((~c.gamer).sum() * c.days / 7 for c in companies)
    return 1000 * found / weeks if weeks else math.nan


class Gamers:
    """Gamers of many companies, one after the other, but those who began before a day."""

    def __init__(self, companies, from_day=0):
        names = companies[0].columns.keys() if companies else []
        chosen = [c.gamer & (c.columns["from"] >= from_day) for c in companies]
        self.columns = {n: numpy.concatenate([c.columns[n][w]
                                              for c, w in zip(companies, chosen)])
                        for n in names}
        self.count = len(self.columns["behaviour"]) if names else 0

    def pick(self, **wanted):
        chosen = numpy.ones(self.count, dtype=bool)
        for name, value in wanted.items():
            if name == "least":
                chosen &= self.columns["strength"] >= value
            elif name == "hidden":
                chosen &= (self.columns["form"] != "naive") == value
            else:
                chosen &= self.columns[name] == value
        return chosen

    def recall(self, track, chosen, named=False):
        if not chosen.any():
            return math.nan
        day = self.columns[f"{track}_named_day" if named else f"{track}_day"][chosen]
        return float((~numpy.isnan(day)).mean())

    def delays(self, track, chosen):
        """Days from the first gamed call; infinity: never."""
        late = self.columns[f"{track}_day"][chosen] - self.columns["began"][chosen]
        return numpy.where(numpy.isnan(late), numpy.inf, late)

    def burnt(self, track, chosen):
        """Share of all gamed tokens that were gone before the first one; never: all."""
        total = self.columns["gamed"][chosen]
        gone = self.columns[f"{track}_gamed"][chosen]
        gone = numpy.where(numpy.isnan(gone), total, gone)
        return float(gone.sum() / total.sum()) if total.sum() > 0 else math.nan


def quantile(values, q):
    """With infinities: those never found are later than all others."""
    values = numpy.sort(values)
    if len(values) == 0:
        return math.nan
    return float(values[min(int(q * len(values)), len(values) - 1)])


class Curve:
    """What a rule finds at every threshold: false discovery rate and recall of those wanted."""

    def __init__(self, companies, index, wanted):
        self.rows = [(c.rules[index], c.gamer, w) for c, w in zip(companies, wanted)]
        every = numpy.concatenate([row for row, _, _ in self.rows])
        top = numpy.sort(every)[::-1]
        steps = numpy.unique(numpy.geomspace(1, len(top), 400).astype(int)) - 1
        self.thresholds = numpy.unique(top[steps])[::-1]
        points = [self.at(t) for t in self.thresholds]
        self.fdr = numpy.array([p[0] for p in points])
        self.recall = numpy.array([p[1] for p in points])

    def at(self, threshold, rows=None):
        shares, hit, all_ = [], 0, 0
        for row, gamer, wanted in rows if rows is not None else self.rows:
            flagged = row >= threshold
            shares.append(fdp(int(flagged.sum()), int((flagged & ~gamer).sum())))
            hit += int((flagged & wanted).sum())
            all_ += int(wanted.sum())
        return float(numpy.mean(shares)), hit / max(all_, 1)

    def hindsight(self, limit):
        """The most that any threshold finds at this rate or below."""
        good = self.fdr <= limit
        return float(self.recall[good].max()) if good.any() else 0.0

    def beforehand(self, limit):
        """Thresholds of one half of the companies, used on the other: recall and rate."""
        found = []
        for half in (0, 1):
            learn, test = self.rows[half::2], self.rows[1 - half::2]
            if not learn or not test:
                return math.nan, math.nan
            points = [(self.at(t, learn), t) for t in self.thresholds]
            good = [(p[1], t) for p, t in points if p[0] <= limit]
            found.append(self.at(max(good)[1] if good else math.inf, test))
        return (float(numpy.mean([p[0] for p in found])),
                float(numpy.mean([p[1] for p in found])))
