/* worth.c - see worth.h. */
#include "app/tune/worth.h"

#include <glib.h>
#include <math.h>
#include <string.h>

/* A finding as one setting last told of it. */
struct told {
    char id[GH_FINDING_ID_SIZE];
    uint32_t setting, actor;
    enum gh_behaviour behaviour;
    enum gh_track track; /* the highest */
    double excess_usd;
    int64_t from_ms, until_ms;
};
/* How many findings of a matter a setting has. */
struct shown {
    uint16_t alarms, accusations;
};
struct matter {
    uint32_t actor;
    enum gh_behaviour behaviour;
    enum gh_judgement judgement;
    bool reviewable;   /* where the first setting shows it, there; else anywhere */
    double excess_usd; /* the largest */
};
struct gh_worth {
    uint32_t settings;
    struct gh_worth_price price;
    GHashTable **by_id; /* [settings] of struct told, which begins with its key */
    GHashTable *actors; /* name to number, from 1 */
    struct matter *matter;
    struct shown *shown; /* [matters][settings] */
    uint32_t matters;
    double prior[GH_BEHAVIOUR_COUNT]; /* share of the judged that is right */
};

/* Part of a figure that is about one matter: constant + weight * (1 if it is real). */
struct term {
    double constant, weight;
};
struct figure {
    uint32_t from, to;
    struct term (*of)(const struct gh_worth *w, const struct matter *m, const struct shown *by,
                      const struct figure *figure);
};
enum { STRATA_PER_BEHAVIOUR = 8, STRATA = STRATA_PER_BEHAVIOUR * GH_BEHAVIOUR_COUNT };

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
    struct told *t = g_hash_table_lookup(by_id, change->id);
    enum gh_behaviour behaviour;

    if (!behaviour_find(change->detector, &behaviour))
        return;
    if (t == NULL) {
        t = g_new0(struct told, 1);
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
    const struct told *a = *(struct told *const *)left, *b = *(struct told *const *)right;

    if (a->actor != b->actor)
        return a->actor < b->actor ? -1 : 1;
    if (a->behaviour != b->behaviour)
        return a->behaviour < b->behaviour ? -1 : 1;
    if (a->from_ms != b->from_ms)
        return a->from_ms < b->from_ms ? -1 : 1;
    const int ids = strcmp(a->id, b->id);
    return ids != 0 ? ids : (a->setting > b->setting) - (a->setting < b->setting);
}

static struct told **all_told(const struct gh_worth *w, size_t *count)
{
    struct told **told = NULL;
    GHashTableIter iter;
    gpointer value;

    *count = 0;
    for (uint32_t i = 0; i < w->settings; i++)
        *count += g_hash_table_size(w->by_id[i]);
    told = g_new(struct told *, *count + 1);
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
static enum gh_judgement judgement_of(struct told *const *told, size_t count,
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

static void matter_add(struct gh_worth *w, struct told *const *told, size_t count,
                       const struct gh_verdicts *verdicts)
{
    struct matter *m = &w->matter[w->matters];
    struct shown *by = &w->shown[(size_t)w->matters * w->settings];
    bool anywhere = false;

    *m = (struct matter){.actor = told[0]->actor, .behaviour = told[0]->behaviour};
    for (size_t i = 0; i < count; i++) {
        struct shown *of = &by[told[i]->setting];
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
    struct told **told = all_told(worth, &count);
    int64_t until_ms = INT64_MIN;

    worth->matter = g_new0(struct matter, count + 1);
    worth->shown = g_new0(struct shown, count * worth->settings + 1);
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

static const struct shown *shown_of(const struct gh_worth *w, uint32_t matter)
{
    return &w->shown[(size_t)matter * w->settings];
}

static bool shows(const struct shown *by)
{
    return by->alarms > 0 || by->accusations > 0;
}

static bool within(const struct matter *m, const struct gh_worth_scope *scope)
{
    return scope->detector == NULL ||
           strcmp(gh_behaviour_name(m->behaviour), scope->detector) == 0;
}

static uint32_t stratum_of(const struct matter *m, const struct shown *by, double weight)
{
    return (uint32_t)m->behaviour * STRATA_PER_BEHAVIOUR + 4u * m->reviewable +
           2u * shows(&by[0]) + (weight < 0.0);
}

static struct gh_interval figure_sum(const struct gh_worth *w, const struct figure *figure,
                                     const struct gh_worth_scope *scope)
{
    struct gh_stratum stratum[STRATA] = {0};
    struct gh_interval share[STRATA];
    double size[STRATA], constant = 0.0;

    for (uint32_t i = 0; i < w->matters; i++) {
        const struct shown *by = shown_of(w, i);
        if (!within(&w->matter[i], scope))
            continue;
        const struct term term = figure->of(w, &w->matter[i], by, figure);
        constant += term.constant;
        if (term.weight != 0.0)
            gh_stratum_add(&stratum[stratum_of(&w->matter[i], by, term.weight)],
                           fabs(term.weight), w->matter[i].judgement);
    }
    for (uint32_t k = 0; k < STRATA; k++) {
        const struct gh_belief belief = {w->prior[k / STRATA_PER_BEHAVIOUR], w->price.error,
                                         scope->level};
        share[k] = gh_stratum_share(&stratum[k], &belief);
        size[k] = k % 2 == 0 ? stratum[k].size : -stratum[k].size;
    }
    const struct gh_interval sum = gh_strata_sum(share, size, STRATA);
    return (struct gh_interval){constant + sum.low, constant + sum.point, constant + sum.high};
}

static struct term right_findings(const struct gh_worth *w, const struct matter *m,
                                  const struct shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, by[figure->to].alarms + by[figure->to].accusations};
}

static struct term false_accusations(const struct gh_worth *w, const struct matter *m,
                                     const struct shown *by, const struct figure *figure)
{
    const double count = by[figure->to].accusations;

    (void)w;
    (void)m;
    return (struct term){count, -count};
}

static struct term false_alarms(const struct gh_worth *w, const struct matter *m,
                                const struct shown *by, const struct figure *figure)
{
    const double count = by[figure->to].alarms;

    (void)w;
    (void)m;
    return (struct term){count, -count};
}

static struct term real_shown(const struct gh_worth *w, const struct matter *m,
                              const struct shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, shows(&by[figure->to])};
}

static struct term real_unseen(const struct gh_worth *w, const struct matter *m,
                               const struct shown *by, const struct figure *figure)
{
    (void)w;
    (void)m;
    return (struct term){0.0, !shows(&by[figure->to])};
}

static struct term unseen_usd(const struct gh_worth *w, const struct matter *m,
                              const struct shown *by, const struct figure *figure)
{
    (void)w;
    return (struct term){0.0, shows(&by[figure->to]) ? 0.0 : m->excess_usd};
}

static struct term cost_usd(const struct gh_worth *w, const struct matter *m,
                            const struct shown *by, const struct figure *figure)
{
    const double blame = by[figure->to].alarms * w->price.alarm_usd +
                         by[figure->to].accusations * w->price.accusation_usd;
    const double waste = shows(&by[figure->to]) ? 0.0 : w->price.waste * m->excess_usd;

    return (struct term){blame, waste - blame};
}

static struct term gain_usd(const struct gh_worth *w, const struct matter *m,
                            const struct shown *by, const struct figure *figure)
{
    const struct figure before = {.to = figure->from};
    const struct term from = cost_usd(w, m, by, &before), to = cost_usd(w, m, by, figure);

    return (struct term){from.constant - to.constant, from.weight - to.weight};
}

/* `actor`: whom the last one counted was about; matters are in order of actors. */
static void count_add(struct gh_worth_count *count, uint32_t *actor, const struct matter *m)
{
    count->right += m->judgement == GH_JUDGED_RIGHT;
    count->wrong += m->judgement == GH_JUDGED_WRONG;
    count->open += m->judgement == GH_NOT_JUDGED;
    count->people += *actor != m->actor;
    *actor = m->actor;
}

static void findings_count(const struct gh_worth *w, uint32_t setting,
                           const struct gh_worth_scope *scope, struct gh_worth_sum *sum)
{
    GHashTableIter iter;
    gpointer value;
    uint32_t actor = 0;

    g_hash_table_iter_init(&iter, w->by_id[setting]);
    while (g_hash_table_iter_next(&iter, NULL, &value)) {
        const struct told *t = value;
        if (scope->detector == NULL ||
            strcmp(gh_behaviour_name(t->behaviour), scope->detector) == 0)
            sum->findings[t->track]++;
    }
    for (uint32_t i = 0; i < w->matters; i++)
        if (within(&w->matter[i], scope) && shows(&shown_of(w, i)[setting]))
            count_add(&sum->shown, &actor, &w->matter[i]);
}

static struct gh_interval precision_of(struct gh_interval right, double findings)
{
    if (!(findings > 0.0))
        return (struct gh_interval){NAN, NAN, NAN};
    return (struct gh_interval){fmax(right.low / findings, 0.0), right.point / findings,
                                fmin(right.high / findings, 1.0)};
}

void gh_worth_of(const struct gh_worth *worth, uint32_t setting,
                 const struct gh_worth_scope *scope, struct gh_worth_sum *sum)
{
    struct figure figure = {.to = setting};
    double findings = 0.0;
    const struct {
        struct gh_interval *figure;
        struct term (*of)(const struct gh_worth *, const struct matter *, const struct shown *,
                          const struct figure *);
    } row[] = {
        {&sum->precision, right_findings}, {&sum->accusations, false_accusations},
        {&sum->alarms, false_alarms},      {&sum->unseen_usd, unseen_usd},
        {&sum->cost_usd, cost_usd},        {&sum->recall, real_shown},
    };

    *sum = (struct gh_worth_sum){0};
    findings_count(worth, setting, scope, sum);
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        figure.of = row[i].of;
        *row[i].figure = figure_sum(worth, &figure, scope);
    }
    for (int track = 0; track < GH_TRACK_COUNT; track++)
        findings += sum->findings[track];
    sum->precision = precision_of(sum->precision, findings);
    struct gh_interval missed = {0.0, NAN, INFINITY};
    figure.of = real_unseen;
    if (worth->settings > 1)
        missed = figure_sum(worth, &figure, scope);
    sum->recall = gh_recall(&sum->recall, &missed);
}

void gh_worth_compare(const struct gh_worth *worth, uint32_t from, uint32_t to,
                      const struct gh_worth_scope *scope, struct gh_worth_gain *gain)
{
    const struct figure figure = {from, to, gain_usd};
    uint32_t gone = 0, come = 0;

    *gain = (struct gh_worth_gain){.usd = figure_sum(worth, &figure, scope)};
    for (uint32_t i = 0; i < worth->matters; i++) {
        const struct matter *m = &worth->matter[i];
        const struct shown *a = &shown_of(worth, i)[from], *b = &shown_of(worth, i)[to];
        const double right_usd = m->judgement == GH_JUDGED_RIGHT ? m->excess_usd : 0.0;
        if (!within(m, scope))
            continue;
        gain->fewer += a->alarms + a->accusations - b->alarms - b->accusations;
        gain->accused += b->accusations > 0 && a->accusations == 0;
        if (shows(a) && !shows(b)) {
            count_add(&gain->gone, &gone, m);
            gain->gone_usd += right_usd;
        } else if (shows(b) && !shows(a)) {
            count_add(&gain->come, &come, m);
            gain->come_usd += right_usd;
        }
    }
}
