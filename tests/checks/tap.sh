# tap.sh - TAP for shell tests: source it, call `tap_plan N`, then `tap NAME COMMAND...` for
# each test, then `tap_end`. A test is a sentence that holds; it passes when the command does.
tap_count=0
tap_failed=0

tap_plan() {
    echo "1..$1"
}

tap() {
    local name=$1 out
    shift
    tap_count=$((tap_count + 1))
    if out=$("$@" 2>&1); then
        echo "ok $tap_count - $name"
    else
        [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/# /'
        echo "not ok $tap_count - $name"
        tap_failed=$((tap_failed + 1))
    fi
}

tap_end() {
    [ "$tap_failed" -eq 0 ]
}
