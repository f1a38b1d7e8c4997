/* test_map_files.c - map files as files: those built in lead to each of their rules and spell
 * each name once, those of a folder stand in their place, and wrong ones say where. */
#include "edge/embedded.h"

#include "support/told_kit.h"

#include <jansson.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];

static void folder_new(void)
{
    snprintf(folder, sizeof(folder), "/tmp/goodhart-maps-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
}

static void file_put(const char *name, const char *text)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void folder_end(const char *name)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

/* The built-in file of this number; NULL: no more. The caller owns the tree. */
static json_t *built_in(size_t index, const char **name)
{
    size_t seen = 0, size = 0;

    for (size_t i = 0; (*name = gh_embedded_name(i)); i++) {
        if (strncmp(*name, "fields/", 7) != 0 || seen++ < index)
            continue;
        const char *at = gh_embedded(*name, &size);
        *name += 7;
        return json_loadb(at, size, JSON_REJECT_DUPLICATES, NULL);
    }
    return NULL;
}

/* The first text of a value that is one or a list; a '*' at its end fits itself. */
static struct gh_text first_of(const json_t *value)
{
    const json_t *one = json_is_array(value) ? json_array_get(value, 0) : value;

    return (struct gh_text){json_string_value(one), (uint32_t)json_string_length(one)};
}

/* A record that the rule asks for, and nothing else. */
static uint32_t rule_fields(const json_t *rule, struct gh_field *field)
{
    const char *name;
    json_t *values;
    uint32_t count = 0;

    json_object_foreach(json_object_get(rule, "where"), name, values)
    {
        field[count].name = (struct gh_text){name, (uint32_t)strlen(name)};
        field[count].type = GH_FIELD_TEXT;
        field[count++].as.text = first_of(values);
    }
    if (!json_object_get(rule, "has"))
        return count;
    field[count].name = first_of(json_object_get(rule, "has"));
    field[count].type = GH_FIELD_WHOLE;
    field[count++].as.whole = 1;
    return count;
}

static enum gh_told_kind kind_of(const json_t *value)
{
    static const char *const names[] = {"log", "span", "point", "row"};
    const struct gh_text text = first_of(value);
    unsigned i = 0;

    while (i < GH_TOLD_ROW && !is_text(text, names[i]))
        i++;
    return (enum gh_told_kind)i;
}

static void each_rule_can_be_reached(void)
{
    struct told_kit kit;
    const char *name;
    json_t *root, *rule;
    size_t files = 0, index;

    told_kit_open(&kit, "");
    for (; (root = built_in(files, &name)); files++) {
        json_array_foreach(json_object_get(root, "rules"), index, rule)
        {
            struct gh_field field[16] = {{.name = {NULL, 0}}};
            struct gh_told told = {.kind = kind_of(json_object_get(rule, "kind")),
                                   .source = first_of(json_object_get(root, "source")),
                                   .name = first_of(json_object_get(rule, "name")),
                                   .field = field,
                                   .count = rule_fields(rule, field)};
            (void)told_kit_map(&kit, &told);
            const struct gh_map_met met = gh_mapper_met(kit.mapper);
            const bool reached = met.file && !strcmp(met.file, name) && met.rule == index + 1;
            CHECK(reached);
            if (!reached)
                printf("# %s: rule %zu: %s %u\n", name, index + 1, met.file ? met.file : "none",
                       met.rule);
        }
        json_decref(root);
    }
    CHECK(files >= 10);
    told_kit_close(&kit);
}

/* A name that stands twice for one key of one object was meant to be another. */
static bool once(const json_t *value, const char *names[64], unsigned *count)
{
    const char *member;
    json_t *one;
    size_t index;
    bool fine = true;

    if (json_is_string(value)) {
        for (unsigned i = 0; i < *count; i++)
            fine = fine && strcmp(names[i], json_string_value(value)) != 0;
        names[(*count)++] = json_string_value(value);
        return fine && *count < 64;
    }
    json_array_foreach(value, index, one) fine = once(one, names, count) && fine;
    json_object_foreach((json_t *)value, member, one)
    {
        if (!strcmp(member, "name") || !strcmp(member, "sum") || !strcmp(member, "some"))
            fine = once(one, names, count) && fine;
    }
    return fine;
}

static void keys_spell_names_once(const json_t *keys, const char *file)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)keys, key, value)
    {
        const char *names[64];
        unsigned count = 0;
        const bool fine = once(value, names, &count);
        CHECK(fine);
        if (!fine)
            printf("# %s: %s\n", file, key);
    }
}

static void each_name_is_spelt_once(void)
{
    const char *name;
    json_t *root, *rule;
    size_t index;

    for (size_t i = 0; (root = built_in(i, &name)); i++) {
        keys_spell_names_once(json_object_get(root, "keys"), name);
        json_array_foreach(json_object_get(root, "rules"), index, rule)
            keys_spell_names_once(json_object_get(rule, "keys"), name);
        json_decref(root);
    }
}

#define ONE_RULE(rest)                                                                        \
    "{\"source\": \"ours\", \"id\": {\"space\": \"o\", \"of\": [\"id\"]},\n \"rules\": [\n  " \
    "{\"kind\": \"row\", \"is\": \"usage\", \"keys\": {\"actor\": \"who\"" rest "}}]}"

static void a_file_of_the_folder_stands_beside_those_built_in(void)
{
    static const struct gh_field fields[] = {TEXT("id", "7"), TEXT("who", "ada")};
    const struct gh_told told = TOLD(GH_TOLD_ROW, T("ours"), T("x"), fields);
    struct told_kit kit;

    folder_new();
    file_put("ours.json", ONE_RULE(""));
    told_kit_open(&kit, folder);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT && is_text(kit.event.id, "o:7"));
    told_kit_close(&kit);
    folder_end("ours.json");
}

static void a_file_of_the_folder_takes_the_place_of_its_namesake(void)
{
    static const struct gh_field fields[] = {TEXT("id", "7"), TEXT("who", "ada")};
    struct gh_told told = TOLD(GH_TOLD_ROW, T("cursor"), T("x"), fields);
    struct told_kit kit;

    folder_new();
    file_put("cursor.json", ONE_RULE(""));
    told_kit_open(&kit, folder);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_UNKNOWN);
    told.source = T("ours");
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT);
    CHECK(!strcmp(gh_mapper_met(kit.mapper).file, "cursor.json"));
    told_kit_close(&kit);
    folder_end("cursor.json");
}

/* Whether the file is refused with these words behind its name. */
static bool refuses(const char *text, const char *wanted)
{
    struct gh_maps *maps = NULL;
    struct gh_error error = {0};
    char path[128];

    folder_new();
    file_put("bad.json", text);
    snprintf(path, sizeof(path), "%s/bad.json", folder);
    const enum gh_status status = gh_maps_load(&maps, folder, &error);
    folder_end("bad.json");
    gh_maps_free(maps);
    const size_t size = strlen(path);
    if (status == GH_ECONFIG && !strncmp(error.text, path, size) &&
        strstr(error.text + size, wanted))
        return true;
    printf("# %s\n", status == GH_OK ? "taken" : error.text);
    return false;
}

static void what_is_not_understood_is_refused_with_its_place(void)
{
    CHECK(refuses("{\"rules\": [,]}", ":1:12: "));
    CHECK(refuses("{\"rules\": []}", ":1:11: rules: a list of 1 to 256 rules"));
    CHECK(refuses("[]", ":1:1: the file is one object"));
    CHECK(refuses("{\"rulez\": [], \"rules\": []}", "rulez: not a member"));
    CHECK(refuses(ONE_RULE(", \"tokens\": \"x\""), ":3:"));
    CHECK(refuses(ONE_RULE(", \"tokens\": \"x\""), "keys tokens: events of this kind do not"));
    CHECK(refuses(ONE_RULE(", \"tokenz\": \"x\""), "rules 1 keys tokenz: not a key of events"));
    CHECK(refuses(ONE_RULE(", \"model\": \"@nothing\""), "keys model: what a record tells"));
    CHECK(refuses(ONE_RULE(", \"model\": {\"name\": \"a\", \"unit\": \"s\"}"),
                  "model unit: s, ms"));
    CHECK(refuses(ONE_RULE(", \"model\": {\"nam\": \"a\"}"), "keys model: a field's name, or"));
    CHECK(refuses(ONE_RULE(", \"model\": {\"sum\": [\"a\"]}"), "only what is counted"));
    CHECK(refuses(ONE_RULE(", \"origin\": {\"constant\": \"robot\"}"), "interactive, "));
    CHECK(refuses(ONE_RULE(", \"origin\": {\"name\": \"a\", \"values\": {\"b\": \"c\"}}"),
                  "origin values b: "));
    CHECK(refuses(ONE_RULE(", \"output_tokens\": {\"name\": \"a\", \"minus\": [\"model\"]}"),
                  "output_tokens minus: a list of keys"));
    CHECK(refuses(ONE_RULE(", \"model\": {\"name\": \"a\", \"make\": \"fingerprint\"}"),
                  "model make: fingerprint, for prompt_hash"));
    CHECK(refuses("{\"rules\": [{\"kind\": \"row\", \"is\": \"usage\"}]}", "actor is missing"));
    CHECK(refuses("{\"rules\": [{\"kind\": \"row\", \"is\": \"usage\","
                  " \"keys\": {\"actor\": \"a\"}}]}",
                  "rules 1: id is missing"));
    CHECK(
        refuses("{\"rules\": [{\"kind\": \"rows\", \"is\": \"usage\"}]}", "log, span, point"));
    CHECK(refuses("{\"rules\": [{\"kind\": \"row\", \"is\": \"use\"}]}", "usage, output, pro"));
    CHECK(
        refuses("{\"id\": {\"space\": \"\"}, \"rules\": [{\"kind\": \"row\", \"is\": \"usage\","
                " \"keys\": {\"actor\": \"a\"}}]}",
                ":1:8: id: {\"space\""));
}

static void a_folder_that_is_not_there_is_an_error(void)
{
    struct gh_maps *maps = NULL;
    struct gh_error error = {0};

    CHECK(gh_maps_load(&maps, "/nowhere/maps", &error) == GH_EIO && !maps);
    CHECK(strstr(error.text, "service.maps: /nowhere/maps: "));
}

static void other_kinds_of_events_can_be_made(void)
{
    static const char text[] =
        "{\"source\": \"desk\", \"id\": {\"space\": \"desk\", \"of\": [[\"key\", \"at\"]]},"
        " \"rules\": [{\"kind\": \"row\", \"is\": \"output\", \"keys\": {\"actor\": \"by\","
        " \"ts\": {\"name\": \"at\", \"unit\": \"s\"}, \"ref\": \"key\","
        " \"artifact\": {\"constant\": \"ticket\"}, \"units\": \"points\","
        " \"state\": {\"name\": \"to\","
        " \"values\": {\"done\": \"accepted\", \"*\": \"proposed\"}}}}]}";
    static const struct gh_field fields[] = {TEXT("by", "ada"), TEXT("key", "PAY-7"),
                                             REAL("at", 1786000000.123), TEXT("to", "review"),
                                             TEXT("points", "2.5")};
    const struct gh_told told = TOLD(GH_TOLD_ROW, T("desk"), T(""), fields);
    struct told_kit kit;

    folder_new();
    file_put("desk.json", text);
    told_kit_open(&kit, folder);
    CHECK(told_kit_map(&kit, &told) == GH_MAPPED_EVENT && kit.event.kind == GH_OUTPUT);
    CHECK(kit.event.ts_ms == TOLD_TIME_MS && kit.event.artifact == GH_TICKET);
    CHECK(kit.event.state == GH_PROPOSED && kit.event.units == 2.5);
    told_kit_close(&kit);
    folder_end("desk.json");
}

static const struct gh_test tests[] = {
    GH_TEST(each_rule_can_be_reached),
    GH_TEST(each_name_is_spelt_once),
    GH_TEST(a_file_of_the_folder_stands_beside_those_built_in),
    GH_TEST(a_file_of_the_folder_takes_the_place_of_its_namesake),
    GH_TEST(what_is_not_understood_is_refused_with_its_place),
    GH_TEST(a_folder_that_is_not_there_is_an_error),
    GH_TEST(other_kinds_of_events_can_be_made),
};
GH_TEST_MAIN(tests)
