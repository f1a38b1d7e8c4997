#!/usr/bin/env bash
# demo_in_readme.sh - puts what the demo tells in the end into the README, for `make docs`.
set -euo pipefail
cd "$(dirname "$0")/.."
shown=$(RATE=0 deploy/demo.sh | sed -n '/^Who is/,$p' | sed 's/^./    &/')
made=$(awk -v shown="$shown" '/^    Who is/ {print shown "\n"; skip = 1}
    /^Gaming is/ {skip = 0} !skip' README.md)
printf '%s\n' "$made" > README.md
