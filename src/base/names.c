/* names.c - the names of the contract, from the lists that define it; owners as numbers. */
#include "goodhart/finding.h"

#include "base/hash.h"

#include <assert.h>

#define NAME_OF_VALUE(name, value) [value] = #name,
#define NAME_OF_KEY(key, type, field, kinds, required, help) [GH_KEY_##key] = #key,
#define NAME_OF_REFUSAL(code, name, text) [code] = #name,
#define TEXT_OF_REFUSAL(code, name, text) [code] = text,

const char *gh_refusal_name(enum gh_refusal r)
{
    static const char *const name[] = {GH_REFUSAL_LIST(NAME_OF_REFUSAL)};

    assert(r < GH_REFUSAL_COUNT);
    return name[r];
}

const char *gh_refusal_text(enum gh_refusal r)
{
    static const char *const text[] = {GH_REFUSAL_LIST(TEXT_OF_REFUSAL)};

    assert(r < GH_REFUSAL_COUNT);
    return text[r];
}

const char *gh_kind_name(enum gh_kind k)
{
    static const char *const name[] = {GH_KIND_LIST(NAME_OF_VALUE)};

    assert(k < GH_KIND_COUNT);
    return name[k];
}

const char *gh_key_name(enum gh_key k)
{
    static const char *const name[] = {GH_EVENT_KEYS(NAME_OF_KEY)};

    assert(k < GH_KEY_COUNT);
    return name[k];
}

uint64_t gh_owner_of(struct gh_text name)
{
    const uint64_t hash = name.size > 0 ? gh_hash(name.at, name.size) : 0;

    return hash + (name.size > 0 && hash == 0);
}

const char *gh_behaviour_name(enum gh_behaviour b)
{
    static const char *const name[] = {GH_BEHAVIOUR_LIST(NAME_OF_VALUE)};

    assert(b < GH_BEHAVIOUR_COUNT);
    return name[b];
}

const char *gh_severity_name(enum gh_severity s)
{
    static const char *const name[] = {GH_SEVERITY_LIST(NAME_OF_VALUE)};

    assert(s < GH_SEVERITY_COUNT);
    return name[s];
}

const char *gh_track_name(enum gh_track t)
{
    static const char *const name[] = {GH_TRACK_LIST(NAME_OF_VALUE)};

    assert(t < GH_TRACK_COUNT);
    return name[t];
}

const char *gh_provenance_name(enum gh_provenance p)
{
    static const char *const name[] = {GH_PROVENANCE_LIST(NAME_OF_VALUE)};

    assert(p < GH_PROVENANCE_COUNT);
    return name[p];
}

const char *gh_change_name(enum gh_change c)
{
    static const char *const name[] = {GH_CHANGE_LIST(NAME_OF_VALUE)};

    assert(c < GH_CHANGE_COUNT);
    return name[c];
}
