/* verdicts.c - see verdicts.h. */
#include "app/tune/verdicts.h"

#include <glib.h>
#include <string.h>

struct judged_finding {
    char id[GH_FINDING_ID_SIZE];
    enum gh_judgement judgement;
    uint64_t reviewer; /* of the judgement; 0: did not say */
};
struct gh_verdicts {
    GHashTable *by_id; /* of struct judged_finding, which begins with its key */
    struct gh_verdict_counts counts;
    struct gh_watch watch;
};

static void heard(void *context, const struct gh_event *verdict)
{
    gh_verdicts_hear(context, verdict);
}

struct gh_verdicts *gh_verdicts_new(void)
{
    struct gh_verdicts *v = g_new0(struct gh_verdicts, 1);

    v->by_id = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
    v->watch = (struct gh_watch){.context = v, .heard = heard};
    return v;
}

void gh_verdicts_free(struct gh_verdicts *verdicts)
{
    if (verdicts == NULL)
        return;
    g_hash_table_destroy(verdicts->by_id);
    g_free(verdicts);
}

const struct gh_watch *gh_verdicts_watch(const struct gh_verdicts *verdicts)
{
    return &verdicts->watch;
}

static enum gh_judgement judgement_of(enum gh_verdict verdict)
{
    if (verdict == GH_GAMING || verdict == GH_WASTE)
        return GH_JUDGED_RIGHT;
    return verdict == GH_LEGITIMATE ? GH_JUDGED_WRONG : GH_NOT_JUDGED;
}

/* Where the counts are told of a finding that is judged so. */
static uint32_t *count_of(struct gh_verdict_counts *counts, enum gh_judgement judgement)
{
    return judgement == GH_JUDGED_RIGHT   ? &counts->right
           : judgement == GH_JUDGED_WRONG ? &counts->wrong
                                          : &counts->undecided;
}

static struct judged_finding *finding_touch(struct gh_verdicts *v, struct gh_text name)
{
    char id[GH_FINDING_ID_SIZE] = "";

    memcpy(id, name.at, name.size);
    struct judged_finding *f = g_hash_table_lookup(v->by_id, id);
    if (f != NULL)
        return f;
    f = g_new0(struct judged_finding, 1);
    memcpy(f->id, id, sizeof id);
    g_hash_table_insert(v->by_id, f->id, f);
    v->counts.undecided++;
    return f;
}

void gh_verdicts_hear(struct gh_verdicts *verdicts, const struct gh_event *event)
{
    const enum gh_judgement judgement = judgement_of(event->verdict);

    if (event->finding.size != GH_FINDING_ID_SIZE - 1)
        return;
    struct judged_finding *f = finding_touch(verdicts, event->finding);
    if (judgement == GH_NOT_JUDGED)
        return;
    const uint64_t reviewer = gh_owner_of(event->reviewer);
    if (f->reviewer != 0 && reviewer != 0 && reviewer != f->reviewer) {
        verdicts->counts.pairs++;
        verdicts->counts.differ += judgement != f->judgement;
    }
    --*count_of(&verdicts->counts, f->judgement);
    ++*count_of(&verdicts->counts, judgement);
    f->judgement = judgement;
    f->reviewer = reviewer;
}

enum gh_judgement gh_verdicts_of(const struct gh_verdicts *verdicts, const char *id)
{
    const struct judged_finding *f = g_hash_table_lookup(verdicts->by_id, id);

    return f != NULL ? f->judgement : GH_NOT_JUDGED;
}

void gh_verdicts_count(const struct gh_verdicts *verdicts, struct gh_verdict_counts *counts)
{
    *counts = verdicts->counts;
}
