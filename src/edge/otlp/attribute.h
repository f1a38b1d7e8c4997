/* attribute.h - the usual attribute, a name and a value that is no list, in one piece of the
 * arena. Each encoding reads it in one go, and leaves what is not usual to the descriptors. */
#ifndef GOODHART_EDGE_OTLP_ATTRIBUTE_H
#define GOODHART_EDGE_OTLP_ATTRIBUTE_H

#include "edge/otlp/arena.h"
#include "edge/otlp/otlp.pb-c.h"

struct gh_otlp_attribute {
    Otlp__KeyValue named;
    Otlp__AnyValue value;
};

/* One whose name is empty and whose value is not set; NULL: as gh_otlp_arena_take. */
static inline struct gh_otlp_attribute *gh_otlp_attribute_new(struct gh_otlp_arena *arena)
{
    static const struct gh_otlp_attribute empty = {
        .named = {.base = PROTOBUF_C_MESSAGE_INIT(&otlp__key_value__descriptor)},
        .value = {.base = PROTOBUF_C_MESSAGE_INIT(&otlp__any_value__descriptor)}};
    struct gh_otlp_attribute *const to = gh_otlp_arena_take(arena, sizeof *to);

    if (to != NULL) {
        *to = empty;
        to->named.value = &to->value;
    }
    return to;
}

#endif
