/* write.c - numbers in plain English, by integer arithmetic on rounded values. */
#include "base/write.h"

#include "base/civil.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static const char WRITE_UNKNOWN[] = "unknown";
/* Every integer up to here fits 64 bits; more is said in words. */
static const double WRITE_MAX = 1e18;

struct gh_writer gh_writer_on(char *at, size_t size)
{
    assert(size > 0);
    at[0] = '\0';
    return (struct gh_writer){.at = at, .size = size};
}

/* How much of `text` ends at a character boundary within `room` bytes. */
static size_t write_fitting(const char *text, size_t room)
{
    while (room > 0 && ((unsigned char)text[room] & 0xc0) == 0x80)
        room--;
    return room;
}

static void write_bytes(struct gh_writer *w, const char *text, size_t size)
{
    const size_t room = w->size - 1 - w->used;

    if (w->cut)
        return; /* else a short text would follow the gap */
    if (size > room) {
        size = write_fitting(text, room);
        w->cut = true;
    }
    memcpy(w->at + w->used, text, size);
    w->used += size;
    w->at[w->used] = '\0';
}

void gh_write(struct gh_writer *w, const char *text)
{
    write_bytes(w, text, strlen(text));
}

/* Bytes of the control character at `at`; 0: it is none. C1 has two bytes in UTF-8. */
static size_t control_size(const char *at, size_t size)
{
    const unsigned char first = (unsigned char)at[0];

    if (first < 0x20 || first == 0x7f)
        return 1;
    return first == 0xc2 && size > 1 && ((unsigned char)at[1] & 0xe0) == 0x80 ? 2 : 0;
}

void gh_write_text(struct gh_writer *w, struct gh_text text)
{
    size_t from = 0, i = 0;

    while (i < text.size) {
        const size_t skip = control_size(text.at + i, text.size - i);

        if (!skip) {
            i++;
            continue;
        }
        write_bytes(w, text.at + from, i - from);
        gh_write(w, "?");
        from = i += skip;
    }
    if (text.size > from)
        write_bytes(w, text.at + from, text.size - from);
}

/* At least `digits` digits of `value`, in groups of three when `grouped`. */
static void write_digits(struct gh_writer *w, uint64_t value, unsigned digits, bool grouped)
{
    char text[32];
    size_t i = sizeof(text);

    for (unsigned n = 0; value > 0 || n < digits; n++) {
        if (grouped && n > 0 && n % 3 == 0)
            text[--i] = ',';
        text[--i] = (char)('0' + value % 10);
        value /= 10;
    }
    write_bytes(w, text + i, sizeof(text) - i);
}

/* `value` >= 0 in units of 10^-decimals; all decimals, or none when all are 0. */
static void write_scaled(struct gh_writer *w, uint64_t value, unsigned decimals, bool all)
{
    uint64_t unit = 1;

    for (unsigned n = 0; n < decimals; n++)
        unit *= 10;
    write_digits(w, value / unit, 1, true);
    if (decimals == 0 || (!all && value % unit == 0))
        return;
    gh_write(w, ".");
    write_digits(w, value % unit, decimals, false);
}

/* Writes what is left of a number that no sum or share is, and says so. */
static bool write_odd(struct gh_writer *w, double value)
{
    if (isfinite(value) && fabs(value) < WRITE_MAX)
        return false;
    if (!isfinite(value))
        gh_write(w, WRITE_UNKNOWN);
    else
        gh_write(w, value > 0 ? "more than 10^18" : "less than -10^18");
    return true;
}

void gh_write_fixed(struct gh_writer *w, double value, unsigned decimals)
{
    double scale = 1;

    assert(decimals <= 6);
    for (unsigned n = 0; n < decimals; n++)
        scale *= 10;
    if (write_odd(w, value) || write_odd(w, value * scale))
        return;
    if (round(value * scale) < 0)
        gh_write(w, "-");
    write_scaled(w, (uint64_t)round(fabs(value) * scale), decimals, true);
}

void gh_write_count(struct gh_writer *w, double value)
{
    gh_write_fixed(w, value, 0);
}

void gh_write_short(struct gh_writer *w, double value)
{
    static const struct {
        double size;
        const char *name;
    } unit[] = {{1e6, " million"}, {1e9, " billion"}, {1e12, " trillion"}};
    const double size = round(fabs(value));
    size_t i = 0;

    if (write_odd(w, value))
        return;
    if (size < unit[0].size) {
        gh_write_count(w, value);
        return;
    }
    while (i < 2 && round(size / unit[i].size * 10) >= 10000)
        i++;
    if (value < 0)
        gh_write(w, "-");
    write_scaled(w, (uint64_t)round(size / unit[i].size * 10), 1, false);
    gh_write(w, unit[i].name);
}

void gh_write_percent(struct gh_writer *w, double share)
{
    const double percent = share * 100, size = fabs(percent);

    if (write_odd(w, percent))
        return;
    if (round(size * 10) < 10 && size > 0) {
        if (round(size * 10) < 1)
            gh_write(w, "less than 0.1");
        else
            gh_write_fixed(w, percent, 1);
    } else {
        gh_write_fixed(w, percent, 0);
    }
    gh_write(w, " %");
}

void gh_write_money(struct gh_writer *w, double usd)
{
    const double size = fabs(usd);

    if (!(size < WRITE_MAX)) {
        gh_write(w, "an unknown amount");
        return;
    }
    if (usd < 0 && round(size * 100) > 0)
        gh_write(w, "-");
    gh_write(w, "$");
    gh_write_fixed(w, size, round(size * 100) < 100000 ? 2 : 0);
}

void gh_write_duration(struct gh_writer *w, double ms)
{
    static const struct {
        double ms;
        const char *name;
    } unit[] = {{864e5, " day"}, {36e5, " hour"}, {6e4, " minute"}, {1e3, " second"}};
    double tenths;
    size_t i = 0;

    if (!isfinite(ms)) {
        gh_write(w, "an unknown time");
        return;
    }
    while (i < 3 && round(fabs(ms) / unit[i + 1].ms) * unit[i + 1].ms < unit[i].ms)
        i++;
    tenths = round(fabs(ms) / unit[i].ms * 10);
    if (tenths >= 100)
        tenths = round(fabs(ms) / unit[i].ms) * 10;
    if (tenths >= WRITE_MAX) {
        gh_write(w, "more than 10^16 days");
        return;
    }
    if (ms < 0 && tenths > 0)
        gh_write(w, "-");
    write_scaled(w, (uint64_t)tenths, 1, false);
    gh_write(w, unit[i].name);
    if (tenths != 10)
        gh_write(w, "s");
}

void gh_write_date(struct gh_writer *w, int64_t days)
{
    static const char *const month[] = {"January",   "February", "March",    "April",
                                        "May",       "June",     "July",     "August",
                                        "September", "October",  "November", "December"};
    const struct gh_civil c = gh_civil_of(days * GH_MS_PER_DAY);

    assert(c.year >= 0);
    write_digits(w, c.day, 1, false);
    gh_write(w, " ");
    gh_write(w, month[c.month - 1]);
    gh_write(w, " ");
    write_digits(w, (uint64_t)c.year, 1, false);
}
