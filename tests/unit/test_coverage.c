/* What: calls that never arrived: what rests on a whole day says nothing of one of which too
 *       much is missing, and a finding says so (engine/settle.c, detect/telling.h).
 * How:  one person's day of ten calls, of which more and more calls told of a gap before them,
 *       beside the same day without. */
#include "detect/telling.h"
#include "support/engine_kit.h"

static struct kit kit;

enum { CALLS = 10 };

/* What each detector said of a day of ten calls, before which so many never arrived. */
static void day_with(uint32_t missing, enum gh_observability *seen)
{
    for (int64_t i = 0; i < CALLS; i++)
        kit_say(&kit, KIT_START + i * KIT_MINUTE,
                "'actor':'ann','session':'s','agent':'a','input_tokens':100,'missing':%u",
                i == 3 ? (unsigned)missing : 0u);
    for (int64_t hour = 1; hour <= 37; hour++)
        kit_tick(&kit, KIT_START + hour * KIT_HOUR);
    CHECK(kit_counters(&kit).days_settled > 0 && kit_counters(&kit).missing == missing);
    const struct gh_engine *e = kit.engine;
    const struct gh_judged *judged =
        gh_array_at(&e->shard[kit_actor(&kit, "ann")->id % e->shards].judged, 0);
    for (uint32_t d = 0; d < gh_detector_count; d++)
        seen[d] = judged[d].seen.state;
}

static void a_day_of_which_too_much_is_missing_is_not_observable_where_all_of_it_counts(void)
{
    enum gh_observability whole[GH_DETECTORS_MAX], seen[GH_DETECTORS_MAX];
    uint32_t told = 0;

    kit_open(&kit);
    day_with(0, whole);
    CHECK(kit_counters(&kit).uncovered == 0);
    kit_close(&kit);
    kit_open(&kit);
    day_with(2, seen); /* ten of twelve: more than 0.8 */
    CHECK(kit_counters(&kit).uncovered == 0);
    CHECK(memcmp(seen, whole, gh_detector_count * sizeof *seen) == 0);
    kit_close(&kit);
    kit_open(&kit);
    day_with(3, seen);
    CHECK(kit_counters(&kit).uncovered == 1);
    for (uint32_t d = 0; d < gh_detector_count; d++) {
        const bool all = gh_detectors[d]->whole_day;
        CHECK(seen[d] == (all ? GH_NOT_OBSERVABLE : whole[d]));
        told += all && whole[d] != GH_NOT_OBSERVABLE;
    }
    CHECK(told > 0); /* there was something not to say */
    kit_close(&kit);
}

static void the_least_part_is_a_setting(void)
{
    enum gh_observability seen[GH_DETECTORS_MAX];

    kit_prepare(&kit);
    struct gh_evidence_options *evidence = (void *)kit.value[GH_GROUP_EVIDENCE];
    evidence->coverage = 0;
    kit_start(&kit);
    day_with(1000, seen);
    CHECK(kit_counters(&kit).uncovered == 0);
    kit_close(&kit);
}

static void calls_inside_an_experiment_are_no_part_of_the_judged_day(void)
{
    kit_open(&kit);
    kit_say(&kit, KIT_START,
            "'kind':'experiment','actor':'ann','experiment':'x','from':%lld,'until':%lld",
            (long long)KIT_START, (long long)(KIT_START + 2 * KIT_MINUTE));
    kit_say(&kit, KIT_START + KIT_MINUTE,
            "'actor':'ann','experiment':'x','input_tokens':100,'missing':50");
    kit_say(&kit, KIT_START + 2 * KIT_MINUTE, "'actor':'ann','input_tokens':100,'missing':1");
    CHECK(kit_day(&kit, "ann", KIT_START)->missing == 1);
    kit_close(&kit);
}

/* Twenty people of one team, a call a day each; from day 30 on one of them spends ten times as
 * much, and says each day that a call before it never arrived. */
static void company(double coverage)
{
    kit_prepare(&kit);
    struct gh_evidence_options *evidence = (void *)kit.value[GH_GROUP_EVIDENCE];
    evidence->coverage = coverage;
    kit_start(&kit);
    for (int day = 0; day < 40; day++) {
        kit_tick(&kit, KIT_START + day * KIT_DAY + 9 * KIT_HOUR);
        for (int i = 0; i < 20; i++)
            kit_say(&kit, KIT_START + day * KIT_DAY + (9 * 60 + i) * KIT_MINUTE,
                    "'actor':'p%d','team':'t','output_tokens':%d,'missing':%d", i,
                    day >= 30 && i == 0 ? 10000000 : 1000000, day >= 30 && i == 0);
    }
    kit_tick(&kit, KIT_START + 42 * KIT_DAY);
}

/* The newest explanation of what this detector found, NULL: it found nothing. */
static const char *explanation_of(const char *detector)
{
    const char *found = NULL;

    for (uint32_t i = 0; i < kit.changes; i++)
        if (strcmp(kit.change[i].detector, detector) == 0)
            found = kit.change[i].explanation;
    return found;
}

static void days_that_did_not_arrive_raise_nothing_that_rests_on_them(void)
{
    company(0.8);
    CHECK(explanation_of("spend_shift") == NULL && kit_counters(&kit).uncovered == 10);
    kit_close(&kit);
    company(0.5); /* one of two has arrived */
    const char *found = explanation_of("spend_shift");
    CHECK(found != NULL && strstr(found, " more calls of these days never arrived.") != NULL);
    kit_close(&kit);
}

/* A retry storm is told within the hour, whatever else is missing, and says so. */
static void an_incident_of_the_hour_is_told_and_says_what_cannot_be_seen(void)
{
    kit_open(&kit);
    for (int64_t i = 0; i < 400 && explanation_of("runaway") == NULL; i++)
        kit_say(&kit, KIT_START + i * 1000,
                "'actor':'ann','session':'s','agent':'a','input_tokens':20000,'status':'error',"
                "'prompt_hash':'00000000000000aa','missing':1");
    const char *found = explanation_of("runaway");
    CHECK(found != NULL && strstr(found, " more calls of these days never arrived.") != NULL);
    kit_close(&kit);
}

static void a_finding_says_what_cannot_be_seen(void)
{
    char text[200] = "A.";
    struct gh_episode episode = {.calls = 990, .missing = 9};

    gh_tell_missing(&episode, text, sizeof text);
    CHECK(strcmp(text, "A.") == 0);
    episode.missing = 110;
    gh_tell_missing(&episode, text, sizeof text);
    CHECK(strcmp(text, "A. Not all of it can be seen: about 110 more calls of these days "
                       "never arrived.") == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(a_day_of_which_too_much_is_missing_is_not_observable_where_all_of_it_counts),
    GH_TEST(the_least_part_is_a_setting),
    GH_TEST(calls_inside_an_experiment_are_no_part_of_the_judged_day),
    GH_TEST(days_that_did_not_arrive_raise_nothing_that_rests_on_them),
    GH_TEST(an_incident_of_the_hour_is_told_and_says_what_cannot_be_seen),
    GH_TEST(a_finding_says_what_cannot_be_seen),
};

GH_TEST_MAIN(tests)
