#!/usr/bin/python3
"""What the engine finds in simulated companies, and whom it leaves alone.

Runs tests/eval (2,000 people, eight weeks, honest bursts) and holds the figures against
bounds that leave room for chance in a few companies. The full figures over 20 seeds stand
in tests/eval/README.md with their commands.
"""
import json
import os
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
EVALUATE = os.path.join(TOP, "build/release/tests/eval/evaluate")
# behaviour, seeds; then (row, track, least recall)
RUNS = [
    ("agent_loop", 2, [("agent_loop x1.5", "review", 0.85), ("agent_loop x3", "review", 0.85),
                       ("agent_loop x10", "review", 0.85), ("agent_loop x3", "case", 0.75),
                       ("agent_loop x10", "case", 0.80), ("agent_loop x3", "incident", 0.9)]),
    ("context_bloat", 2, [("context_bloat x3", "review", 0.32),
                          ("context_bloat x10", "review", 0.80),
                          ("context_bloat x10", "case", 0.60)]),
    ("repetition", 1, [("repetition x3", "review", 0.85), ("repetition x3", "incident", 0.9)]),
    ("always_on", 1, [("always_on x3", "review", 0.80), ("always_on x3", "incident", 0.9)]),
    ("output_churn", 1, [("output_churn x3", "review", 0.75)]),
    ("verbosity", 1, [("verbosity x10", "review", 0.55), ("verbosity x3", "incident", 0.85)]),
]
# What sources leave out; before it was asked for, 28 to 53 honest people reached a review.
UNTOLD = ["agent,caller", "origin", "session",
          "prompt_hash,response_hash,session,agent,caller,origin,user_tokens,tool_calls,status,"
          "kind:output,kind:profile"]
number = 0
failed = 0


def check(holds, text):
    global number, failed
    number += 1
    failed += not holds
    print(f"{'ok' if holds else 'not ok'} {number} - {text}", flush=True)


def run(*arguments):
    done = subprocess.run([EVALUATE, *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, check=True, timeout=600)
    return json.loads(done.stdout)


def company_of_gamers(behaviour, seeds, rows):
    told = run("--behaviour", behaviour, "--seeds", str(seeds), "--seed", "501")
    for row, track, least in rows:
        recall = told["by_behaviour"][row][track]["recall"]
        check(recall >= least, f"{row}: {track} finds {recall:.2f}, at least {least}")
    for track, most in (("review", 0.10), ("case", 0.05)):
        fdr = told[track]["fdr"]
        check(fdr <= most, f"{behaviour}: false discovery rate of {track} {fdr:.3f} <= {most}")


def honest_company():
    told = run("--gamers", "0", "--bursts", "0", "--seeds", "2", "--seed", "601")
    for name, mean in told["honest_mean_capped_e"].items():
        check(mean <= 1.0, f"plain honest world: mean capped e-value of {name} is {mean:.2f}")
    for track in ("review", "case"):
        check(told[track]["flagged"] == 0, f"plain honest world: nobody reaches {track}")


def sources_that_tell_less():
    for untold in UNTOLD:
        told = run("--without", untold, "--seeds", "1", "--seed", "701")
        for track, most in (("review", 2), ("case", 1)):
            false = told[track]["false"]
            check(false <= most, f"without {untold}: {false:.0f} honest people reach {track}, "
                                 f"at most {most}")


def main():
    subprocess.run(["make", "--no-print-directory", "MODE=release", "BUILD=build/release",
                    "build/release/tests/eval/evaluate"], cwd=TOP, check=True,
                   stdout=subprocess.DEVNULL)
    for behaviour, seeds, rows in RUNS:
        company_of_gamers(behaviour, seeds, rows)
    honest_company()
    sources_that_tell_less()
    print(f"1..{number}")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
