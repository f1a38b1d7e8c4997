#!/usr/bin/env bash
# What: the tables of mutants fit the sources, and the script that runs them tells a mutant
#       that is killed from one that survives, hangs, does not compile or has no place.
# How:  a tree of one source, one test program and a Makefile of three lines.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
top=$(cd "$here/../.." && pwd)
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

mkdir -p "$tree/src" "$tree/tests/unit" "$tree/tests/mutants" "$tree/tests/checks"
cp "$top/tests/mutants/run" "$tree/tests/mutants"
cp "$top/tests/checks/sum-tap" "$tree/tests/checks"
cat >"$tree/src/twice.c" <<'END'
int twice(int x);
int twice(int x)
{
    const int sum = x
        + x; /* x + x + x would be thrice */
    return sum > 100 ? 100 : sum;
}
END
cat >"$tree/tests/unit/test_twice.c" <<'END'
#include <stdio.h>
int twice(int x);
int main(void)
{
    const int good = twice(3) == 6;
    printf("1..1\n%s 1 - twice three is six\n", good ? "ok" : "not ok");
    return !good;
}
END
printf 'build/debug/tests/unit/test_twice: src/twice.c\n\t%s\n\t%s\n' '@mkdir -p $(@D)' \
    '@cc -o $@ $< tests/unit/test_twice.c' >"$tree/Makefile"

# verdict WORDS ROW: with this row alone, what the script says holds WORDS
verdict() {
    printf '@ src/twice.c unit/test_twice\n%s\n' "$2" >"$tree/tests/mutants/one.table"
    out=$("$tree/tests/mutants/run" -t 2 2>&1)
    status=$?
    printf '%s\n' "$out"
    grep -qF -- "$1" <<<"$out"
}
killed() { verdict 'ok 2 - ' "$1" && [ "$status" -eq 0 ] && ! grep -q 'not ok' <<<"$out"; }
fails() { verdict "$1" "$2" && [ "$status" -eq 1 ] && grep -q 'not ok' <<<"$out"; }
stale() { fails "$1" "$2" && ! "$tree/tests/mutants/run" --check; }

tap_plan 12
tap "the tables fit the sources: each original text stands there once" \
    "$top/tests/mutants/run" --check
tap "a mutant that a test sees is killed, wherever the line is broken" \
    killed 'sum = x + x; ==> sum = x * x;'
tap "a mutant that ends the program is killed" killed 'return sum > ==> __builtin_trap(); sum >'
tap "a mutant that hangs is killed" killed 'return sum ==> while (sum) ; return sum'
tap "a mutant that no test sees has survived" fails 'survived unit/test_twice' '> 100 ==> > 99'
tap "a mutant that does not compile is no mutant" fails 'does not compile' 'sum > ==> s >'
tap "a text that is not there is found out" stale 'stands 0 times' 'x - x ==> x'
tap "a text that is there twice is found out" stale 'stands 2 times' 'x + x ==> x'
tap "part of a word is no text" stale 'stands 0 times' 'um > 100 ==> um'
tap "a replacement that is the same is found out" stale 'changes nothing' 'x + x; ==> x + x;'
tap "a row without an arrow is found out" stale 'no row' 'return sum'
sed -i 's/twice(3) == 6/twice(3) == 7/' "$tree/tests/unit/test_twice.c"
tap "a test that fails anyway kills nothing" fails 'fails without it' 'return sum ==> return 9'
tap_end
