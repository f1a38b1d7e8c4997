/* decoder.c - life of the decoders' scratch. */
#include "edge/decoder.h"

#include "edge/resources.h"

#include <stdlib.h>
#include <string.h>

struct gh_decoder *gh_decoder_new(void)
{
    struct gh_decoder *decoder = calloc(1, sizeof *decoder);

    if (!decoder)
        return NULL;
    decoder->heap.memory = gh_memory_system();
    gh_key_sets_init(&decoder->sets);
    gh_key_lookup_init(&decoder->lookup);
    gh_field_forms_init(decoder->fields);
    gh_name_lookup_init(&decoder->name_lookup);
    memcpy(decoder->day.text, "1970-01-01T", GH_DAY_SIZE);
    if (!gh_key_names_init(&decoder->names)) {
        gh_decoder_free(decoder);
        return NULL;
    }
    return decoder;
}

void gh_decoder_free(struct gh_decoder *decoder)
{
    if (!decoder)
        return;
    gh_arena_free(&decoder->heap, &decoder->texts);
    gh_key_names_free(&decoder->names);
    free(decoder);
}

void gh_decoder_reset(struct gh_decoder *decoder)
{
    gh_arena_reset(&decoder->texts);
}

uint64_t gh_decoder_unknown_keys(const struct gh_decoder *decoder)
{
    return decoder->unknown_keys;
}

bool gh_decoder_finish(struct gh_decoder *decoder, uint32_t unknown, struct gh_event *event,
                       struct gh_refused *refused)
{
    if (!gh_event_from(&decoder->sets, &decoder->members, event, refused))
        return false;
    const uint64_t foreign = decoder->members.seen & ~event->present;
    decoder->unknown_keys += unknown + (unsigned)__builtin_popcountll(foreign);
    return true;
}

bool gh_refuse_memory(struct gh_refused *refused)
{
    return gh_refuse(refused, GH_REFUSED_LIMIT, 0, (struct gh_text){0}, "out of memory");
}
