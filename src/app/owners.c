/* owners.c - see owners.h. */
#include "app/owners.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct count {
    uint64_t events, refused, not_allowed;
};

struct gh_owners {
    GHashTable *count; /* of struct count by name */
};

struct gh_owners *gh_owners_new(void)
{
    struct gh_owners *owners = calloc(1, sizeof(*owners));
    if (owners)
        owners->count = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    return owners;
}

void gh_owners_free(struct gh_owners *owners)
{
    if (owners)
        g_hash_table_destroy(owners->count);
    free(owners);
}

static struct count *count_of(struct gh_owners *owners, const char *owner)
{
    struct count *count = g_hash_table_lookup(owners->count, owner);
    if (!count) {
        count = g_new0(struct count, 1);
        g_hash_table_insert(owners->count, g_strdup(owner), count);
    }
    return count;
}

void gh_owners_events(struct gh_owners *owners, const char *owner, uint64_t events)
{
    if (owner)
        count_of(owners, owner)->events += events;
}

void gh_owners_refused(struct gh_owners *owners, const char *owner, enum gh_refusal reason)
{
    if (!owner)
        return;
    struct count *count = count_of(owners, owner);
    count->refused++;
    count->not_allowed += reason == GH_REFUSED_NOT_ALLOWED;
}

static gint name_compare(gconstpointer a, gconstpointer b)
{
    return strcmp(a, b);
}

void gh_owners_write(const struct gh_owners *owners, struct gh_json *json)
{
    GList *names = g_list_sort(g_hash_table_get_keys(owners->count), name_compare);
    gh_json_open(json, '{');
    for (const GList *name = names; name; name = name->next) {
        const struct count *count = g_hash_table_lookup(owners->count, name->data);
        gh_json_key(json, name->data);
        gh_json_open(json, '{');
        gh_json_key(json, "events");
        gh_json_count(json, count->events);
        gh_json_key(json, "refused");
        gh_json_count(json, count->refused);
        gh_json_key(json, "not_allowed");
        gh_json_count(json, count->not_allowed);
        gh_json_close(json, '}');
    }
    gh_json_close(json, '}');
    g_list_free(names);
}
