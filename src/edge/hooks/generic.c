/* generic.c - documents of other services, whose names map files know. */
#include "edge/fields/flatten.h"
#include "edge/hooks/hooks_inside.h"

#include <string.h>

/* What one document needs. */
struct reader {
    struct gh_flat *flat;
    struct gh_mapper *mapper;
};

static void document_tell(struct gh_hook_tale *tale, const struct reader *reader,
                          const json_t *document)
{
    struct gh_told told = {
        .kind = GH_TOLD_ROW,
        .source = {tale->service, (uint32_t)strlen(tale->service)},
        .time_ms = GH_TOLD_NO_TIME,
        .start_ms = GH_TOLD_NO_TIME,
    };
    struct gh_event event = {0};

    gh_flatten(reader->flat, document, &told);
    switch (gh_map(reader->mapper, &told, &event, tale->error)) {
    case GH_MAPPED_EVENT:
        gh_hook_tell_event(tale, &event);
        break;
    case GH_MAPPED_BAD:
        tale->bad = true;
        break;
    case GH_MAPPED_UNKNOWN:
        tale->unmapped = true;
        break;
    case GH_MAPPED_TOTAL:
    case GH_MAPPED_KNOWN:
        break;
    }
}

void gh_hook_generic(struct gh_hook_tale *tale)
{
    const struct gh_maps *maps = tale->call->maps;
    struct reader reader = {maps ? gh_flat_new() : NULL, maps ? gh_mapper_new(maps) : NULL};
    const json_t *document;
    size_t i;

    tale->unmapped = !maps;
    tale->starved = maps && (!reader.flat || !reader.mapper);
    if (maps && !tale->starved && !json_is_array(tale->body))
        document_tell(tale, &reader, tale->body);
    json_array_foreach(maps && !tale->starved ? tale->body : NULL, i, document)
        document_tell(tale, &reader, document);
    gh_mapper_free(reader.mapper);
    gh_flat_free(reader.flat);
}
