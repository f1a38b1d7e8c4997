#!/usr/bin/env bash
# What: the Debian package is one: what is in it runs, installing it starts nothing, and purging
#       it leaves nothing but the service's state.
# How:  `make deb`, lintian, and dpkg with a root of its own. Part of `make torture`, for it
#       builds everything anew.
set -u
cd "$(dirname "$0")/../.." || exit 1
. tests/checks/tap.sh
root=$(mktemp -d)
pid=
trap '[ -z "$pid" ] || kill "$pid" 2>/dev/null; rm -rf "$root"' EXIT

package() {
    dpkg --root="$root" --force-script-chrootless --force-depends --log=/dev/null "$@"
}
installed() {
    mkdir -p "$root/var/lib/dpkg/info" "$root/var/lib/dpkg/updates"
    touch "$root/var/lib/dpkg/status"
    package --install build/deb/goodhart_*.deb
}
sound() {
    lintian --fail-on error,warning --suppress-tags bad-distribution-in-changes-file \
        build/deb/goodhart_*.changes
}
service_runs() {
    mkdir "$root/state"
    "$root/usr/bin/goodhart" run --config "$root/etc/goodhart/goodhart.yaml" \
        --set store.folder="$root/state" --set "intake.pull=ipc://$root/in" \
        --set "alerts.publish=ipc://$root/out" --set "alerts.replay=ipc://$root/replay" \
        --set "durable.bind=ipc://$root/durable" --set control.bind= \
        --set otlp.bind= --set web.bind= \
        >/dev/null 2>"$root/said" &
    pid=$!
    for _ in $(seq 200); do
        ! grep -q "alerts on" "$root/said" || break
        sleep 0.1
    done
    kill "$pid" && wait "$pid"
}
manual_reads() {
    local page said
    for page in "$root"/usr/share/man/man*/*.gz; do
        said=$(LC_ALL=C.UTF-8 MANROFFSEQ='' man --warnings -E UTF-8 -l -Tutf8 -Z "$page" \
            2>&1 >/dev/null) && [ -z "$said" ] || { echo "$said"; return 1; }
    done
}
unit_fits() {
    local unit
    unit=$(find "$root" -name goodhart.service -path '*/lib/systemd/system/*')
    grep -q '^ExecStart=/usr/bin/goodhart run' "$unit" && ! grep -q /usr/local "$unit"
}
starts_nothing() {
    ! grep -E 'invoke +(start|restart)|systemctl.* (start|enable)' \
        "$root"/var/lib/dpkg/info/goodhart.postinst &&
        [ -z "$(find "$root/etc/systemd" -type l 2>/dev/null)" ]
}
purged() {
    package --purge goodhart && [ -z "$(find "$root/usr" "$root/etc" "$root/lib" \
        -name '*goodhart*' 2>/dev/null)" ] && [ -d "$root/state" ]
}

tap_plan 8
tap "make deb builds the packages" make deb
tap "lintian finds no fault in them" sound
tap "the package is installed" installed
tap "the service runs with the package's configuration" service_runs
tap "the manual can be read" manual_reads
tap "the unit starts the program of the package" unit_fits
tap "installing it starts and enables nothing" starts_nothing
tap "purging it leaves the state and nothing else" purged
tap_end
