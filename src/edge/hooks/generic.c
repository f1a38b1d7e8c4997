/* generic.c - documents of other services, whose names map files know. */
#include "edge/fields/flatten.h"
#include "edge/hooks/hooks_inside.h"

#include <stdlib.h>
#include <string.h>

/* What one document needs. */
struct reader {
    struct gh_hook_tale *tale;
    struct gh_flat *flat;
    struct gh_mapper *mapper;
};

static bool row_tell(void *context, const struct gh_field *field, uint32_t count)
{
    const struct reader *reader = context;
    struct gh_hook_tale *tale = reader->tale;
    const struct gh_told told = {
        .kind = GH_TOLD_ROW,
        .source = {tale->service, (uint32_t)strlen(tale->service)},
        .time_ms = GH_TOLD_NO_TIME,
        .start_ms = GH_TOLD_NO_TIME,
        .field = field,
        .count = count,
    };
    struct gh_event event = {0};

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
    return true;
}

/* The body was read to be checked; what a map sees is read along its bytes. */
static void document_tell(struct reader *reader, const json_t *document)
{
    static const struct gh_flat_plan plain = {.depth = 0};
    const struct gh_flat_rows rows = {row_tell, reader};
    char *text = json_dumps(document, JSON_COMPACT | JSON_ENCODE_ANY);

    reader->tale->starved |= !text;
    if (!text)
        return;
    const char *trouble =
        gh_flatten(reader->flat, &plain, (struct gh_text){text, (uint32_t)strlen(text)}, &rows);
    if (trouble)
        gh_hook_bad(reader->tale, "%s", trouble);
    free(text);
}

void gh_hook_generic(struct gh_hook_tale *tale)
{
    const struct gh_maps *maps = tale->call->maps;
    struct reader reader = {tale, maps ? gh_flat_new() : NULL,
                            maps ? gh_mapper_new(maps) : NULL};
    const json_t *document;
    size_t i;

    tale->unmapped = !maps;
    tale->starved = maps && (!reader.flat || !reader.mapper);
    if (maps && !tale->starved && !json_is_array(tale->body))
        document_tell(&reader, tale->body);
    json_array_foreach(maps && !tale->starved ? tale->body : NULL, i, document)
        document_tell(&reader, document);
    gh_mapper_free(reader.mapper);
    gh_flat_free(reader.flat);
}
