#!/usr/bin/python3
"""peer_live - what one would write first, live: takes events over ZeroMQ with Python's json.

    peer_live WHAT EVENTS

WHAT is count (adds up the tokens of every actor, nothing more), or the same and a detector of
River on the tokens of each call: adwin and gaussian (one for every actor), trees (one for all).
Prints where it listens, and a line when it has taken EVENTS. See live.h."""
import json
import sys

import zmq

KEYS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")


def adwin():
    from river import drift
    of, found = {}, 0

    def judge(actor, tokens, _):
        nonlocal found
        detector = of.get(actor)
        if detector is None:
            detector = of[actor] = drift.ADWIN()
        detector.update(tokens)
        found += detector.drift_detected
    return judge


def gaussian():
    from river import anomaly
    of, found = {}, 0

    def judge(actor, tokens, _):
        nonlocal found
        detector = of.get(actor)
        if detector is None:
            detector = of[actor] = anomaly.GaussianScorer()
        found += detector.score_one(None, tokens) > 0.999
        detector.learn_one(None, tokens)
    return judge


def trees():
    from river import anomaly
    of_all, found = anomaly.HalfSpaceTrees(seed=1), 0

    def judge(_, tokens, event):
        nonlocal found
        x = {key: min(event.get(key, 0) / 1e5, 1) for key in KEYS}
        found += of_all.score_one(x) > 0.95
        of_all.learn_one(x)
    return judge


JUDGES = {"count": lambda: None, "adwin": adwin, "gaussian": gaussian, "trees": trees}


def main():
    judge, wanted = JUDGES[sys.argv[1]](), int(sys.argv[2])
    socket = zmq.Context().socket(zmq.PULL)
    socket.bind("tcp://127.0.0.1:*")
    print(socket.getsockopt_string(zmq.LAST_ENDPOINT), flush=True)
    tokens_of, events = {}, 0
    while events < wanted:
        for line in socket.recv().splitlines():
            event = json.loads(line)
            actor = event.get("actor")
            tokens = sum(event.get(key, 0) for key in KEYS)
            tokens_of[actor] = tokens_of.get(actor, 0) + tokens
            if judge:
                judge(actor, tokens, event)
            events += 1
    print("all", flush=True)


if __name__ == "__main__":
    main()
