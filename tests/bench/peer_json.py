#!/usr/bin/python3
"""peer_json - what one would write first: reads events with Python's json and adds up the
tokens of every actor. No windows, no statistics, no findings.

    peer_json FILE"""
import json
import sys
import time

KEYS = ("input_tokens", "cache_read_tokens", "cache_write_tokens", "output_tokens")


def main():
    tokens, events, start = {}, 0, time.perf_counter()
    with open(sys.argv[1], encoding="utf-8") as lines:
        for line in lines:
            event = json.loads(line)
            actor = event.get("actor")
            tokens[actor] = tokens.get(actor, 0) + sum(event.get(key, 0) for key in KEYS)
            events += 1
    ns = (time.perf_counter() - start) * 1e9 / max(events, 1)
    print(json.dumps({"name": "peer Python json, sum per actor", "ns_per_event": round(ns)}))


if __name__ == "__main__":
    main()
