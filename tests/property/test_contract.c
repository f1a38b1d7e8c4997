/* What: what every registered detector is: a legal table row with legal options, a header
 *       that answers the seven questions, and words that blame nobody.
 * How:  over the registry; episodes with nothing and with huge figures. */
#include "support/registry_walk.h"

#include <ctype.h>

/* --- the row --- */

static void row_check(void)
{
    const struct gh_detector *c = current;
    const bool structural = c->lane == GH_STRUCTURAL;

    HOLDS(c->behaviour < GH_BEHAVIOUR_COUNT &&
              strcmp(c->name, gh_behaviour_name(c->behaviour)) == 0,
          "the name is that of a behaviour of the contract");
    HOLDS(c->version >= 1, "it has a version");
    HOLDS(c->summary[0] && c->reference[0], "it has a summary and a source");
    HOLDS(structural == (c->measure != GH_SCORE), "scores are context, the rest structural");
    HOLDS(c->add >= 0 && c->add < 0.5, "the allowance is a share");
    HOLDS(c->actor_size % 8 == 0 && c->day_size % 8 == 0 && c->session_size % 8 == 0 &&
              c->cell_size % 8 == 0,
          "sizes are multiples of 8");
    HOLDS(c->actor_size <= RIG_STATE && c->day_size <= RIG_STATE, "state is small");
    HOLDS((c->cell_size > 0) == (c->cell_idle_ms > 0), "cells are forgotten after a time");
    HOLDS(c->step && c->observe && c->tell && c->explain, "no function is missing");
}

static void facts_check(void)
{
    HOLDS(current->fact_count >= 1 && current->fact_count <= GH_FACTS_MAX, "a few facts");
    for (uint32_t i = 0; i < current->fact_count; i++) {
        const struct gh_fact_row *fact = &current->fact[i];
        HOLDS(fact->name && fact->name[strspn(fact->name, "abcdefghijklmnopqrstuvwxyz_")] == 0,
              "names of facts are words");
        HOLDS(fact->unit && fact->unit[0], "each fact has a unit");
        for (uint32_t k = 0; k < i; k++)
            HOLDS(strcmp(fact->name, current->fact[k].name) != 0, "facts differ by name");
    }
}

static void every_row_of_the_registry_is_whole(void)
{
    for_each(row_check);
    for_each(facts_check);
    for (uint32_t d = 1; d < gh_detector_count; d++)
        CHECK(strcmp(gh_detectors[d - 1]->name, gh_detectors[d]->name) < 0);
    CHECK(gh_detector_count >= 1 && gh_detector_count <= GH_DETECTORS_MAX);
}

static size_t size_of(enum gh_option_type type)
{
    switch (type) {
    case GH_OPTION_DOUBLE:
        return sizeof(double);
    case GH_OPTION_U32:
        return sizeof(uint32_t);
    case GH_OPTION_BOOL:
        return sizeof(bool);
    case GH_OPTION_SWITCH:
        return sizeof(struct gh_switch);
    case GH_OPTION_TEXT:
        break;
    }
    return sizeof(struct gh_option_text);
}

static void option_check(const struct gh_option *o, size_t struct_size)
{
    const size_t size = size_of(o->type);

    HOLDS(o->name[0] && o->name[strspn(o->name, "abcdefghijklmnopqrstuvwxyz_0123456789")] == 0,
          "names of options are words");
    HOLDS(o->offset % (o->type == GH_OPTION_TEXT ? 1 : size) == 0 &&
              o->offset + size <= struct_size,
          "options lie inside the struct");
    HOLDS(o->type == GH_OPTION_TEXT ||
              (o->min < o->max && isfinite(o->min) && isfinite(o->max)),
          "an option has a range");
    HOLDS(o->fallback >= o->min && o->fallback <= o->max, "the fallback is legal");
    HOLDS(o->unit[0] && o->help[0], "unit and help are told");
    HOLDS(!isupper((unsigned char)o->help[0]) && o->help[strlen(o->help) - 1] != '.',
          "help is a phrase");
}

static void options_check(void)
{
    const struct gh_option_group *group = &current->options;

    HOLDS(strcmp(group->name, current->name) == 0, "the group has the detector's name");
    HOLDS(group->summary[0] && group->count >= 1, "the group is not empty");
    HOLDS(group->size <= RIG_CONFIG, "the configuration is small");
    for (size_t i = 0; i < group->count; i++) {
        const struct gh_option *o = &group->options[i];
        option_check(o, group->size);
        HOLDS(gh_option_find(group, o->name) == o, "each option has its name for itself");
        for (size_t k = 0; k < i; k++) {
            const struct gh_option *other = &group->options[k];
            HOLDS(o->offset >= other->offset + size_of(other->type) ||
                      other->offset >= o->offset + size_of(o->type),
                  "options do not overlap");
        }
    }
}

static void options_are_legal_and_documented(void)
{
    for_each(options_check);
}

/* The seven questions that the header of a detector answers. */
static void header_check(void)
{
    static const char *const word[] = {"Answers", "Misses", "Formula", "Defaults",
                                       "Cost",    "Input",  "Order"};
    static char text[16384];
    char path[128], line[32];
    FILE *file;

    snprintf(path, sizeof path, "src/detect/%s.h", current->name);
    file = fopen(path, "r");
    if (file == NULL) {
        broken("its header can be read from the top of the tree");
        return;
    }
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    for (size_t i = 0; i < sizeof word / sizeof *word; i++) {
        snprintf(line, sizeof line, "\n * %s ", word[i]);
        HOLDS(strstr(text, line) != NULL, word[i]);
    }
}

static void every_header_answers_the_seven_questions(void)
{
    for_each(header_check);
}

/* --- words --- */

static bool utf8_is_valid(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at;) {
        const int more = *at < 0x80       ? 0
                         : *at >> 5 == 6  ? 1
                         : *at >> 4 == 14 ? 2
                         : *at >> 3 == 30 ? 3
                                          : -1;
        if (more < 0 || *at < 0x20 || *at == 0x7f)
            return false;
        at++;
        for (int i = 0; i < more; i++)
            if (*at++ >> 6 != 2)
                return false;
    }
    return true;
}

static void words_check(const char *text, char end)
{
    static const char *const blame[] = {"cheat",  "fraud",     "gaming",     "gamed",  "abus",
                                        "misuse", "dishonest", "manipulat",  "suspic", "guilt",
                                        "violat", "accus",     "misconduct", "fake",   "wast",
                                        "nan",    "inf ",      "inf%"};
    char low[1024] = "";

    for (size_t i = 0; text[i] && i + 1 < sizeof low; i++)
        low[i] = (char)tolower((unsigned char)text[i]);
    HOLDS(text[0] != '\0' && text[strlen(text) - 1] == end, "a text is whole");
    HOLDS(utf8_is_valid(text), "a text is UTF-8 without control characters");
    for (size_t i = 0; i < sizeof blame / sizeof *blame; i++)
        if (strstr(low, blame[i])) {
            printf("# %s\n", text);
            broken(blame[i]);
        }
}

/* An episode with every figure at `figure`. */
static struct gh_episode episode_of(double figure)
{
    struct gh_episode e = {.log_e = figure,
                           .from_ms = RIG_START,
                           .until_ms = figure > 1 ? 253402300799999 : RIG_START,
                           .tokens = figure,
                           .cost_usd = figure,
                           .excess_tokens = figure,
                           .excess_cost_usd = figure,
                           .calls = figure > 1 ? UINT32_MAX : 0,
                           .days = figure > 1 ? UINT32_MAX : 1,
                           .cost_unknown = figure > 1};

    for (int i = 0; i < GH_FACTS_MAX; i++) {
        e.value[i] = figure;
        e.expected[i] = figure > 1 ? figure : NAN;
    }
    return e;
}

static void explain_check(void)
{
    static const double figure[] = {0, 1e-300, 1, 1e18};
    static char name[256];
    char explanation[768], question[320];

    for (size_t i = 0; i < sizeof name; i += 2) /* the longest name there is: 128 signs */
        memcpy(name + i, "\xc3\xa9", 2);
    for (size_t f = 0; f < sizeof figure / sizeof *figure; f++)
        for (int track = 0; track < GH_TRACK_COUNT; track++)
            for (int way = 0; way < 4; way++) {
                const struct gh_episode e = episode_of(figure[f]);
                const struct gh_text text = {way & 1 ? name : "a", way & 1 ? sizeof name : 1};
                const struct gh_telling telling = {&e,      (enum gh_track)track,
                                                   text,    {text, text},
                                                   way & 2, track == GH_INCIDENT && way & 1,
                                                   way & 1};
                current->explain(&telling, explanation, sizeof explanation, question,
                                 sizeof question);
                words_check(explanation, '.');
                words_check(question, '?');
            }
}

static void words_are_whole_and_blame_nobody(void)
{
    for_each(explain_check);
}

static const struct gh_test tests[] = {
    GH_TEST(every_row_of_the_registry_is_whole),
    GH_TEST(options_are_legal_and_documented),
    GH_TEST(every_header_answers_the_seven_questions),
    GH_TEST(words_are_whole_and_blame_nobody),
};

GH_TEST_MAIN(tests)
