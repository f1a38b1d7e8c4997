/* test_map_mutants.c - map files and people files with bytes changed, cut out or put in: each
 * is taken, or refused by name and place, and what is taken can be used. */
#include "edge/embedded.h"

#include "support/sources_check.h"

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

/* Mutants of the text; how many were taken is told, and some must be, and some not. */
static void mutants(const char *at, size_t size,
                    const char *(*one)(const char *file, bool *taken))
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
        const char *trouble = one(path, &taken);
        if (trouble) {
            printf("# mutant %u: %s\n", i, trouble);
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
    mutants(at, size, sources_map_trouble);
}

static void a_people_file_is_taken_or_refused_with_its_place(void)
{
    mutants(people_file, sizeof(people_file) - 1, sources_people_trouble);
}

static const struct gh_test tests[] = {
    GH_TEST(a_map_file_is_taken_or_refused_with_its_place),
    GH_TEST(a_people_file_is_taken_or_refused_with_its_place),
};
GH_TEST_MAIN(tests)
