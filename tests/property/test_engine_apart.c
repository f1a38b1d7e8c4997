/* What: law: where only what came with a key counts, whatever is said without one, of whomever,
 *       changes nothing of what is said about what came with one: nobody is framed by it and
 *       nobody gets out by it (engine/provenance.h).
 * How:  a simulated company with gamers, each event with a key; beside each, in a second run,
 *       somebody who has no key says what would help or hurt: the same id with more tokens, a
 *       loop, work taken back, leave, a service account, an experiment without end, a verdict;
 *       and a second company, of ghosts, mirrors the first and at times spends many times as
 *       much, as peers and team-mates of the people.
 *       Every change about what came with a key is compared byte for byte. And as a control:
 *       where it counts, the same words change a lot. */
#include "support/company_kit.h"
#include "support/engine_bytes.h"

enum { PEOPLE = 100, WEEKS = 7, BATCH = 256, WORDS = 8 };

static struct gh_event heard[BATCH], offered[3 * BATCH];
static struct gh_answer answer[3 * BATCH];
static char ghost_actor[BATCH][GH_STRING_BYTES_MAX], ghost_id[BATCH][GH_STRING_BYTES_MAX];

struct world {
    struct kit kit;
    struct bytes said; /* of authenticated findings */
    uint32_t reviewable, apart, mixed, words;
    char verdict_on[GH_FINDING_ID_SIZE]; /* the newest finding that came with a key */
};

#define SAY(event, key, field, value) \
    ((event)->present |= UINT64_C(1) << GH_KEY_##key, (event)->field = (value))

/* Of the person, or of a whole team. */
static void declared_say(struct gh_event *word, uint32_t which, bool team)
{
    const struct gh_text ever = {"ever", 4};

    if (team) {
        word->present &= ~(UINT64_C(1) << GH_KEY_actor);
        word->actor = (struct gh_text){NULL, 0};
        SAY(word, team, team, ((struct gh_text){"team-1", 6}));
    }
    SAY(word, from, from_ms, 0);
    SAY(word, until, until_ms, GH_TIME_MS_MAX);
    if (which == 0) {
        word->kind = GH_SCHEDULE;
        SAY(word, type, schedule, GH_LEAVE);
    } else {
        word->kind = GH_EXPERIMENT;
        SAY(word, experiment, experiment, ever);
        SAY(word, budget_usd, budget_usd, 1e9);
    }
}

static void profile_say(struct gh_event *word)
{
    word->kind = GH_PROFILE;
    SAY(word, account, account, GH_SERVICE);
    SAY(word, role, role, ((struct gh_text){"idler", 5}));
    SAY(word, team, team, ((struct gh_text){"elsewhere", 9}));
}

static void usage_say(struct gh_event *word, const struct gh_event *event, uint32_t which)
{
    if (event->kind != GH_USAGE)
        return;
    SAY(word, cost_usd, cost_usd, which == 0 ? 1e6 : 0.0);
    SAY(word, input_tokens, input_tokens, which == 0 ? 50000000 : 1);
    SAY(word, prompt_hash, prompt_hash, 7);
    SAY(word, response_hash, response_hash, 7);
    if (which == 0)
        return;
    SAY(word, agent, agent, ((struct gh_text){"ping", 4}));
    SAY(word, caller, caller, ((struct gh_text){"pong", 4}));
}

/* Nobody's words beside the event, at the same moment and of the same person. */
static struct gh_event word_beside(struct world *w, const struct gh_event *event)
{
    struct gh_event word = *event;
    const uint32_t which = w->words++ % WORDS;

    word.owner = 0;
    if (word.kind == GH_TICK || which == 0)
        return word; /* the same, with the same id */
    switch (which) {
    case 1:
    case 2:
        usage_say(&word, event, which - 1);
        break;
    case 3:
        word.kind = GH_OUTPUT;
        SAY(&word, state, state, GH_REVERTED);
        SAY(&word, units, units, 1e6);
        break;
    case 4:
    case 5:
        declared_say(&word, which - 4, w->words / WORDS % 2);
        break;
    case 6:
        profile_say(&word);
        break;
    default:
        if (w->verdict_on[0] == '\0')
            break;
        word.kind = GH_VERDICT;
        SAY(&word, finding, finding, ((struct gh_text){w->verdict_on, GH_FINDING_ID_SIZE - 1}));
        SAY(&word, verdict, verdict, GH_LEGITIMATE);
    }
    return word;
}

static struct gh_text ghostly(char of[GH_STRING_BYTES_MAX], struct gh_text text)
{
    const int size =
        snprintf(of, GH_STRING_BYTES_MAX, "ghost of %.*s", (int)text.size, text.at);

    return (struct gh_text){of, (uint32_t)size};
}

/* What a ghost does whenever the person does something: as they, or in every other week much
 * more of it. */
static struct gh_event ghost_beside(const struct gh_event *event, size_t i)
{
    struct gh_event ghost = *event;
    const int64_t week = (event->ts_ms - KIT_START) / (7 * KIT_DAY);

    ghost.owner = 0;
    ghost.id = ghostly(ghost_id[i], event->id);
    if (event->actor.at != NULL)
        ghost.actor = ghostly(ghost_actor[i], event->actor);
    if (event->kind != GH_USAGE || week % 2 == 0)
        return ghost;
    ghost.present &= ~(UINT64_C(1) << GH_KEY_cost_usd);
    SAY(&ghost, input_tokens, input_tokens, 9 * event->input_tokens);
    SAY(&ghost, output_tokens, output_tokens, 9 * event->output_tokens);
    return ghost;
}

static void changes_hear(struct world *w)
{
    struct gh_finding f;

    while (gh_engine_change(w->kit.engine, &f)) {
        w->apart += f.provenance == GH_SELF_REPORTED;
        w->mixed += f.provenance == GH_MIXED;
        if (f.provenance != GH_AUTHENTICATED) {
            CHECK(f.severity < GH_CRITICAL);
            continue;
        }
        CHECK(f.authenticated_share == 1.0);
        w->reviewable += gh_reviewable(f.track);
        memcpy(w->verdict_on, f.id, sizeof w->verdict_on);
        finding_add(&w->said, &f);
    }
}

static void company_hear(struct world *w, bool words)
{
    const struct gh_sim_plan plan = company_plan(PEOPLE, WEEKS, 0.3, 11);
    struct gh_sim *sim = company_open(&plan);
    size_t n;

    while ((n = gh_sim_next(sim, heard, BATCH)) > 0) {
        size_t count = 0;
        for (size_t i = 0; i < n; i++) {
            heard[i].owner = 1;
            offered[count++] = heard[i];
            if (!words)
                continue;
            offered[count++] = word_beside(w, &heard[i]);
            offered[count++] = ghost_beside(&heard[i], i);
        }
        CHECK(gh_engine_offer(w->kit.engine, offered, count, answer) == GH_OK);
        changes_hear(w);
    }
    gh_sim_free(sim);
}

static void world_run(struct world *w, enum gh_switch_value required, bool words)
{
    *w = (struct world){.words = 0};
    kit_prepare(&w->kit);
    w->kit.setup.shards = 3;
    KIT_SET(&w->kit, REVIEW, review)->require_authenticated.value = required;
    kit_start(&w->kit);
    company_hear(w, words);
}

static void world_end(struct world *w)
{
    kit_close(&w->kit);
    free(w->said.at);
}

static struct world alone, beside;

static void words_without_a_key_change_nothing_of_what_came_with_one(void)
{
    world_run(&alone, GH_SWITCH_ON, false);
    world_run(&beside, GH_SWITCH_ON, true);
    printf("# %u changes, %u reviewable; %u of what is kept apart\n", alone.said.changes,
           alone.reviewable, beside.apart);
    CHECK(alone.reviewable > 3 && alone.apart == 0);
    CHECK(beside.apart > 20 && beside.mixed == 0);
    CHECK(bytes_same(&beside.said, &alone.said));
    CHECK(alone.kit.engine->enrolled == beside.kit.engine->enrolled);
    const struct gh_counters c = kit_counters(&beside.kit);
    CHECK(c.authenticated == kit_counters(&alone.kit).applied && c.kept_apart > 10000);
    CHECK(c.authenticated + c.kept_apart == c.applied);
    world_end(&beside);
}

/* What the law would not see: words that do nothing anywhere. */
static void where_they_count_the_same_words_change_a_lot(void)
{
    world_run(&beside, GH_SWITCH_OFF, true);
    CHECK(!bytes_same(&beside.said, &alone.said));
    CHECK(beside.mixed > 20 && kit_counters(&beside.kit).kept_apart == 0);
    world_end(&beside);
}

static void with_keys_alone_the_switch_changes_nothing(void)
{
    world_run(&beside, GH_SWITCH_OFF, false);
    CHECK(bytes_same(&beside.said, &alone.said));
    world_end(&beside);
    world_end(&alone);
}

static const struct gh_test tests[] = {
    GH_TEST(words_without_a_key_change_nothing_of_what_came_with_one),
    GH_TEST(where_they_count_the_same_words_change_a_lot),
    GH_TEST(with_keys_alone_the_switch_changes_nothing),
};

GH_TEST_MAIN(tests)
