/* without.c - see without.h. */
#include "eval/without.h"

#include <string.h>

static const struct {
    size_t offset, size;
    uint32_t required; /* kinds */
} fields[GH_KEY_COUNT] = {
#define FIELD_ROW(key, type, field, kinds, required, help) \
    {offsetof(struct gh_event, field), sizeof(((struct gh_event *)0)->field), required},
    GH_EVENT_KEYS(FIELD_ROW)};

static bool same(const char *name, const char *at, size_t size)
{
    return strlen(name) == size && memcmp(name, at, size) == 0;
}

static bool name_parse(struct eval_without *without, const char *at, size_t size)
{
    static const char prefix[] = "kind:";
    const size_t skip = sizeof prefix - 1;
    const bool kind = size > skip && memcmp(at, prefix, skip) == 0;

    for (uint32_t i = 0; kind && i < GH_KIND_COUNT; i++)
        if (i != GH_USAGE && i != GH_TICK &&
            same(gh_kind_name((enum gh_kind)i), at + skip, size - skip)) {
            without->kinds |= 1u << i;
            return true;
        }
    for (uint32_t i = 0; i < GH_KEY_COUNT; i++) /* up to the actor every event needs them */
        if (fields[i].required == 0 && i > GH_KEY_actor &&
            same(gh_key_name((enum gh_key)i), at, size)) {
            without->keys |= UINT64_C(1) << i;
            return true;
        }
    return false;
}

bool eval_without_parse(struct eval_without *without, const char *text)
{
    *without = (struct eval_without){0};
    for (const char *at = text; at != NULL && *at;) {
        const size_t size = strcspn(at, ",");
        if (!name_parse(without, at, size))
            return false;
        at += size + (at[size] == ',');
    }
    return true;
}

size_t eval_without_cut(const struct eval_without *without, struct gh_event *event,
                        size_t count)
{
    size_t left = 0;

    for (size_t i = 0; i < count; i++) {
        struct gh_event cut = event[i];
        if (without->kinds >> cut.kind & 1u)
            continue;
        for (uint32_t key = 0; key < GH_KEY_COUNT; key++)
            if (without->keys >> key & 1u)
                memset((char *)&cut + fields[key].offset, 0, fields[key].size);
        cut.present &= ~without->keys;
        event[left++] = cut;
    }
    return left;
}
