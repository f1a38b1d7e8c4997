/* config.c - the values of all options, and the layers that set them. */
#include "app/config.h"

#include "app/config_inside.h"
#include "app/suggest.h"
#include "edge/edge_options.h"
#include "engine/options.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    if (config) {
        free(config->said);
        free(config->override);
        free(config->settings);
    }
    free(config);
}

/* `count` rows of `size` bytes; NULL with `good` set to false: no memory. */
static void *rows_copy(const void *rows, size_t count, size_t size, bool *good)
{
    void *copy = count ? malloc(count * size) : NULL;

    if (copy)
        memcpy(copy, rows, count * size);
    *good = *good && (copy || !count);
    return copy;
}

enum gh_status gh_config_copy(struct gh_config **copy, const struct gh_config *config,
                              struct gh_error *error)
{
    const size_t said = config->said_count, overrides = config->override_count;
    struct gh_config *made = NULL;
    enum gh_status status = config_allocate(&made, error);
    bool good = true;

    *copy = NULL;
    if (status != GH_OK)
        return status;
    for (size_t i = 0; i < gh_config_group_count(); i++)
        memcpy(made->value[i], config->value[i], gh_config_group_at(i)->size);
    made->said = rows_copy(config->said, said, sizeof(*made->said), &good);
    made->override = rows_copy(config->override, overrides, sizeof(*made->override), &good);
    made->settings = rows_copy(config->settings, overrides, sizeof(*made->settings), &good);
    if (!good) {
        gh_config_free(made);
        gh_error_set(error, GH_EMEMORY, "configuration: out of memory");
        return GH_EMEMORY;
    }
    made->said_count = made->said_room = said;
    made->override_count = made->override_room = overrides;
    gh_overrides_settle(made);
    *copy = made;
    return GH_OK;
}

/* The blocks of values stay where they are: they are lent. */
static void config_take(struct gh_config *config, struct gh_config *from)
{
    const struct gh_config old = *config;

    for (size_t i = 0; i < gh_config_group_count(); i++)
        memcpy(config->value[i], from->value[i], gh_config_group_at(i)->size);
    config->said = from->said;
    config->said_count = from->said_count;
    config->said_room = from->said_room;
    config->override = from->override;
    config->settings = from->settings;
    config->override_count = from->override_count;
    config->override_room = from->override_room;
    from->said = old.said;
    from->override = old.override;
    from->settings = old.settings;
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
    enum gh_status status = gh_config_copy(&copy, config, error);

    if (status != GH_OK)
        return status;
    gh_yaml_read(copy, at, size, &problems);
    if (problems.count)
        status =
            gh_error_set(error, problems.starved ? GH_EMEMORY : GH_ECONFIG, "%s", first.text);
    else
        config_take(config, copy);
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

enum gh_status gh_assignment_take(struct gh_config *config, const char *name,
                                  struct gh_scalar scalar,
                                  const struct gh_option_origin *origin, struct gh_error *error)
{
    struct gh_option_place place;
    union gh_value value;
    char problem[GH_PROBLEM_SIZE];
    const enum gh_status status = gh_config_find(name, &place, error);

    if (status != GH_OK)
        return status;
    if (!gh_value_read(gh_option_at(place), scalar, &value, problem))
        return gh_error_set(error, GH_ECONFIG, "%s: %s", name, problem);
    if (!gh_said_take(config, place, &value, origin))
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", name);
    return GH_OK;
}

enum gh_status gh_config_set(struct gh_config *config, const char *assignment,
                             struct gh_error *error)
{
    static const struct gh_option_origin origin = {GH_LAYER_COMMAND, "--set"};
    const char *equals = strchr(assignment, '=');
    char name[GH_CLEAN_SIZE + 2 * GH_SUGGEST_WORD_MAX];
    struct gh_error why = {0};

    if (!equals)
        return gh_error_set(error, GH_EUSAGE, "--set %s: must be GROUP.OPTION=VALUE",
                            gh_text_clean(assignment, strlen(assignment), name));
    snprintf(name, sizeof(name), "%.*s", (int)(equals - assignment), assignment);
    const struct gh_scalar value = {equals + 1, strlen(equals + 1), GH_NOTATION_ANY};
    if (gh_assignment_take(config, name, value, &origin, &why) == GH_OK)
        return GH_OK;
    return gh_error_set(error, why.status, "--set %s", why.text);
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
    struct gh_settings settings = {.override = config->settings,
                                   .override_count = config->override_count};

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
