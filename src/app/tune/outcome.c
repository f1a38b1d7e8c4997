/* outcome.c - see outcome.h. */
#include "app/tune/outcome.h"

#include <math.h>
#include <string.h>

void gh_tune_outcome_init(struct gh_tune_outcome *o)
{
    *o = (struct gh_tune_outcome){
        .found = g_array_new(FALSE, FALSE, sizeof(struct gh_tune_finding)),
        .by_id = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
        .names = g_string_chunk_new(4096),
    };
}

void gh_tune_outcome_free(struct gh_tune_outcome *o)
{
    if (!o->found)
        return;
    g_array_free(o->found, TRUE);
    g_hash_table_destroy(o->by_id);
    g_string_chunk_free(o->names);
    *o = (struct gh_tune_outcome){.found = NULL};
}

size_t gh_tune_count(const struct gh_tune_outcome *o)
{
    return o->found->len;
}

const struct gh_tune_finding *gh_tune_at(const struct gh_tune_outcome *o, size_t index)
{
    return &g_array_index(o->found, struct gh_tune_finding, index);
}

static struct gh_text kept(struct gh_tune_outcome *o, struct gh_text name)
{
    return (struct gh_text){
        name.size ? g_string_chunk_insert_len(o->names, name.at, (gssize)name.size) : "",
        name.size};
}

static double known(double value)
{
    return value > 0.0 && isfinite(value) ? value : 0.0;
}

static struct gh_tune_finding *found_of(struct gh_tune_outcome *o,
                                        const struct gh_finding *change)
{
    const size_t at = GPOINTER_TO_SIZE(g_hash_table_lookup(o->by_id, change->id));

    if (at > 0)
        return &g_array_index(o->found, struct gh_tune_finding, at - 1);
    if (change->change == GH_CLOSED)
        return NULL;
    struct gh_tune_finding made = {.told_ms = change->time_ms,
                                   .detector = change->detector,
                                   .actor = kept(o, change->actor),
                                   .team = kept(o, change->team)};
    memcpy(made.id, change->id, sizeof made.id);
    g_array_append_val(o->found, made);
    g_hash_table_insert(o->by_id, g_strdup(change->id), GSIZE_TO_POINTER(o->found->len));
    return &g_array_index(o->found, struct gh_tune_finding, o->found->len - 1);
}

void gh_tune_outcome_change(void *context, const struct gh_finding *change)
{
    struct gh_tune_outcome *o = context;
    struct gh_tune_finding *f = found_of(o, change);

    o->sums.alerts++;
    if (!f)
        return;
    f->track = change->track;
    f->severity = change->severity;
    f->log_e = change->log_e;
    f->from_ms = change->from_ms;
    f->until_ms = change->until_ms;
    f->tokens = known(change->tokens);
    f->cost_usd = known(change->cost_usd);
    f->excess_tokens = known(change->excess_tokens);
    f->excess_usd = known(change->excess_cost_usd);
    f->fact_count = change->fact_count;
    memcpy(f->fact, change->fact, change->fact_count * sizeof *f->fact);
}

int gh_tune_text_compare(struct gh_text a, struct gh_text b)
{
    const uint32_t both = a.size < b.size ? a.size : b.size;
    const int order = both ? memcmp(a.at, b.at, both) : 0;

    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

static gint by_actor(gconstpointer left, gconstpointer right)
{
    const struct gh_tune_finding *a = left, *b = right;
    int order = gh_tune_text_compare(a->actor, b->actor);

    order = order != 0 ? order : strcmp(a->detector, b->detector);
    order = order != 0 ? order : (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);
    return order != 0 ? order : strcmp(a->id, b->id);
}

static gint by_time(gconstpointer left, gconstpointer right)
{
    const struct gh_tune_finding *a = *(struct gh_tune_finding *const *)left;
    const struct gh_tune_finding *b = *(struct gh_tune_finding *const *)right;
    const int order = (a->from_ms > b->from_ms) - (a->from_ms < b->from_ms);

    return order != 0 ? order : strcmp(a->id, b->id);
}

/* Findings of one person in the order of their beginnings: those that reach into each other are
 * one stretch of excess. */
static void excess_add(struct gh_tune_sums *sums, GPtrArray *person)
{
    double tokens = 0.0, usd = 0.0;
    int64_t until = INT64_MIN;

    g_ptr_array_sort(person, by_time);
    for (guint i = 0; i <= person->len; i++) {
        const struct gh_tune_finding *f = i < person->len ? person->pdata[i] : NULL;

        if (!f || f->from_ms > until) {
            sums->excess_tokens += tokens;
            sums->excess_usd += usd;
            tokens = usd = 0.0;
        }
        if (!f)
            break;
        tokens = fmax(tokens, f->excess_tokens);
        usd = fmax(usd, f->excess_usd);
        until = f->until_ms > until ? f->until_ms : until;
    }
    g_ptr_array_set_size(person, 0);
}

static bool begins_person(const struct gh_tune_outcome *o, size_t i)
{
    return i == 0 ||
           gh_tune_text_compare(gh_tune_at(o, i)->actor, gh_tune_at(o, i - 1)->actor) != 0;
}

static void people_sum(struct gh_tune_outcome *o)
{
    GPtrArray *person = g_ptr_array_new();
    bool accused = false;

    for (size_t i = 0; i <= gh_tune_count(o); i++) {
        if (i == gh_tune_count(o) || begins_person(o, i)) {
            o->sums.accused += accused;
            accused = false;
            excess_add(&o->sums, person);
        }
        if (i == gh_tune_count(o))
            break;
        o->sums.people += begins_person(o, i);
        accused |= gh_reviewable(gh_tune_at(o, i)->track);
        g_ptr_array_add(person, &g_array_index(o->found, struct gh_tune_finding, i));
    }
    g_ptr_array_free(person, TRUE);
}

static guint team_hash(gconstpointer p)
{
    const struct gh_text *team = p;
    guint hash = 5381;

    for (uint32_t i = 0; i < team->size; i++)
        hash = 33 * hash + (unsigned char)team->at[i];
    return hash;
}

static gboolean team_equal(gconstpointer a, gconstpointer b)
{
    return gh_tune_text_compare(*(const struct gh_text *)a, *(const struct gh_text *)b) == 0;
}

void gh_tune_outcome_end(struct gh_tune_outcome *o)
{
    GHashTable *teams = g_hash_table_new(team_hash, team_equal);

    g_hash_table_remove_all(o->by_id);
    g_array_sort(o->found, by_actor);
    o->sums.findings = gh_tune_count(o);
    for (size_t i = 0; i < gh_tune_count(o); i++) {
        const struct gh_tune_finding *f = gh_tune_at(o, i);

        o->sums.by_track[f->track]++;
        if (f->team.size > 0)
            g_hash_table_add(teams, (void *)(uintptr_t)&f->team);
    }
    o->sums.teams = g_hash_table_size(teams);
    g_hash_table_destroy(teams);
    people_sum(o);
}
