/* without.h - a source that lacks optional fields: what a simulated company would have told is
 * cut before the engine hears of it. */
#ifndef EVAL_WITHOUT_H
#define EVAL_WITHOUT_H

#include "goodhart/event.h"

#include <stdbool.h>
#include <stddef.h>

struct eval_without {
    uint64_t keys;  /* bits of enum gh_key */
    uint32_t kinds; /* bits of enum gh_kind */
};

/* "prompt_hash,response_hash": keys; "kind:output": all events of a kind. NULL: nothing is
 * cut. False: an unknown name, or a key that every event must have. */
bool eval_without_parse(struct eval_without *without, const char *text);
/* Cuts in place and returns how many events are left, in order. */
size_t eval_without_cut(const struct eval_without *without, struct gh_event *event,
                        size_t count);

#endif
