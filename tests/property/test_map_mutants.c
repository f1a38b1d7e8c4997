/* test_map_mutants.c - map files and people files with bytes changed, cut out or put in: each
 * is taken, or refused by name and place, and what is taken can be used. */
#include "edge/embedded.h"
#include "edge/fields/people.h"

#include "support/told_kit.h"

#include <unistd.h>

enum { MUTANTS = 1500, BYTES_MAX = 16384 };

static const char people_file[] =
    "people:\n"
    "  - actor: ada\n"
    "    ids: [Ada@example.com, \"github:ada\"]\n"
    "    team: payments\n"
    "    manager: bob@example.com\n"
    "    account: human\n"
    "    timezone: Europe/Berlin\n"
    "    workdays: Mon-Fri\n"
    "    hours: 09:00-18:00\n"
    "  - {actor: bob, ids: [bob@example.com], role: engineer, team: null}\n";

static char path[64];
static uint64_t state;

static uint64_t draw(uint64_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (state >> 33) % below;
}

/* One to four changes; what is put in is mostly what the format is made of. */
static size_t mutate(char *at, size_t size)
{
    static const char signs[] = "{}[]\",:*@0 \n-&|#\\'";

    for (uint64_t i = draw(4) + 1; i > 0 && size > 8; i--) {
        const size_t from = draw(size), count = draw(8);
        switch (draw(4)) {
        case 0:
            at[from] = (char)draw(256);
            break;
        case 1:
            at[from] = signs[draw(sizeof(signs) - 1)];
            break;
        case 2:
            if (from + count < size) {
                memmove(at + from, at + from + count, size - from - count);
                size -= count;
            }
            break;
        default:
            if (from + count < size && size + count < BYTES_MAX) {
                memmove(at + from + count, at + from, size - from);
                size += count;
            }
            break;
        }
    }
    return size;
}

static void file_put(const char *at, size_t size)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fwrite(at, 1, size, file) == size && fclose(file) == 0);
}

static bool is_refusal(enum gh_status status, const struct gh_error *error)
{
    return status == GH_ECONFIG && error->status == GH_ECONFIG &&
           !strncmp(error->text, path, strlen(path));
}

/* Reads the mutant and, where it is taken, maps records by it. */
static bool map_mutant(bool *taken)
{
    static const struct gh_field fields[] = {
        TEXT("user.email", "a@x"),   TEXT("request_id", "r"),        WHOLE("input_tokens", 7),
        TEXT("output_tokens", "9"),  TEXT("type", "input"),          REAL("cost_usd", 0.5),
        TEXT("query_source", "sub"), TEXT("event.kind", "response"), TEXT("model", "m")};
    static const struct gh_text names[] = {{"api_request", 11},
                                           {"claude_code.token.usage", 23}};
    struct gh_maps *maps = NULL;
    struct gh_error error = {0};
    struct gh_event event;
    const enum gh_status status = gh_maps_load_file(&maps, path, &error);
    char text[GH_MAP_EXPLAIN_SIZE];

    *taken = status == GH_OK;
    if (!*taken)
        return is_refusal(status, &error);
    struct gh_mapper *mapper = gh_mapper_new(maps);
    for (unsigned i = 0; mapper && i < 8; i++) {
        struct gh_told told =
            TOLD((enum gh_told_kind)(i % 4), T("claude-code"), names[i / 4], fields);
        (void)gh_map(mapper, &told, &event, NULL);
        gh_mapper_explain(mapper, text);
    }
    gh_mapper_free(mapper);
    gh_maps_free(maps);
    return mapper != NULL;
}

static bool people_mutant(bool *taken)
{
    struct gh_people *people = NULL;
    struct gh_error error = {0};
    struct gh_event event;
    const enum gh_status status = gh_people_load(&people, path, &error);
    uint32_t profiles = 0;

    *taken = status == GH_OK;
    if (!*taken)
        return is_refusal(status, &error);
    for (uint32_t i = 0; i < gh_people_count(people); i++)
        profiles += gh_people_profile(people, i, 1, &event) && event.actor.size > 0;
    const bool fine = profiles <= gh_people_count(people);
    gh_people_free(people);
    return fine;
}

/* Mutants of the text; how many were taken is told, and some must be, and some not. */
static void mutants(const char *at, size_t size, bool (*one)(bool *taken))
{
    static char bytes[BYTES_MAX];
    unsigned wrong = 0, kept = 0;

    snprintf(path, sizeof(path), "/tmp/goodhart-mutant-XXXXXX");
    const int file = mkstemp(path);
    CHECK(file >= 0 && size < BYTES_MAX);
    close(file);
    for (unsigned i = 0; i < MUTANTS; i++) {
        bool taken = false;
        state = i;
        memcpy(bytes, at, size);
        file_put(bytes, mutate(bytes, size));
        if (!one(&taken)) {
            printf("# mutant %u\n", i);
            wrong++;
        }
        kept += taken;
    }
    unlink(path);
    printf("# %u of %d taken\n", kept, MUTANTS);
    CHECK(wrong == 0 && kept > 0 && kept < MUTANTS);
}

static void a_map_file_is_taken_or_refused_with_its_place(void)
{
    size_t size = 0;
    const char *at = gh_embedded("fields/claude-code.json", &size);

    CHECK(at != NULL);
    mutants(at, size, map_mutant);
}

static void a_people_file_is_taken_or_refused_with_its_place(void)
{
    mutants(people_file, sizeof(people_file) - 1, people_mutant);
}

static const struct gh_test tests[] = {
    GH_TEST(a_map_file_is_taken_or_refused_with_its_place),
    GH_TEST(a_people_file_is_taken_or_refused_with_its_place),
};
GH_TEST_MAIN(tests)
