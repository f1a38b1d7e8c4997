/* worth.c - findings of several settings become matters; see worth.h. */
#include "app/tune/worth_inside.h"

#include <math.h>
#include <string.h>

struct gh_worth *gh_worth_new(uint32_t settings, const struct gh_worth_price *price)
{
    struct gh_worth *w = g_new0(struct gh_worth, 1);

    w->settings = settings;
    w->price = *price;
    w->by_id = g_new0(GHashTable *, settings);
    for (uint32_t i = 0; i < settings; i++)
        w->by_id[i] = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    w->actors = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return w;
}

void gh_worth_free(struct gh_worth *worth)
{
    if (worth == NULL)
        return;
    for (uint32_t i = 0; i < worth->settings; i++)
        g_hash_table_destroy(worth->by_id[i]);
    g_hash_table_destroy(worth->actors);
    g_free(worth->by_id);
    g_free(worth->matter);
    g_free(worth->shown);
    g_free(worth);
}

static uint32_t actor_number(struct gh_worth *w, struct gh_text name)
{
    char *text = g_strndup(name.at, name.size);
    uint32_t number = GPOINTER_TO_UINT(g_hash_table_lookup(w->actors, text));

    if (number != 0) {
        g_free(text);
        return number;
    }
    number = g_hash_table_size(w->actors) + 1;
    g_hash_table_insert(w->actors, text, GUINT_TO_POINTER(number));
    return number;
}

static bool behaviour_find(const char *name, enum gh_behaviour *behaviour)
{
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        if (strcmp(gh_behaviour_name((enum gh_behaviour)b), name) == 0) {
            *behaviour = (enum gh_behaviour)b;
            return true;
        }
    return false;
}

void gh_worth_change(struct gh_worth *worth, uint32_t setting, const struct gh_finding *change)
{
    GHashTable *by_id = worth->by_id[setting];
    struct gh_told_finding *t = g_hash_table_lookup(by_id, change->id);
    enum gh_behaviour behaviour;

    if (!behaviour_find(change->detector, &behaviour))
        return;
    if (t == NULL) {
        t = g_new0(struct gh_told_finding, 1);
        memcpy(t->id, change->id, sizeof t->id);
        t->setting = setting;
        t->actor = actor_number(worth, change->actor);
        t->behaviour = behaviour;
        t->from_ms = change->from_ms;
        t->until_ms = change->until_ms;
        g_hash_table_insert(by_id, t->id, t);
    }
    t->track = MAX(t->track, change->track);
    t->from_ms = MIN(t->from_ms, change->from_ms);
    t->until_ms = MAX(t->until_ms, change->until_ms);
    if (isfinite(change->excess_cost_usd))
        t->excess_usd = fmax(t->excess_usd, change->excess_cost_usd);
}

/* Those of one actor and detector together, in order of their days. The id makes the order
 * total, whatever the hash table's was. */
static int told_compare(const void *left, const void *right)
{
    const struct gh_told_finding *a = *(struct gh_told_finding *const *)left,
                                 *b = *(struct gh_told_finding *const *)right;

    if (a->actor != b->actor)
        return a->actor < b->actor ? -1 : 1;
    if (a->behaviour != b->behaviour)
        return a->behaviour < b->behaviour ? -1 : 1;
    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms ? -1 : 1;
    const int ids = strcmp(a->id, b->id);
    return ids != 0 ? ids : (a->setting > b->setting) - (a->setting < b->setting);
}

static struct gh_told_finding **all_told(const struct gh_worth *w, size_t *count)
{
    struct gh_told_finding **told = NULL;
    GHashTableIter iter;
    gpointer value;

    *count = 0;
    for (uint32_t i = 0; i < w->settings; i++)
        *count += g_hash_table_size(w->by_id[i]);
    told = g_new(struct gh_told_finding *, *count + 1);
    size_t used = 0;
    for (uint32_t i = 0; i < w->settings; i++) {
        g_hash_table_iter_init(&iter, w->by_id[i]);
        while (g_hash_table_iter_next(&iter, NULL, &value))
            told[used++] = value;
    }
    qsort(told, *count, sizeof(*told), told_compare);
    return told;
}

/* What verdicts say of findings that are one matter. Each id counts once. */
static enum gh_judgement judgement_of(struct gh_told_finding *const *told, size_t count,
                                      const struct gh_verdicts *verdicts)
{
    int balance = 0;

    for (size_t i = 0; i < count; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = strcmp(told[k]->id, told[i]->id) == 0;
        const enum gh_judgement j =
            again ? GH_NOT_JUDGED : gh_verdicts_of(verdicts, told[i]->id);
        balance += (j == GH_JUDGED_RIGHT) - (j == GH_JUDGED_WRONG);
    }
    return balance > 0 ? GH_JUDGED_RIGHT : balance < 0 ? GH_JUDGED_WRONG : GH_NOT_JUDGED;
}

static void matter_add(struct gh_worth *w, struct gh_told_finding *const *told, size_t count,
                       const struct gh_verdicts *verdicts)
{
    struct gh_matter *m = &w->matter[w->matters];
    struct gh_shown *by = &w->shown[(size_t)w->matters * w->settings];
    bool anywhere = false;

    *m = (struct gh_matter){.actor = told[0]->actor, .behaviour = told[0]->behaviour};
    for (size_t i = 0; i < count; i++) {
        struct gh_shown *of = &by[told[i]->setting];
        const bool accuses = gh_reviewable(told[i]->track);
        anywhere |= accuses;
        of->accusations += accuses;
        of->alarms += !accuses;
        m->excess_usd = fmax(m->excess_usd, told[i]->excess_usd);
    }
    m->reviewable =
        by[0].alarms > 0 || by[0].accusations > 0 ? by[0].accusations > 0 : anywhere;
    m->judgement = judgement_of(told, count, verdicts);
    w->matters++;
}

/* Base rates, which strata without verdicts start from. */
static void priors_set(struct gh_worth *w)
{
    uint32_t right[GH_BEHAVIOUR_COUNT] = {0}, wrong[GH_BEHAVIOUR_COUNT] = {0};

    for (uint32_t i = 0; i < w->matters; i++) {
        right[w->matter[i].behaviour] += w->matter[i].judgement == GH_JUDGED_RIGHT;
        wrong[w->matter[i].behaviour] += w->matter[i].judgement == GH_JUDGED_WRONG;
    }
    for (int b = 0; b < GH_BEHAVIOUR_COUNT; b++)
        w->prior[b] = (right[b] + 0.5) / (right[b] + wrong[b] + 1.0);
}

void gh_worth_settle(struct gh_worth *worth, const struct gh_verdicts *verdicts)
{
    size_t count, first = 0;
    struct gh_told_finding **told = all_told(worth, &count);
    int64_t until_ms = INT64_MIN;

    worth->matter = g_new0(struct gh_matter, count + 1);
    worth->shown = g_new0(struct gh_shown, count * worth->settings + 1);
    for (size_t i = 0; i < count; i++) {
        const bool other = told[i]->actor != told[first]->actor ||
                           told[i]->behaviour != told[first]->behaviour ||
                           (told[i]->from_ms > until_ms &&
                            (i == 0 || strcmp(told[i]->id, told[i - 1]->id) != 0));
        if (i > first && other) {
            matter_add(worth, told + first, i - first, verdicts);
            first = i;
            until_ms = INT64_MIN;
        }
        until_ms = MAX(until_ms, told[i]->until_ms);
    }
    if (count > first)
        matter_add(worth, told + first, count - first, verdicts);
    g_free(told);
    priors_set(worth);
}
