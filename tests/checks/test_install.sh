#!/usr/bin/env bash
# What: what `make install` leaves behind is enough for another program, and no more.
# How:  installed into an empty folder; a program is built against it with pkg-config alone.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
cd "$here/../.." || exit 1
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT

cat >"$root/user.c" <<'PROGRAM'
#include "goodhart/engine.h"
int main(void)
{
    gh_engine_free(NULL);
    return gh_kind_name(GH_USAGE)[0] == 'u' ? 0 : 1;
}
PROGRAM
flags() {
    PKG_CONFIG_PATH=$root/opt/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$root \
        pkg-config "$@" goodhart
}
shared() {
    # shellcheck disable=SC2046
    gcc -std=c11 "$root/user.c" $(flags --cflags --libs) -o "$root/shared" &&
        LD_LIBRARY_PATH=$root/opt/lib "$root/shared"
}
static() {
    local libs
    libs=$(pkg-config --static --libs gsl) || return 1
    # shellcheck disable=SC2046,SC2086
    gcc -std=c11 "$root/user.c" $(flags --cflags) "$root/opt/lib/libgoodhart.a" $libs -lm \
        -o "$root/static" && "$root/static"
}
exported() {
    nm -D --defined-only "$root/opt/lib/libgoodhart.so" | awk '{print $3}'
}
declared_only() {
    local name none=1
    for name in $(exported); do
        none=0
        grep -qE "\b$name\(" include/goodhart/*.h || { echo "$name"; return 1; }
    done
    return $none
}

tap_plan 6
tap "make install fills a folder" make install PREFIX=/opt DESTDIR="$root"
tap "the installed program runs" "$root/opt/bin/goodhart" --version
tap "every public header is installed" \
    diff -r include/goodhart "$root/opt/include/goodhart" -x README.md
tap "a program builds and runs with the shared library" shared
tap "a program builds and runs with the static library" static
tap "the shared library shows what the public headers declare, nothing else" declared_only
tap_end
