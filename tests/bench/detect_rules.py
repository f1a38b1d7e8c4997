"""What users have today, on the same streams: each rule gives every person one score, and
flags those above a threshold.

A rule sees the daily table of tests/eval/days.h. It is judged after goodhart's burn-in alone,
which spares it false alarms; what came before is history. `usual` is the threshold that people
set."""
import numpy

HISTORY_MIN = 7  # active days before a day may be judged


class Days:
    """The table of one company: [person, day], by feature."""

    def __init__(self, table, head, roles):
        self.of = {name: table[:, :, i].astype(numpy.float64)
                   for i, name in enumerate(head["features"])}
        self.start = head["burn_in_days"]
        self.roles = roles
        self.active = self.of["calls"] > 0

    def window(self, values):
        return values[:, self.start:]


def worst(days, values):
    return numpy.nanmax(days.window(values), axis=1, initial=-1e9,
                        where=~numpy.isnan(days.window(values)))


def mean(days, values):
    seen = ~numpy.isnan(days.window(values))
    total = numpy.where(seen, days.window(values), 0).sum(axis=1)
    return numpy.where(seen.any(axis=1), total / numpy.maximum(seen.sum(axis=1), 1), -1e9)


def own_z(days, values):
    """Each active day against the active days before it."""
    x = numpy.where(days.active, values, 0)
    n = numpy.cumsum(days.active, axis=1) - days.active
    first = numpy.cumsum(x, axis=1) - x
    second = numpy.cumsum(x * x, axis=1) - x * x
    with numpy.errstate(divide="ignore", invalid="ignore"):
        mu = first / n
        sd = numpy.sqrt(numpy.maximum(second / n - mu * mu, 0) * n / (n - 1))
        z = (values - mu) / sd
    return numpy.where(days.active & (n >= HISTORY_MIN) & (sd > 0), z, numpy.nan)


def ewma(days, share=0.2):
    """Control chart on log tokens of active days; limits from the burn-in."""
    x = numpy.log1p(days.of["tokens"])
    past = days.active[:, :days.start]
    n = past.sum(axis=1)
    with numpy.errstate(divide="ignore", invalid="ignore"):
        mu = numpy.where(past, x[:, :days.start], 0).sum(axis=1) / n
        off = numpy.where(past, x[:, :days.start] - mu[:, None], 0)
        sd = numpy.sqrt((off * off).sum(axis=1) / (n - 1) * share / (2 - share))
    level, chart = mu.copy(), numpy.full(x.shape, numpy.nan)
    for day in range(days.start, x.shape[1]):
        on = days.active[:, day]
        level = numpy.where(on, (1 - share) * level + share * x[:, day], level)
        chart[:, day] = numpy.where(on & (n >= HISTORY_MIN) & (sd > 0),
                                    (level - mu) / numpy.where(sd > 0, sd, 1), numpy.nan)
    return chart


def peer_mad(days):
    """Log tokens of a day against the median of the role, in robust standard deviations."""
    x = numpy.where(days.active, numpy.log1p(days.of["tokens"]), numpy.nan)
    out = numpy.full(x.shape, numpy.nan)
    for role in numpy.unique(days.roles):
        of = days.roles == role
        if of.sum() < 5:
            continue
        for day in range(days.start, x.shape[1]):
            seen = x[of, day][~numpy.isnan(x[of, day])]
            if len(seen) < 5:
                continue
            middle = numpy.median(seen)
            spread = 1.4826 * numpy.median(numpy.abs(seen - middle))
            out[of, day] = (x[of, day] - middle) / spread if spread > 0 else numpy.nan
    return out


def forest_version():
    """Of scikit-learn; None: it is not there."""
    try:
        import sklearn
    except ImportError:
        return None
    return sklearn.__version__


def forest(days, seed):
    """Isolation forest over active days; the logs of every feature. None: no scikit-learn."""
    if forest_version() is None:
        return None
    from sklearn.ensemble import IsolationForest
    names = sorted(days.of)
    active = days.active.copy()
    active[:, :days.start] = False
    rows = numpy.stack([numpy.log1p(days.of[name][active]) for name in names], axis=1)
    model = IsolationForest(n_estimators=100, max_samples=256, random_state=seed)
    out = numpy.full(active.shape, numpy.nan)
    out[active] = -model.fit(rows).score_samples(rows)
    return out


def budget(days):
    return days.window(days.of["tokens"]).sum(axis=1)


def per_output(days):
    return budget(days) / (1 + days.window(days.of["outputs"]).sum(axis=1))


def ranks(values):
    order = numpy.argsort(numpy.argsort(values))
    return (order + 1) / len(values)


# name, usual threshold (None: the 97th percentile of last month; a share: that many flagged)
RULES = [
    ("monthly budget", None),
    ("z-score of daily tokens, worst day", 3),
    ("z-score of daily tokens, mean", 1),
    ("EWMA of log tokens, worst day", 3),
    ("EWMA of log tokens, mean", 1),
    ("MAD against peers, worst day", 3.5),
    ("MAD against peers, mean", 2),
    ("isolation forest, worst day", "0.001"),
    ("isolation forest, mean", "0.001"),
    ("near-identical prompts a day", 50),
    ("calls between agents a day", 200),
    ("tokens by night", 5e6),
    ("hours of a day with calls", 18),
    ("reverted outputs a day", 3),
    ("tokens per output", 3e7),
    ("any of these six", "0.03"),
]


def scores(days, seed):
    """One row for each of RULES; a row of NaN: cannot be run here."""
    z, chart, mad = own_z(days, days.of["tokens"]), ewma(days), peer_mad(days)
    trees = forest(days, seed)
    nothing = numpy.full(len(days.roles), numpy.nan)
    plain = [days.window(days.of[name]).max(axis=1)
             for name in ("near_dup", "agent_calls", "night", "hours", "reverted")]
    plain.append(per_output(days))
    return numpy.stack([
        budget(days), worst(days, z), mean(days, z), worst(days, chart), mean(days, chart),
        worst(days, mad), mean(days, mad),
        nothing if trees is None else worst(days, trees),
        nothing if trees is None else mean(days, trees),
        *plain, numpy.max([ranks(row) for row in plain], axis=0)])


def usual(days, index, row):
    """The threshold that a rule has where nobody knows the truth."""
    value = RULES[index][1]
    if value is None:
        past = days.of["tokens"][:, :days.start].sum(axis=1)
        scale = (days.of["tokens"].shape[1] - days.start) / max(days.start, 1)
        return float(numpy.quantile(past, 0.97)) * scale
    if isinstance(value, str):
        return float(numpy.quantile(row, 1 - float(value))) if not numpy.isnan(row[0]) else 0.0
    return float(value)
