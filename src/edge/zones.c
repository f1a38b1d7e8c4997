/* zones.c - IANA zones as plain data, through GLib and the system's tz data. */
#include "edge/resources.h"

#include <fcntl.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ZONE_NAME_MAX = 64, ZONE_STEP_S = 30 * 86400 };
#define ZONE_END_S INT64_C(4133980800) /* 2101-01-01T00:00:00Z */
#define ZONE_FOLDER "/usr/share/zoneinfo"

/* Names that nobody knows are not kept: a flood of them must not fill memory. */
struct gh_zone_cache {
    GHashTable *zone; /* name -> struct gh_zone, both owned */
};

static void zone_free(void *zone)
{
    g_free((void *)((struct gh_zone *)zone)->change);
    free(zone);
}

struct gh_zone_cache *gh_zone_cache_new(void)
{
    struct gh_zone_cache *cache = calloc(1, sizeof *cache);

    if (cache != NULL)
        cache->zone = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, zone_free);
    return cache;
}

void gh_zone_cache_free(struct gh_zone_cache *cache)
{
    if (cache == NULL)
        return;
    g_hash_table_destroy(cache->zone);
    free(cache);
}

/* Names as the tz data base has them. Keeps a name from leaving its folder, and from
 * trees of the folder that are not zones of it ("right/" counts leap seconds). */
static bool zone_name_legal(const char *name)
{
    static const char *const other[] = {"posix/", "right/", "localtime", "posixrules"};

    for (size_t i = 0; i < sizeof other / sizeof *other; i++)
        if (strncmp(name, other[i], strlen(other[i])) == 0)
            return false;
    for (const char *at = name; *at != '\0'; at++) {
        const bool first = at == name || at[-1] == '/';
        if (!(g_ascii_isalpha(*at) ||
              (!first && (g_ascii_isdigit(*at) || strchr("_+-/", *at) != NULL))))
            return false;
    }
    return name[0] != '\0' && name[strlen(name) - 1] != '/';
}

/* GLib takes more than names of files: "GMT+5" and the like as rules, and it complains
 * aloud about files that are no zones. So look before asking. */
static bool zone_exists(const char *name)
{
    const char *folder = getenv("TZDIR");
    char *path = g_build_filename(folder != NULL ? folder : ZONE_FOLDER, name, NULL);
    const int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    char magic[4];
    const bool exists = file >= 0 && read(file, magic, sizeof magic) == sizeof magic &&
                        memcmp(magic, "TZif", sizeof magic) == 0;

    if (file >= 0)
        close(file);
    g_free(path);
    return exists;
}

static int zone_interval(GTimeZone *tz, int64_t at_s)
{
    return g_time_zone_find_interval(tz, G_TIME_TYPE_UNIVERSAL, at_s);
}

/* First second after `at_s` that lies in a later interval; ZONE_END_S: none. Intervals
 * ascend with time, so strides and then halving find it exactly. */
static int64_t zone_next_change(GTimeZone *tz, int64_t at_s)
{
    const int interval = zone_interval(tz, at_s);
    int64_t before = at_s, after = at_s;

    do {
        before = after;
        after = MIN(after + ZONE_STEP_S, ZONE_END_S);
    } while (after < ZONE_END_S && zone_interval(tz, after) == interval);
    while (after - before > 1) {
        const int64_t middle = before + (after - before) / 2;
        if (zone_interval(tz, middle) == interval)
            before = middle;
        else
            after = middle;
    }
    return after;
}

static struct gh_zone *zone_read(GTimeZone *tz)
{
    GArray *changes = g_array_new(FALSE, FALSE, sizeof(struct gh_zone_change));
    const int32_t first_offset_s = g_time_zone_get_offset(tz, zone_interval(tz, 0));
    int32_t offset_s = first_offset_s;

    for (int64_t at_s = zone_next_change(tz, 0); at_s < ZONE_END_S;
         at_s = zone_next_change(tz, at_s)) {
        const int32_t next_s = g_time_zone_get_offset(tz, zone_interval(tz, at_s));
        if (next_s == offset_s)
            continue; /* only the abbreviation changed */
        offset_s = next_s;
        const struct gh_zone_change change = {.at_s = at_s, .offset_s = offset_s};
        g_array_append_val(changes, change);
    }
    struct gh_zone *zone = calloc(1, sizeof *zone);
    if (zone != NULL)
        *zone = (struct gh_zone){.first_offset_s = first_offset_s,
                                 .count = changes->len,
                                 .change = (void *)g_array_free(changes, FALSE)};
    else
        g_array_free(changes, TRUE);
    return zone;
}

static const struct gh_zone *zone_load(struct gh_zone_cache *cache, const char *name)
{
    GTimeZone *tz =
        zone_name_legal(name) && zone_exists(name) ? g_time_zone_new_identifier(name) : NULL;
    if (tz == NULL)
        return NULL;
    struct gh_zone *zone = zone_read(tz);
    g_time_zone_unref(tz);
    if (zone != NULL)
        g_hash_table_insert(cache->zone, g_strdup(name), zone);
    return zone;
}

static const struct gh_zone *zone_find(void *context, struct gh_text name)
{
    struct gh_zone_cache *cache = context;
    char text[ZONE_NAME_MAX + 1] = "";

    if (name.at == NULL || name.size > ZONE_NAME_MAX ||
        memchr(name.at, '\0', name.size) != NULL)
        return NULL;
    memcpy(text, name.at, name.size);
    const struct gh_zone *zone = g_hash_table_lookup(cache->zone, text);
    return zone != NULL ? zone : zone_load(cache, text);
}

struct gh_zones gh_zone_cache_zones(struct gh_zone_cache *cache)
{
    return (struct gh_zones){.context = cache, .find = zone_find};
}
