#!/usr/bin/env bash
# What: purity, tidy, docs-check and format-check see the faults that they are there for, and
#       pass on the tree as it is.
# How:  one fault at a time is planted in a copy of the tree; the check must fail and name it.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/tap.sh"
top=$(cd "$here/../.." && pwd)
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cd "$top" || exit 1
for name in * .clang-format .clang-tidy; do
    [ "$name" = build ] || cp -a "$name" "$copy"
done
# Objects come along, so that one planted file is all that has to be compiled.
mkdir -p "$copy/build/release"
[ ! -d build/release/src ] || cp -a build/release/src build/release/flags "$copy/build/release"
cd "$copy" || exit 1

# docs-check would first build the program, which the faults here do not touch.
check() {
    if [ "$1" = docs ]; then tests/checks/docs; else make -s --no-print-directory "$1"; fi 2>&1
}
# catches CHECK WORD FILE < TEXT: with the file planted, the check fails and says WORD
catches() {
    local out status
    mkdir -p "$(dirname "$3")"
    [ ! -e "$3" ] || cp -a "$3" "$copy/kept"
    cat >"$3"
    out=$(check "$1")
    status=$?
    if [ -e "$copy/kept" ]; then mv "$copy/kept" "$3"; else rm "$3"; fi
    printf '%s\n' "$out"
    [ "$status" -ne 0 ] && grep -F -- "$2" <<<"$out" | grep -qE 'planted|README'
}
# impure NAME WORD CODE: a detector with this function body or these declarations
impure() {
    tap "purity catches $1" catches purity "$2" src/detect/planted.c <<<"$3"
}
# untidy NAME WORD [FILE]: text on standard input
untidy() {
    tap "tidy catches $1" catches tidy "$2" "${3:-src/detect/planted.c}"
}
opening='/* planted.c - a fault. */'

tap_plan 61
tap "tidy passes on the tree" check tidy
tap "purity passes on the tree" check purity

impure "the clock" "impure symbol: time" '#include <time.h>
long gh_planted(void); long gh_planted(void) { return (long)time(NULL); }'
impure "allocation" "impure symbol: malloc" '#include <stdlib.h>
void *gh_planted(void); void *gh_planted(void) { return malloc(9); }'
impure "printing" "printf" '#include <stdio.h>
void gh_planted(int x); void gh_planted(int x) { printf("%d\n", x); }'
impure "formatting into a buffer" "printf" '#include <stdio.h>
int gh_planted(char *at, int x);
int gh_planted(char *at, int x) { return snprintf(at, 9, "%d", x); }'
impure "a static counter" "mutable global in .bss" 'int gh_planted(void);
int gh_planted(void) { static int calls; return ++calls; }'
impure "a static counter that starts at 1" "mutable global in .data" 'int gh_planted(void);
int gh_planted(void) { static int calls = 1; return ++calls; }'
impure "a global variable" "mutable global" 'extern int gh_planted; int gh_planted;'
impure "a variable of the thread" "mutable global in .tbss" 'int gh_planted(void);
static _Thread_local int calls; int gh_planted(void) { return ++calls; }'
impure "a table of pointers that is not const" "mutable global in .data.rel" '
extern const char *gh_planted[]; const char *gh_planted[] = {"a", "b"};'
impure "a lock" "impure symbol: pthread_mutex_lock" '#include <pthread.h>
int gh_planted(pthread_mutex_t *m);
int gh_planted(pthread_mutex_t *m) { return pthread_mutex_lock(m); }'
impure "reading a file" "impure symbol: open" '#include <fcntl.h>
int gh_planted(void); int gh_planted(void) { return open("x", 0); }'
impure "the environment" "impure symbol: getenv" '#include <stdlib.h>
char *gh_planted(void); char *gh_planted(void) { return getenv("X"); }'
impure "chance" "impure symbol: rand" '#include <stdlib.h>
int gh_planted(void); int gh_planted(void) { return rand(); }'
impure "errno" "impure symbol: __errno_location" '#include <errno.h>
int gh_planted(void); int gh_planted(void) { return errno; }'
impure "GSL outside stat" "impure symbol: gsl_cdf_ugaussian_Q" '
double gsl_cdf_ugaussian_Q(double x); double gh_planted(double x);
double gh_planted(double x) { return gsl_cdf_ugaussian_Q(x); }'
impure "a function of the shell" "impure symbol: gh_error_set" '#include "goodhart/error.h"
void gh_planted(void); void gh_planted(void) { gh_error_set(NULL, GH_OK, "x"); }'
tap "purity catches an allocating part of GSL in stat" \
    catches purity "impure symbol: gsl_rstat_alloc" src/stat/planted.c <<<'
void *gsl_rstat_alloc(void); void *gh_planted(void);
void *gh_planted(void) { return gsl_rstat_alloc(); }'
tap "purity catches a call from below" \
    catches purity "calls up into stat: gh_normal_above" src/base/planted.c <<<'
double gh_normal_above(double z); double gh_planted(double x);
double gh_planted(double x) { return gh_normal_above(x); }'

untidy "an include from above" 'detect includes "edge/alert.h" from above' <<<"$opening
#include \"edge/alert.h\""
untidy "an include from above by a way round" 'climbs out of its folder' <<<"$opening
#include \"../edge/alert.h\""
untidy "GSL in a detector" "detect may not include <gsl/gsl_cdf.h>" <<<"$opening
#include <gsl/gsl_cdf.h>"
untidy "stdio in pure code" "detect is pure and may not include <stdio.h>" <<<"$opening
#include <stdio.h>"
untidy "atomics in pure code" "detect is pure and may not include <stdatomic.h>" <<<"$opening
#include <stdatomic.h>"
untidy "ZeroMQ in the program's commands" "app may not include <zmq.h>" src/app/planted.c \
    <<<"$opening
#include <zmq.h>"
untidy "SQLite outside the store" "edge may not include <sqlite3.h>" src/edge/planted.c \
    <<<"$opening
#include <sqlite3.h>"
untidy "the store reaching up" 'store includes "edge/json.h" from above' src/store/planted.c \
    <<<"$opening
#include \"edge/json.h\""
untidy "a public header that shows the inside" 'public header includes "base/memory.h"' \
    include/goodhart/planted.h <<<'/* planted.h - a fault. */
#ifndef GOODHART_PLANTED_H
#define GOODHART_PLANTED_H
#include "base/memory.h"
#endif'
body() { # LINES: a function of so many lines
    printf '%s\nstatic void f(void)\n{\n' "$opening"
    yes '    g();' | head -n $(($1 - 3))
    echo '}'
}
tap "tidy lets a function of 60 lines pass" sh -c "
    cat >src/detect/planted.c; tests/checks/tidy | grep planted; status=\$?
    rm src/detect/planted.c; [ \$status -eq 1 ]" <<<"$(body 60)"
untidy "a function of 61 lines" "f has 61 lines" <<<"$(body 61)"
untidy "six parameters" "f has 6 parameters" <<<"$opening
static void f(int a, int b, void (*c)(int x, int y), int d, int e,
              int g)
{
}"
untidy "a file of 501 lines" "501 lines" <<<"$(echo "$opening"; yes '/* x */' | head -n 500)"
untidy "a line of 97 columns" "97 columns" <<<"$opening
$(printf '/* %091d */' 0)"
untidy "a tab" "tab" <<<"$opening
$(printf 'int\tx;')"
untidy "a blank at the end of a line" "blank at the end" <<<"$opening
int x; "
untidy "a control character" "control character" <<<"$opening
$(printf '/* \001 */')"
untidy "a sign that turns the order of text" "control character" <<<"$opening
$(printf '/* \342\200\256 */')"
untidy "bytes that are not UTF-8" "not UTF-8" <<<"$opening
$(printf '/* \377 */')"
for word in strcpy sprintf strtok gmtime localtime atoi rand alloca; do
    untidy "a call of $word" "banned: $word" src/app/planted.c <<<"$opening
static void f(char *a) { (void)$word(a); }"
done
untidy "a mark of unfinished work" "unfinished" <<<"$opening
/* TO""DO: later */"
untidy "a path of a machine" "path of a machine: /ro""ot/" <<<"$opening
static const char *at = \"/ro""ot/x\";"
untidy "a file without an opening comment" "no opening comment" <<<'int x;'
untidy "a header without a guard" "no include guard" src/detect/planted.h \
    <<<'/* planted.h - a fault. */
int gh_x(void);'
untidy "a guard that another header has" "the same guard" src/detect/planted.h \
    <<<'/* planted.h - a fault. */
#ifndef GOODHART_EVENT_H
#define GOODHART_EVENT_H
#endif'
untidy "a folder that does not say what it is" "src/planted:1: no README.md" src/planted/a.c \
    <<<"$opening"
untidy "a README that goes on and on" "31 lines" src/base/README.md <<<"$(yes x | head -n 31)"

documents() { # NAME WORD < TEXT
    tap "docs-check catches $1" catches docs "$2" tests/planted.md
}
documents "a link that leads nowhere" "link to nowhere.md" <<<'See [there](nowhere.md).'
documents "a target that make does not have" "make tset: no such target" <<<'Type `make tset`.'
documents "a command that the program does not have" "goodhart whatch: no such command" \
    <<<'```
goodhart whatch
```'
tap "docs-check catches a detector that the README leaves out" \
    catches docs "does not tell of the detector agent_loop" README.md <<<'# goodhart'

tap "docs-check catches a limit that is no option" \
    catches docs "limits.planted: no such option" deploy/limits.md \
    <<<'| planted | `limits.planted` | refused | none |'
tap "docs-check catches a counter that is none" \
    catches docs "planted: no such counter" deploy/limits.md <<<'| a | 1 | b | `planted` |'

tap "format-check catches another format" catches format-check planted.c src/detect/planted.c \
    <<<"$opening
int  x ;"
tap_end
