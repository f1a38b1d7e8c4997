/* fuzz_config.c - libFuzzer target: bytes as a configuration. What is refused changes
 * nothing and is told with its place; what is taken prints as YAML that reads back the same;
 * and gh_config_set takes the same bytes without harm. */
#include "support/whole_config.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fail(const char *what, const char *text)
{
    fprintf(stderr, "fuzz_config: %s: %s\n", what, text);
    abort();
}

static struct gh_config *config_new(void)
{
    struct gh_error error = {0};
    struct gh_config *config;

    if (gh_config_new(&config, &error) != GH_OK)
        fail("no configuration", error.text);
    return config;
}

static void taken_check(const struct gh_config *config)
{
    static char text[GH_WHOLE_CONFIG_SIZE];
    struct gh_config *again = config_new();
    struct gh_error error = {0};
    const size_t size = gh_config_write(config, text);

    if (gh_config_yaml(again, "again", text, size, &error) != GH_OK)
        fail("what was printed is refused", error.text);
    if (!gh_config_same(config, again))
        fail("what was printed reads back differently", text);
    gh_config_free(again);
}

static bool has_place(const char *text)
{
    unsigned line, column;

    return sscanf(text, "fuzz.yaml:%u:%u: ", &line, &column) == 2 && line && column;
}

static void set_check(const uint8_t *data, size_t size)
{
    struct gh_config *config = config_new();
    char *assignment = calloc(1, size + 1);
    struct gh_error error = {0};

    memcpy(assignment, data, size);
    if (gh_config_set(config, assignment, &error) == GH_OK)
        taken_check(config);
    else if (strncmp(error.text, "--set ", 6) != 0)
        fail("a refusal without its place", error.text);
    free(assignment);
    gh_config_free(config);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct gh_config *config = config_new(), *before = config_new();
    struct gh_error error = {0};

    if (gh_config_yaml(config, "fuzz.yaml", (const char *)data, size, &error) == GH_OK)
        taken_check(config);
    else if (!gh_config_same(config, before))
        fail("what was refused changed something", error.text);
    else if (error.status != GH_ECONFIG || !has_place(error.text))
        fail("a refusal without its place", error.text);
    set_check(data, size);
    gh_config_free(config);
    gh_config_free(before);
    return 0;
}
