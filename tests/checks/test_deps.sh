#!/usr/bin/env bash
# What: .ci/deps installs what is missing, nothing else, and says so.
# How:  run with a PATH that holds nothing but stand-ins: dpkg-query knows the packages in the
#       file `have`, apt-get writes down how it was called, id and sudo say who we are.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
bin=$work/bin
mkdir "$bin"
for tool in bash sh env grep cat true; do ln -s "$(type -P $tool)" "$bin/$tool"; done

# stand_in NAME < BODY
stand_in() {
    { echo '#!/bin/sh'; cat; } >"$bin/$1"
    chmod +x "$bin/$1"
}
stand_in dpkg-query <<<"grep -qx \"\$4\" '$work/have' && printf installed"
stand_in apt-get <<<"echo \"\$*\" >>'$work/calls'
test ! -e '$work/stale' || test \"\$1\" = update"
stand_in id <<<"cat '$work/uid'"
# The list itself: PACKAGE, or PACKAGE=COMMAND.
product=$(sed -n '/^product="/,/"$/p' "$here/../../.ci/deps" | sed 's/^product=//; s/"//g')
all=()
for entry in $product; do
    if [[ $entry == *=* ]]; then stand_in "${entry#*=}" <<<''; else all+=("$entry"); fi
done

# given UID PACKAGE...: these packages are there
given() {
    echo "$1" >"$work/uid"
    shift
    printf '%s\n' "$@" >"$work/have"
    rm -f "$work/calls" "$work/stale" "$bin/sudo"
}
deps() { PATH=$bin "$here/../../.ci/deps" product 2>&1; }
calls() { cat "$work/calls" 2>/dev/null; }
line="install -y --no-install-recommends"

nothing() { given 0 "${all[@]}"; [ -z "$(deps)" ] && [ -z "$(calls)" ]; }
missing() {
    given 0 "${all[@]:2}"
    deps | grep -q 'installing: libc6-dev libgsl-dev$' &&
        [ "$(calls)" = "$line libc6-dev libgsl-dev" ]
}
command_missing() {
    given 0 "${all[@]}"
    mv "$bin/gcc" "$bin/hidden"
    deps >/dev/null
    mv "$bin/hidden" "$bin/gcc"
    [ "$(calls)" = "$line gcc" ]
}
stranger() {
    local out
    given 1000 "${all[@]:1}"
    out=$(deps) && return 1
    grep -qx "    sudo apt-get $line libc6-dev" <<<"$out" && [ -z "$(calls)" ]
}
sudoer() {
    given 1000 "${all[@]:1}"
    stand_in sudo <<<'shift; exec "$@"'
    deps >/dev/null
    [ "$(calls)" = "$line libc6-dev" ]
}
stale() {
    given 0 "${all[@]:1}"
    touch "$work/stale"
    deps >/dev/null && return 1
    [ "$(calls)" = "$line libc6-dev
update
$line libc6-dev" ]
}

tap_plan 6
tap "nothing is installed when nothing is missing" nothing
tap "what is missing is named and installed" missing
tap "a command counts wherever it comes from, and its package is installed when it is gone" \
    command_missing
tap "without root and sudo it prints the line to type and fails" stranger
tap "sudo that asks nothing is used" sudoer
tap "package lists are refreshed when the first try fails, and a second failure is one" stale
tap_end
