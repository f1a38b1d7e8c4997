#!/usr/bin/python3
"""The figures of make bench-detect, on a handful of people that are counted by hand."""
import math
import os
import sys

try:
    import numpy
except ImportError:
    print("1..1\nok 1 - figures of bench-detect # SKIP numpy is not there")
    sys.exit(0)

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../bench"))
import detect_rules
import detect_stats

NAN = math.nan


def company(found, gamer, early=None, scores=None):
    """Six people at most; found: day of the first finding in review."""
    n = len(found)
    columns = {"behaviour": numpy.array(["agent_loop" if g else "" for g in gamer]),
               "form": numpy.array(["naive"] * n), "strength": numpy.array([5.0] * n),
               "from": numpy.array([10.0] * n), "began": numpy.array([10.0] * n),
               "gamed": numpy.array([100.0] * n),
               "review_day": numpy.array(found), "review_findings": numpy.array([1.0] * n),
               "review_early": numpy.array(early or [0] * n),
               "review_gamed": numpy.array([25.0] * n)}
    rules = None if scores is None else numpy.array([scores])
    return detect_stats.Company("w", 1, {"days": 56}, columns, rules)


def intervals_are_those_of_the_tables():
    low, high = detect_stats.poisson(10, 1)
    assert abs(low - 4.7954) < 1e-3 and abs(high - 18.3904) < 1e-3
    low, high = detect_stats.poisson(0, 2)
    assert low == 0 and abs(high - 3.6889 / 2) < 1e-3


def who_is_found_before_gaming_is_a_false_discovery():
    c = company([20.0, 21.0, NAN, NAN], [True, False, True, False], [0, 0, 1, 0])
    flagged, wrong, share = detect_stats.false_discovery([c], "review")[0]
    assert (flagged, wrong) == (3, 2) and abs(share - 2 / 3) < 1e-12
    assert detect_stats.fdp(0, 0) == 0


def findings_of_honest_weeks_are_counted():
    c = company([NAN] * 4, [True, False, False, False])
    assert abs(detect_stats.per_thousand_weeks([c], "review") - 1000 * 3 / (3 * 8)) < 1e-9


def those_never_found_are_late_and_burn_all():
    gamers = detect_stats.Gamers([company([12.0, NAN, 30.0], [True, True, False])])
    chosen = gamers.pick(behaviour="agent_loop", least=5, hidden=False)
    assert detect_stats.Gamers([company([1.0], [True])], from_day=11).count == 0
    assert gamers.count == 2 and gamers.recall("review", chosen) == 0.5
    assert gamers.delays("review", chosen).tolist() == [2.0, math.inf]
    gamers.columns["review_gamed"][1] = NAN
    assert gamers.burnt("review", chosen) == 125 / 200
    assert math.isinf(detect_stats.quantile(numpy.array([math.inf, 2.0]), 0.5))


def hindsight_takes_the_best_threshold_at_the_rate():
    gamer = [True, True, False, True, False]
    c = company([NAN] * 5, gamer, scores=[9.0, 8.0, 7.0, 6.0, 5.0])
    curve = detect_stats.Curve([c, c], 0, [numpy.array(gamer)] * 2)
    assert abs(curve.hindsight(0.0) - 2 / 3) < 1e-12
    assert curve.hindsight(0.25) == 1.0
    assert curve.beforehand(0.25) == (0.25, 1.0)


def days_of(tokens, **more):
    names = ["tokens", "context", "output", "calls", "sessions", "near_dup", "agent_calls",
             "night", "hours", "errors", "outputs", "reverted"]
    table = numpy.zeros((len(tokens), len(tokens[0]), len(names)))
    table[:, :, 0] = tokens
    table[:, :, 3] = table[:, :, 0] > 0
    for name, value in more.items():
        table[:, :, names.index(name)] = value
    return detect_rules.Days(table, {"features": names, "burn_in_days": 8},
                             numpy.array(["engineer"] * len(tokens)))


def z_scores_look_back_alone():
    days = days_of([[1, 2, 3, 0, 4, 5, 6, 7, 10, 0]])
    z = detect_rules.own_z(days, days.of["tokens"])[0]
    past = numpy.array([1, 2, 3, 4, 5, 6, 7.0])
    assert numpy.isnan(z[:8]).all() and numpy.isnan(z[9])
    assert abs(z[8] - (10 - past.mean()) / past.std(ddof=1)) < 1e-9


def a_control_chart_moves_a_fifth_of_the_way():
    flat = [10, 20] * 4
    chart = detect_rules.ewma(days_of([flat + [1000, 0, 1000]]))[0]
    x = numpy.log1p(numpy.array(flat, dtype=float))
    limit = x.std(ddof=1) * math.sqrt(0.2 / 1.8)
    step = 0.2 * (math.log1p(1000) - x.mean())
    assert abs(chart[8] - step / limit) < 1e-9 and numpy.isnan(chart[9])
    assert abs(chart[10] - (step + 0.8 * step) / limit) < 1e-9


def peers_are_measured_by_their_median():
    tokens = [[1] * 8 + [value] for value in (1, 2, 3, 4, 1000)]
    mad = detect_rules.peer_mad(days_of(tokens))[:, 8]
    x = numpy.log1p([1, 2, 3, 4, 1000])
    spread = 1.4826 * numpy.median(numpy.abs(x - x[2]))
    assert abs(mad[4] - (x[4] - x[2]) / spread) < 1e-9 and mad[2] == 0


def every_rule_has_a_score_and_a_usual_threshold():
    days = days_of([[5 + i + (d % 3) for d in range(20)] for i in range(6)])
    scores = detect_rules.scores(days, 1)
    assert scores.shape == (len(detect_rules.RULES), 6)
    for index, row in enumerate(scores):
        assert math.isfinite(detect_rules.usual(days, index, row))


TESTS = [intervals_are_those_of_the_tables, who_is_found_before_gaming_is_a_false_discovery,
         findings_of_honest_weeks_are_counted, those_never_found_are_late_and_burn_all,
         hindsight_takes_the_best_threshold_at_the_rate, z_scores_look_back_alone,
         a_control_chart_moves_a_fifth_of_the_way, peers_are_measured_by_their_median,
         every_rule_has_a_score_and_a_usual_threshold]


def main():
    failed = 0
    print(f"1..{len(TESTS)}")
    for number, test in enumerate(TESTS, 1):
        try:
            test()
            print(f"ok {number} - {test.__name__}")
        except AssertionError as error:
            failed += 1
            print(f"not ok {number} - {test.__name__} {error}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
