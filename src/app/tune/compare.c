/* compare.c - see compare.h. Both sides are sorted alike, so a person's findings of a detector
 * stand together on either side. */
#include "app/tune/compare.h"

#include <assert.h>
#include <string.h>

const char *gh_tune_move_name(enum gh_tune_move move)
{
#define NAME_OF_MOVE(name, value) [value] = #name,
    static const char *const name[] = {GH_TUNE_MOVE_LIST(NAME_OF_MOVE)};

    assert(move < GH_TUNE_MOVE_COUNT);
    return name[move];
}

const struct gh_tune_finding *gh_tune_either(const struct gh_tune_pair *pair)
{
    return pair->before ? pair->before : pair->after;
}

static enum gh_tune_move moved(const struct gh_tune_finding *before,
                               const struct gh_tune_finding *after)
{
    if (!before || !after)
        return before ? GH_TUNE_GONE : GH_TUNE_NEW;
    if (before->track != after->track)
        return GH_TUNE_TRACK;
    if (before->severity != after->severity)
        return GH_TUNE_SEVERITY;
    if (before->told_ms == after->told_ms)
        return GH_TUNE_SAME;
    return after->told_ms < before->told_ms ? GH_TUNE_EARLIER : GH_TUNE_LATER;
}

static void pair_add(struct gh_tune_comparison *c, const struct gh_tune_finding *before,
                     const struct gh_tune_finding *after)
{
    const struct gh_tune_pair pair = {moved(before, after), before, after};

    c->by_move[pair.move]++;
    g_array_append_val(c->pair, pair);
}

static int same_place(const struct gh_tune_finding *a, const struct gh_tune_finding *b)
{
    const int order = gh_tune_text_compare(a->actor, b->actor);

    return order != 0 ? order : strcmp(a->detector, b->detector);
}

/* Findings of one person and detector: [from, until) of an outcome, and who has a pair. */
struct group {
    const struct gh_tune_outcome *of;
    size_t from, until;
    GHashTable *taken; /* finding -> its pair */
};

static bool overlapping(const struct gh_tune_finding *a, const struct gh_tune_finding *b)
{
    return a->from_ms <= b->until_ms && b->from_ms <= a->until_ms;
}

static bool same_id(const struct gh_tune_finding *a, const struct gh_tune_finding *b)
{
    return !strcmp(a->id, b->id);
}

static void pairs_find(struct group side[2], bool (*fits)(const struct gh_tune_finding *,
                                                          const struct gh_tune_finding *))
{
    for (size_t i = side[0].from; i < side[0].until; i++) {
        const struct gh_tune_finding *before = gh_tune_at(side[0].of, i);

        if (g_hash_table_contains(side[0].taken, before))
            continue;
        for (size_t k = side[1].from; k < side[1].until; k++) {
            const struct gh_tune_finding *after = gh_tune_at(side[1].of, k);

            if (g_hash_table_contains(side[1].taken, after) || !fits(before, after))
                continue;
            g_hash_table_insert(side[0].taken, (void *)(uintptr_t)before,
                                (void *)(uintptr_t)after);
            g_hash_table_insert(side[1].taken, (void *)(uintptr_t)after,
                                (void *)(uintptr_t)before);
            break;
        }
    }
}

static void group_pair(struct gh_tune_comparison *c, struct group side[2])
{
    pairs_find(side, same_id);
    pairs_find(side, overlapping);
    for (size_t i = side[0].from; i < side[0].until; i++) {
        const struct gh_tune_finding *before = gh_tune_at(side[0].of, i);
        pair_add(c, before, g_hash_table_lookup(side[0].taken, before));
    }
    for (size_t k = side[1].from; k < side[1].until; k++) {
        const struct gh_tune_finding *after = gh_tune_at(side[1].of, k);
        if (!g_hash_table_contains(side[1].taken, after))
            pair_add(c, NULL, after);
    }
}

static size_t group_end(const struct gh_tune_outcome *of, size_t from,
                        const struct gh_tune_finding *at)
{
    while (from < gh_tune_count(of) && same_place(gh_tune_at(of, from), at) == 0)
        from++;
    return from;
}

/* The next group of either side: the smaller of both. */
static bool group_next(struct group side[2])
{
    const struct gh_tune_finding *next[2] = {NULL, NULL};

    for (int s = 0; s < 2; s++) {
        side[s].from = side[s].until;
        if (side[s].from < gh_tune_count(side[s].of))
            next[s] = gh_tune_at(side[s].of, side[s].from);
    }
    if (!next[0] && !next[1])
        return false;
    const struct gh_tune_finding *at =
        !next[1] || (next[0] && same_place(next[0], next[1]) <= 0) ? next[0] : next[1];
    for (int s = 0; s < 2; s++)
        side[s].until = group_end(side[s].of, side[s].from, at);
    return true;
}

static gchar *text_key(struct gh_text text)
{
    return g_strndup(text.at, text.size);
}

static void affected_count(struct gh_tune_comparison *c)
{
    GHashTable *people = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GHashTable *teams = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    for (guint i = 0; i < c->pair->len; i++) {
        const struct gh_tune_pair *pair = &g_array_index(c->pair, struct gh_tune_pair, i);
        const struct gh_tune_finding *f = gh_tune_either(pair);

        if (pair->move == GH_TUNE_SAME)
            continue;
        g_hash_table_add(people, text_key(f->actor));
        if (f->team.size > 0)
            g_hash_table_add(teams, text_key(f->team));
    }
    c->people = g_hash_table_size(people);
    c->teams = g_hash_table_size(teams);
    g_hash_table_destroy(people);
    g_hash_table_destroy(teams);
}

void gh_tune_compare(struct gh_tune_comparison *c, const struct gh_tune_outcome *before,
                     const struct gh_tune_outcome *after)
{
    struct group side[2] = {{.of = before}, {.of = after}};

    *c = (struct gh_tune_comparison){
        .pair = g_array_new(FALSE, FALSE, sizeof(struct gh_tune_pair))};
    for (int s = 0; s < 2; s++)
        side[s].taken = g_hash_table_new(NULL, NULL);
    while (group_next(side))
        group_pair(c, side);
    for (int s = 0; s < 2; s++)
        g_hash_table_destroy(side[s].taken);
    affected_count(c);
}

void gh_tune_comparison_free(struct gh_tune_comparison *c)
{
    if (c->pair)
        g_array_free(c->pair, TRUE);
    *c = (struct gh_tune_comparison){NULL};
}

uint64_t gh_tune_changes(const struct gh_tune_comparison *c)
{
    return c->pair->len - c->by_move[GH_TUNE_SAME];
}
