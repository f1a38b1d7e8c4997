/* fuzz_routes.c - libFuzzer target: bytes as a routes file. It is refused with its place; or it
 * is taken, and every route has a name of its own and a sort. */
#include "edge/sinks/sink_routes.h"

#include "support/sources_check.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *routes_trouble(const struct gh_sink_routes *routes)
{
    for (size_t i = 0; i < routes->count; i++) {
        const struct gh_route_value *value = routes->route[i].value;
        if (!value[GH_ROUTE_name].text || !value[GH_ROUTE_sink].text)
            return "a route without name or sort";
        for (size_t k = 0; k < i; k++)
            if (!strcmp(routes->route[k].value[GH_ROUTE_name].text, value[GH_ROUTE_name].text))
                return "two routes of one name";
        for (unsigned m = 0; m < GH_ROUTE_MEMBERS; m++)
            if ((value[m].text && !value[m].text[0]) || !value[m].text != !value[m].line)
                return "a text that is empty or nowhere";
    }
    return NULL;
}

static const char *refusal_trouble(const char *path, const struct gh_error *error)
{
    const size_t size = strlen(path);
    unsigned line, column;

    if (!strncmp(error->text, "sinks.routes: ", 14)) /* empty, or no text at all */
        return NULL;
    return !strncmp(error->text, path, size) &&
                   sscanf(error->text + size, ":%u:%u: ", &line, &column) == 2 && line && column
               ? NULL
               : "a refusal without its place";
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *path = sources_file(data, size);
    struct gh_sink_routes *routes = NULL;
    struct gh_error error = {0};
    const char *trouble = gh_sink_routes_read(&routes, path, &error) == GH_OK
                              ? routes_trouble(routes)
                              : refusal_trouble(path, &error);

    if (trouble) {
        fprintf(stderr, "fuzz_routes: %s: %s\n", trouble, error.text);
        abort();
    }
    gh_sink_routes_free(routes);
    return 0;
}
