/* config.c - the groups of options and their values. */
#include "app/config.h"

#include "app/config_inside.h"
#include "app/config_value.h"
#include "app/suggest.h"
#include "edge/edge_options.h"
#include "engine/options.h"
#include "store/store_options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t gh_config_group_count(void)
{
    const size_t engine = gh_engine_group_count();
    size_t edge, store;

    gh_edge_groups(&edge);
    gh_store_groups(&store);
    assert(engine <= GH_ENGINE_GROUPS_MAX && engine + edge + store <= GH_CONFIG_GROUPS_MAX);
    return engine + edge + store;
}

const struct gh_option_group *gh_config_group_at(size_t index)
{
    const size_t engine = gh_engine_group_count();
    size_t edge, store;
    const struct gh_option_group *edge_groups = gh_edge_groups(&edge);
    const struct gh_option_group *store_groups = gh_store_groups(&store);

    assert(index < engine + edge + store);
    if (index < engine)
        return gh_engine_group_at(index);
    index -= engine;
    return index < edge ? &edge_groups[index] : &store_groups[index - edge];
}

size_t gh_group_find(const char *name)
{
    size_t i = 0;

    while (i < gh_config_group_count() && strcmp(gh_config_group_at(i)->name, name) != 0)
        i++;
    return i;
}

const char *gh_name_hint(const struct gh_option_group *group, const char *name,
                         char hint[GH_HINT_SIZE])
{
    struct gh_suggest suggest = {.word = name};
    const struct gh_option_group *home = NULL;

    for (size_t i = 0; i < gh_config_group_count(); i++) {
        const struct gh_option_group *g = gh_config_group_at(i);

        if (!group)
            gh_suggest_offer(&suggest, g->name);
        if (!home && gh_option_find(g, name))
            home = g;
    }
    for (size_t i = 0; group && i < group->count; i++)
        gh_suggest_offer(&suggest, group->options[i].name);
    if (home)
        snprintf(hint, GH_HINT_SIZE, ": did you mean %s.%s?", home->name, name);
    else if (suggest.best)
        snprintf(hint, GH_HINT_SIZE, ": did you mean %s?", suggest.best);
    else
        hint[0] = '\0';
    return hint;
}

static enum gh_status config_allocate(struct gh_config **config, struct gh_error *error)
{
    struct gh_config *made = calloc(1, sizeof(*made));

    for (size_t i = 0; made && i < gh_config_group_count(); i++) {
        made->value[i] = calloc(1, gh_config_group_at(i)->size);
        if (!made->value[i]) {
            gh_config_free(made);
            made = NULL;
        }
    }
    *config = made;
    if (made)
        return GH_OK;
    gh_error_set(error, GH_EMEMORY, "configuration: out of memory");
    return GH_EMEMORY;
}

enum gh_status gh_config_new(struct gh_config **config, struct gh_error *error)
{
    const enum gh_status status = config_allocate(config, error);

    for (size_t i = 0; status == GH_OK && i < gh_config_group_count(); i++)
        gh_options_default(gh_config_group_at(i), (*config)->value[i]);
    return status;
}

void gh_config_free(struct gh_config *config)
{
    for (size_t i = 0; config && i < gh_config_group_count(); i++)
        free(config->value[i]);
    free(config);
}

static void config_copy(struct gh_config *to, const struct gh_config *from)
{
    for (size_t i = 0; i < gh_config_group_count(); i++)
        memcpy(to->value[i], from->value[i], gh_config_group_at(i)->size);
}

static void report_to_error(void *context, const char *text)
{
    gh_error_set(context, GH_ECONFIG, "%s", text);
}

enum gh_status gh_config_yaml(struct gh_config *config, const char *name, const char *at,
                              size_t size, struct gh_error *error)
{
    struct gh_error first = {0};
    struct gh_problems problems = {.file = name, .report = report_to_error, .context = &first};
    struct gh_config *copy;
    enum gh_status status = config_allocate(&copy, error);

    if (status != GH_OK)
        return status;
    config_copy(copy, config);
    gh_yaml_read(copy, at, size, &problems);
    if (problems.count)
        status =
            gh_error_set(error, problems.starved ? GH_EMEMORY : GH_ECONFIG, "%s", first.text);
    else
        config_copy(config, copy);
    gh_config_free(copy);
    return status;
}

/* Reads at most one byte more than is legal, so that the reader sees that it is too much. */
static enum gh_status file_read(const char *path, char **at, size_t *size,
                                struct gh_error *error)
{
    const bool standard = !strcmp(path, "-");
    FILE *file = standard ? stdin : fopen(path, "rb");
    enum gh_status status = GH_OK;

    *at = malloc(GH_CONFIG_FILE_BYTES_MAX + 1);
    if (!*at) {
        status = gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    } else if (file) {
        *size = fread(*at, 1, GH_CONFIG_FILE_BYTES_MAX + 1, file);
    }
    if (status == GH_OK && (!file || ferror(file)))
        status = gh_error_set(error, errno == ENOMEM ? GH_EMEMORY : GH_ECONFIG,
                              "%s: cannot be read: %s", path, strerror(errno));
    if (file && !standard)
        fclose(file);
    return status;
}

enum gh_status gh_config_file(struct gh_config *config, const char *path,
                              struct gh_error *error)
{
    char *at = NULL;
    size_t size = 0;
    enum gh_status status = file_read(path, &at, &size, error);

    if (status == GH_OK)
        status = gh_config_yaml(config, path, at, size, error);
    free(at);
    return status;
}

size_t gh_config_check(const char *path, void (*problem)(void *context, const char *text),
                       void *context)
{
    struct gh_problems problems = {.file = path, .report = problem, .context = context};
    struct gh_error error = {0};
    struct gh_config *scratch = NULL;
    char *at = NULL;
    size_t size = 0;

    if (gh_config_new(&scratch, &error) == GH_OK &&
        file_read(path, &at, &size, &error) == GH_OK) {
        gh_yaml_read(scratch, at, size, &problems);
    } else {
        problems.count = 1;
        problem(context, error.text);
    }
    free(at);
    gh_config_free(scratch);
    return problems.count;
}

static enum gh_status set_unknown(const struct gh_option_group *group, const char *assignment,
                                  const char *name, struct gh_error *error)
{
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE];

    gh_text_clean(assignment, strcspn(assignment, "="), shown);
    return gh_error_set(error, GH_ECONFIG, "--set %s: unknown option%s", shown,
                        gh_name_hint(group, name, hint));
}

enum gh_status gh_config_set(struct gh_config *config, const char *assignment,
                             struct gh_error *error)
{
    const char *equals = strchr(assignment, '=');
    char name[2 * GH_SUGGEST_WORD_MAX + 2], problem[GH_PROBLEM_SIZE], *dot;
    struct gh_scalar value = {.notation = GH_NOTATION_ANY};
    const struct gh_option *option;
    size_t group;

    if (!equals)
        return gh_error_set(error, GH_EUSAGE, "--set %s: must be GROUP.OPTION=VALUE",
                            gh_text_clean(assignment, strlen(assignment), problem));
    snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
    dot = strchr(name, '.');
    if (!dot)
        return set_unknown(NULL, assignment, name, error);
    *dot = '\0';
    group = gh_group_find(name);
    if (group == gh_config_group_count())
        return set_unknown(NULL, assignment, name, error);
    option = gh_option_find(gh_config_group_at(group), dot + 1);
    if (!option)
        return set_unknown(gh_config_group_at(group), assignment, dot + 1, error);
    value.at = equals + 1;
    value.size = strlen(value.at);
    if (!gh_value_read(option, value, config->value[group] + option->offset, problem))
        return gh_error_set(error, GH_ECONFIG, "--set %s.%s: %s", name, dot + 1, problem);
    return GH_OK;
}

void gh_config_settle(struct gh_config *config)
{
    const struct gh_identity_options *identity = gh_config_group(config, "identity");
    struct gh_review_options *review = (void *)config->value[gh_group_find("review")];

    if (review->require_authenticated.value == GH_SWITCH_AUTO)
        review->require_authenticated.value =
            identity->keys.text[0] ? GH_SWITCH_ON : GH_SWITCH_OFF;
}

const void *gh_config_group(const struct gh_config *config, const char *group)
{
    const size_t index = gh_group_find(group);

    assert(index < gh_config_group_count());
    return config->value[index];
}

struct gh_settings gh_config_settings(const struct gh_config *config)
{
    struct gh_settings settings = {.override = NULL};

    for (size_t i = 0; i < gh_engine_group_count(); i++)
        settings.value[i] = config->value[i];
    return settings;
}

void gh_config_print(const struct gh_config *config, const struct gh_option_group *group,
                     const struct gh_option *option, char *text, size_t size)
{
    const unsigned char *values = gh_config_group(config, group->name);

    gh_value_print(option, values + option->offset, text, size);
}
