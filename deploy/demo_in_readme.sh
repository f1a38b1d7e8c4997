#!/usr/bin/env bash
# demo_in_readme.sh - puts what the demo tells in the end, and one of its alerts, into the
# README, for `make docs`.
set -euo pipefail
cd "$(dirname "$0")/.."
TMPDIR=$(mktemp -d)
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
shown=$(KEEP=1 RATE=0 deploy/demo.sh | sed -n '/^Who is/,/^  machine/p' | sed 's/^./    &/')
made=$(awk -v shown="$shown" '/^    Who is/ {print shown "\n"; skip = 1}
    /^Gaming is/ {skip = 0} !skip' README.md)
printf '%s\n' "$made" > README.md
python3 deploy/demo_in_readme.py "$TMPDIR"/goodhart-demo.*/alerts.ndjson README.md
