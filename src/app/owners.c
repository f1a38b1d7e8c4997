/* owners.c - see owners.h. */
#include "app/owners.h"

#include "base/intern.h"
#include "edge/resources.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

struct count {
    uint64_t events, refused, not_allowed;
    struct gh_heap heap;
    struct gh_intern brought; /* actors that were new */
};

struct gh_owners {
    GHashTable *count; /* of struct count by name */
    uint32_t new_actors;
};

static void count_free(gpointer at)
{
    struct count *count = at;
    gh_intern_free(&count->heap, &count->brought);
    g_free(count);
}

struct gh_owners *gh_owners_new(uint32_t new_actors)
{
    struct gh_owners *owners = calloc(1, sizeof(*owners));
    if (!owners)
        return NULL;
    owners->count = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, count_free);
    owners->new_actors = new_actors;
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
        count->heap.memory = gh_memory_system();
        gh_intern_init(&count->brought, owners->new_actors);
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

bool gh_owners_bring(struct gh_owners *owners, const char *owner, struct gh_text actor)
{
    struct count *count = count_of(owners, owner);
    return gh_intern_add(&count->heap, &count->brought, actor) != 0;
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
        gh_json_key(json, "new_actors");
        gh_json_count(json, gh_intern_count(&count->brought));
        gh_json_close(json, '}');
    }
    gh_json_close(json, '}');
    g_list_free(names);
}
