/* map_field.c - the values of a record by the number of their name. Names are looked up once
 * for each field, not once for each rule. */
#include "edge/fields/map_inside.h"

#include <assert.h>
#include <string.h>

static bool own_text(struct gh_field *field, struct gh_text text)
{
    field->type = GH_FIELD_TEXT;
    field->as.text = text;
    return text.at != NULL;
}

static bool own_time(struct gh_field *field, int64_t time_ms)
{
    field->type = GH_FIELD_WHOLE;
    field->as.whole = time_ms;
    return time_ms != GH_TOLD_NO_TIME;
}

/* All that the record tells: the same again is the same, and nothing else is. */
static bool own_record(struct gh_mapper *m, struct gh_field *field)
{
    const struct gh_told *t = m->told;
    struct gh_digest d = {0, 0};
    const int64_t whole[] = {(int64_t)t->kind, t->time_ms, t->start_ms};

    gh_digest_add(&d, whole, sizeof(whole));
    gh_digest_add(&d, &t->value, sizeof(t->value));
    gh_digest_text(&d, t->name);
    gh_digest_text(&d, t->trace);
    gh_digest_text(&d, t->span);
    for (uint32_t i = 0; i < t->count; i++) {
        const size_t used = m->scratch.used;
        gh_digest_text(&d, t->field[i].name);
        gh_digest_text(&d, gh_map_text(&m->scratch, &t->field[i]));
        m->scratch.used = used;
    }
    char *const hex = m->scratch.at + m->scratch.used;
    assert(m->scratch.used + GH_DIGEST_HEX <= sizeof(m->scratch.at));
    gh_digest_hex(&d, hex);
    m->scratch.used += GH_DIGEST_HEX;
    return own_text(field, (struct gh_text){hex, GH_DIGEST_HEX - 1});
}

static bool own_duration(struct gh_field *field, const struct gh_told *told)
{
    return told->start_ms != GH_TOLD_NO_TIME && told->start_ms >= 0 &&
           told->time_ms >= told->start_ms && own_time(field, told->time_ms - told->start_ms);
}

static const struct gh_field *own_field(struct gh_mapper *m, enum gh_map_own name)
{
    const struct gh_told *t = m->told;
    struct gh_field *const field = &m->own[name];
    bool there = false;

    switch (name) {
    case GH_MAP_SOURCE:
        there = own_text(field, t->source);
        break;
    case GH_MAP_SCOPE:
        there = own_text(field, t->scope);
        break;
    case GH_MAP_NAME:
        there = own_text(field, m->name);
        break;
    case GH_MAP_TIME:
        there = own_time(field, t->time_ms);
        break;
    case GH_MAP_START:
        there = own_time(field, t->start_ms);
        break;
    case GH_MAP_DURATION:
        there = own_duration(field, t);
        break;
    case GH_MAP_TRACE:
        there = own_text(field, t->trace);
        break;
    case GH_MAP_SPAN:
        there = own_text(field, t->span);
        break;
    case GH_MAP_PARENT:
        there = own_text(field, t->parent);
        break;
    case GH_MAP_FAILED:
        *field = (struct gh_field){.type = GH_FIELD_TRUTH, .as.truth = t->failed};
        there = true;
        break;
    case GH_MAP_VALUE:
        *field = (struct gh_field){.type = GH_FIELD_REAL, .as.real = t->value};
        there = t->kind == GH_TOLD_POINT;
        break;
    case GH_MAP_RECORD:
        there = own_record(m, field);
        break;
    case GH_MAP_OWN_NONE:
    case GH_MAP_OWN_COUNT:
        break;
    }
    return there ? field : NULL;
}

const struct gh_field *gh_map_field(struct gh_mapper *m, uint32_t name)
{
    const struct gh_field *field = NULL;

    if (name < GH_MAP_OWN_COUNT)
        field = own_field(m, (enum gh_map_own)name);
    else if (m->slot[name].stamp == m->stamp)
        field = m->slot[name].field;
    return field && (field->type != GH_FIELD_TEXT || field->as.text.size > 0) ? field : NULL;
}

void gh_map_note(struct gh_mapper *m)
{
    const struct gh_told *told = m->told;

    m->stamp++;
    for (uint32_t i = 0; i < told->count; i++) {
        const uint32_t id = gh_intern_find(&m->maps->names, told->field[i].name);
        if (id == 0 || m->slot[id].stamp == m->stamp)
            continue;
        m->slot[id] = (struct gh_map_slot){m->stamp, &told->field[i]};
    }
}
