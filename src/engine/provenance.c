/* provenance.c - see provenance.h. */
#include "engine/provenance.h"

#include <assert.h>
#include <string.h>

/* Identifiers hold no control characters. */
static const char mark = '\x01';

static struct gh_text name_mark(struct gh_text name, char marked[GH_STRING_BYTES_MAX + 1])
{
    assert(name.size > 0 && name.size <= GH_STRING_BYTES_MAX);
    memcpy(marked, name.at, name.size);
    marked[name.size] = mark;
    return (struct gh_text){marked, name.size + 1};
}

uint32_t gh_who_add_apart(struct gh_heap *heap, struct gh_intern *who, struct gh_text name)
{
    char marked[GH_STRING_BYTES_MAX + 1];

    return gh_intern_add(heap, who, name_mark(name, marked));
}

uint32_t gh_who_find_apart(const struct gh_intern *who, struct gh_text name)
{
    char marked[GH_STRING_BYTES_MAX + 1];

    return gh_intern_find(who, name_mark(name, marked));
}

bool gh_who_apart(struct gh_text taken_in)
{
    return taken_in.size > 0 && taken_in.at[taken_in.size - 1] == mark;
}

struct gh_text gh_who_name(struct gh_text taken_in)
{
    taken_in.size -= gh_who_apart(taken_in);
    return taken_in;
}

enum gh_provenance gh_episode_provenance(const struct gh_episode *episode)
{
    if (episode->vouched == 0)
        return GH_SELF_REPORTED;
    return episode->vouched < episode->told ? GH_MIXED : GH_AUTHENTICATED;
}

double gh_episode_authenticated(const struct gh_episode *episode)
{
    return episode->told > 0 ? (double)episode->vouched / (double)episode->told : 0.0;
}
