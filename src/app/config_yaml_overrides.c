/* config_yaml_overrides.c - the list of what teams and roles have of their own:
 *
 *     overrides:
 *       - team: research
 *         reason: agents train each other there, agreed with the works council
 *         until: 2026-12-31
 *         set:
 *           agent_loop.enabled: false */
#include "app/config_yaml.h"
#include "app/suggest.h"

#include <stdio.h>
#include <string.h>

enum word { WORD_TEAM, WORD_ROLE, WORD_REASON, WORD_UNTIL, WORD_SET, WORD_COUNT };
static const char *const words[WORD_COUNT] = {"team", "role", "reason", "until", "set"};

/* What people write when they mean one person. */
static const char *const persons[] = {"actor", "actors", "person", "people",
                                      "user",  "users",  "name",   "email"};

static const yaml_node_t *node_at(const struct gh_yaml *yaml, int index)
{
    return yaml_document_get_node(yaml->document, index);
}

static void word_unknown(const struct gh_yaml *yaml, const yaml_node_t *key, const char *name)
{
    struct gh_suggest suggest = {.word = name};
    char shown[GH_CLEAN_SIZE];

    gh_text_clean(name, strlen(name), shown);
    for (size_t i = 0; i < sizeof(persons) / sizeof(persons[0]); i++) {
        if (strcmp(name, persons[i]) != 0)
            continue;
        gh_yaml_tell(yaml->problems, key->start_mark,
                     "overrides: %s: must be for a team or a role, never for a person", shown);
        return;
    }
    for (size_t i = 0; i < WORD_COUNT; i++)
        gh_suggest_offer(&suggest, words[i]);
    gh_yaml_tell(yaml->problems, key->start_mark, "overrides: %s: unknown%s%s%s", shown,
                 suggest.best ? ": did you mean " : ": must be team, role, reason, until, set",
                 suggest.best ? suggest.best : "", suggest.best ? "?" : "");
}

/* The pair of each word in an item, or NULL. False: told of a word that may not be. */
static bool words_find(const struct gh_yaml *yaml, const yaml_node_t *item,
                       const yaml_node_pair_t *found[WORD_COUNT])
{
    size_t seen[WORD_COUNT] = {0};
    bool fine = true;

    for (const yaml_node_pair_t *pair = item->data.mapping.pairs.start;
         pair < item->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = node_at(yaml, pair->key);
        const char *name = gh_yaml_name(yaml, key);
        size_t word = 0;

        while (name && word < WORD_COUNT && strcmp(name, words[word]) != 0)
            word++;
        if (name && word == WORD_COUNT)
            word_unknown(yaml, key, name);
        if (!name || word == WORD_COUNT || gh_yaml_again(yaml, seen, word, key, name))
            fine = false;
        else
            found[word] = pair;
    }
    return fine;
}

static bool words_check(const struct gh_yaml *yaml, const yaml_node_t *item,
                        const yaml_node_pair_t *const found[WORD_COUNT])
{
    const char *missing = !found[WORD_TEAM] && !found[WORD_ROLE] ? "team: or role: is missing"
                          : !found[WORD_REASON]                  ? "reason: is missing"
                          : !found[WORD_SET]                     ? "set: is missing"
                                                                 : NULL;

    if (missing) {
        gh_yaml_tell(yaml->problems, item->start_mark, "overrides: %s", missing);
        return false;
    }
    if (!found[WORD_TEAM] || !found[WORD_ROLE])
        return true;
    const yaml_node_t *team = node_at(yaml, found[WORD_TEAM]->key);
    const yaml_node_t *role = node_at(yaml, found[WORD_ROLE]->key);
    gh_yaml_tell(yaml->problems,
                 team->start_mark.index > role->start_mark.index ? team->start_mark
                                                                 : role->start_mark,
                 "overrides: must be for a team or for a role, not for both");
    return false;
}

/* A text that says something. False: told. */
static bool text_read(const struct gh_yaml *yaml, const yaml_node_pair_t *pair,
                      char text[GH_OPTION_TEXT_SIZE])
{
    const yaml_node_t *key = node_at(yaml, pair->key), *node = node_at(yaml, pair->value);
    char name[GH_CLEAN_SIZE];
    union gh_value value;

    snprintf(name, sizeof(name), "overrides: %s", gh_yaml_text(key));
    if (!gh_yaml_value(yaml, name, &gh_option_free_text, node, &value))
        return false;
    memcpy(text, value.text.text, sizeof(value.text.text));
    if (text[strspn(text, " ")])
        return true;
    gh_yaml_tell(yaml->problems, node->start_mark, "%s: must not be empty", name);
    return false;
}

static bool until_read(const struct gh_yaml *yaml, const yaml_node_pair_t *pair,
                       int64_t *until_ms)
{
    const yaml_node_t *node = pair ? node_at(yaml, pair->value) : NULL;
    char shown[GH_CLEAN_SIZE] = "";
    bool fine = node && node->type == YAML_SCALAR_NODE && gh_yaml_untagged(node);

    *until_ms = INT64_MAX;
    if (!node)
        return true;
    if (fine) {
        const struct gh_scalar scalar = gh_yaml_scalar(node);

        gh_text_clean(scalar.at, scalar.size, shown);
        fine = strlen(scalar.at) == scalar.size && gh_until_parse(scalar.at, until_ms);
    }
    if (!fine)
        gh_yaml_tell(yaml->problems, node->start_mark,
                     "overrides: until: %s%smust be a date (2026-12-31) or a time with an "
                     "offset (2026-12-31T18:00:00Z)",
                     shown, shown[0] ? ": " : "");
    return fine;
}

static void rival_tell(const struct gh_yaml *yaml, const yaml_node_t *key, const char *name,
                       const struct gh_config_override *rival)
{
    char scope[GH_SCOPE_TEXT_SIZE], shown[GH_CLEAN_SIZE];

    gh_scope_print(rival, scope);
    gh_yaml_tell(yaml->problems, key->start_mark,
                 "overrides: %s: given twice for %s, first at %.128s: a second must end before "
                 "the first",
                 name, gh_text_clean(scope, strlen(scope), shown), rival->origin.text);
}

/* One row of `set`: GROUP.OPTION: VALUE. */
static void row_read(struct gh_yaml *yaml, const yaml_node_pair_t *pair,
                     struct gh_config_override *fresh)
{
    const yaml_node_t *key = node_at(yaml, pair->key);
    const char *name = gh_yaml_name(yaml, key);
    char problem[GH_PROBLEM_SIZE], shown[2 * GH_CLEAN_SIZE];
    const struct gh_config_override *rival;
    struct gh_error error = {0};
    union gh_value value;

    if (!name)
        return;
    if (gh_config_find(name, &fresh->place, &error) != GH_OK) {
        gh_yaml_tell(yaml->problems, key->start_mark, "overrides: %s", error.text);
        return;
    }
    if (!gh_override_legal(fresh->place, problem)) {
        gh_yaml_tell(yaml->problems, key->start_mark, "overrides: %s: %s", name, problem);
        return;
    }
    snprintf(shown, sizeof(shown), "overrides: %s", name);
    if (!gh_yaml_value(yaml, shown, gh_option_at(fresh->place), node_at(yaml, pair->value),
                       &value))
        return;
    fresh->value = gh_override_number(fresh->place, &value);
    gh_yaml_origin(yaml, key->start_mark, &fresh->origin);
    rival = gh_override_rival(yaml->config, fresh);
    if (rival)
        rival_tell(yaml, key, name, rival);
    else if (!gh_override_add(yaml->config, fresh, problem)) {
        if (problem[0])
            gh_yaml_tell(yaml->problems, key->start_mark, "overrides: %s", problem);
        else
            gh_yaml_starve(yaml->problems, key->start_mark);
    }
}

static void rows_read(struct gh_yaml *yaml, const yaml_node_t *set,
                      struct gh_config_override *fresh)
{
    if (set->type != YAML_MAPPING_NODE || !gh_yaml_untagged(set) ||
        set->data.mapping.pairs.start == set->data.mapping.pairs.top) {
        gh_yaml_tell(yaml->problems, set->start_mark,
                     "overrides: set: must be a mapping of GROUP.OPTION: VALUE");
        return;
    }
    for (const yaml_node_pair_t *pair = set->data.mapping.pairs.start;
         pair < set->data.mapping.pairs.top; pair++)
        row_read(yaml, pair, fresh);
}

static void item_read(struct gh_yaml *yaml, const yaml_node_t *item)
{
    const yaml_node_pair_t *found[WORD_COUNT] = {NULL};
    struct gh_config_override fresh = {.scope = GH_SCOPE_TEAM};

    if (item->type != YAML_MAPPING_NODE || !gh_yaml_untagged(item)) {
        gh_yaml_tell(yaml->problems, item->start_mark,
                     "overrides: must be a mapping of team: or role:, reason:, until:, set:");
        return;
    }
    if (!words_find(yaml, item, found) || !words_check(yaml, item, found))
        return;
    fresh.scope = found[WORD_TEAM] ? GH_SCOPE_TEAM : GH_SCOPE_ROLE;
    const bool named = text_read(
        yaml, found[fresh.scope == GH_SCOPE_TEAM ? WORD_TEAM : WORD_ROLE], fresh.name);
    const bool reasoned = text_read(yaml, found[WORD_REASON], fresh.reason);
    const bool ended = until_read(yaml, found[WORD_UNTIL], &fresh.until_ms);
    if (named && reasoned && ended)
        rows_read(yaml, node_at(yaml, found[WORD_SET]->value), &fresh);
}

void gh_yaml_overrides(struct gh_yaml *yaml, const yaml_node_t *node)
{
    gh_overrides_drop(yaml->config, GH_LAYER_FILE);
    if (!gh_yaml_null(node)) {
        if (node->type == YAML_SEQUENCE_NODE && gh_yaml_untagged(node))
            for (const yaml_node_item_t *i = node->data.sequence.items.start;
                 i < node->data.sequence.items.top; i++)
                item_read(yaml, node_at(yaml, *i));
        else
            gh_yaml_tell(yaml->problems, node->start_mark,
                         "overrides: must be a list of what teams and roles have of their own");
    }
    gh_overrides_settle(yaml->config);
}
