/* test_starve_maps.c - whichever request for memory is refused: map files and the people file
 * are read whole or not at all. */
#include "edge/fields/map.h"
#include "edge/fields/people.h"

#include "support/starve_kit.h"

#include <unistd.h>

static char folder[64], ours[80], people_path[80];

static void file_put(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");

    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void folder_new(void)
{
    snprintf(folder, sizeof(folder), "/tmp/goodhart-starve-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    snprintf(ours, sizeof(ours), "%s/ours.json", folder);
    snprintf(people_path, sizeof(people_path), "%s.yaml", folder);
    file_put(ours, "{\"rules\": [{\"kind\": \"row\", \"is\": \"ignore\"}]}");
    file_put(people_path, "people: [{actor: ada, ids: [a@x, b], team: t, hours: 09:00-17:00,"
                          " timezone: Europe/Berlin}, {actor: bob, manager: b}]\n");
}

static void folder_end(void)
{
    CHECK(unlink(ours) == 0 && unlink(people_path) == 0 && rmdir(folder) == 0);
}

static enum gh_status maps_work(struct gh_error *error)
{
    struct gh_maps *maps = NULL;
    enum gh_status status = gh_maps_load(&maps, folder, error);
    struct gh_mapper *mapper = status == GH_OK ? gh_mapper_new(maps) : NULL;

    CHECK((status == GH_OK) == (maps != NULL));
    if (status == GH_OK && !mapper)
        status = gh_error_set(error, GH_EMEMORY, "out of memory");
    gh_mapper_free(mapper);
    gh_maps_free(maps);
    return status;
}

static enum gh_status people_work(struct gh_error *error)
{
    struct gh_people *people = NULL;
    const enum gh_status status = gh_people_load(&people, people_path, error);

    CHECK((status == GH_OK) == (people != NULL));
    CHECK(!people || gh_people_count(people) == 2);
    gh_people_free(people);
    return status;
}

static void map_files_are_read_or_memory_is_out(void)
{
    folder_new();
    starve(&(struct starve_work){NULL, maps_work, NULL, false});
    folder_end();
}

static void the_people_file_is_read_or_memory_is_out(void)
{
    folder_new();
    starve(&(struct starve_work){NULL, people_work, NULL, false});
    folder_end();
}

static const struct gh_test tests[] = {
    GH_TEST(map_files_are_read_or_memory_is_out),
    GH_TEST(the_people_file_is_read_or_memory_is_out),
};
GH_TEST_MAIN(tests)
