/* map.c - records to events, by rules. */
#include "edge/fields/map_inside.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct gh_mapper *gh_mapper_new(const struct gh_maps *maps)
{
    struct gh_mapper *mapper = malloc(sizeof(*mapper));

    if (!mapper)
        return NULL;
    memset(mapper, 0, offsetof(struct gh_mapper, scratch));
    mapper->maps = maps;
    mapper->slot = calloc((size_t)gh_intern_count(&maps->names) + 1, sizeof(*mapper->slot));
    if (mapper->slot)
        return mapper;
    free(mapper);
    return NULL;
}

void gh_mapper_free(struct gh_mapper *mapper)
{
    if (!mapper)
        return;
    free(mapper->slot);
    free(mapper);
}

uint64_t gh_mapper_clamped(const struct gh_mapper *mapper)
{
    return mapper->clamped;
}

void gh_mapper_fallback(struct gh_mapper *mapper, struct gh_text actor, struct gh_text team)
{
    mapper->actor = actor;
    mapper->team = team;
}

struct gh_map_met gh_mapper_met(const struct gh_mapper *mapper)
{
    return mapper->met;
}

uint32_t gh_map_fit(struct gh_mapper *m, const struct gh_map_rule *rule)
{
    bool holds = rule->has.count == 0;

    if ((rule->kinds >> m->told->kind & 1u) == 0)
        return GH_MAP_FITS_NOT;
    if (rule->names.count && !gh_map_matches(rule->names, m->name))
        return GH_MAP_FITS_KIND;
    for (uint32_t i = 0; i < rule->has.count && !holds; i++)
        holds = gh_map_field(m, rule->has.id[i]) != NULL;
    if (!holds)
        return GH_MAP_FITS_NAME;
    for (uint32_t i = 0; i < rule->where_count; i++) {
        const size_t used = m->scratch.used;
        const struct gh_field *field = gh_map_field(m, rule->where[i].name);
        holds = field && gh_map_matches(rule->where[i].values, gh_map_text(&m->scratch, field));
        m->scratch.used = used;
        if (!holds)
            return GH_MAP_FITS_HAS + i;
    }
    return GH_MAP_FITS;
}

static struct gh_text prefix_cut(const struct gh_map_file *file, struct gh_text name)
{
    for (uint32_t i = 0; i < file->prefixes.count && name.at; i++) {
        const struct gh_text prefix = file->prefixes.at[i].text;
        if (name.size > prefix.size && memcmp(name.at, prefix.at, prefix.size) == 0)
            return (struct gh_text){name.at + prefix.size, name.size - prefix.size};
    }
    return name;
}

static const struct gh_map_rule *rule_find(struct gh_mapper *m, const struct gh_map_file *file)
{
    m->name = prefix_cut(file, m->told->name);
    for (uint32_t i = 0; i < file->rule_count; i++) {
        const struct gh_map_rule *rule = &file->rule[i];
        if (gh_map_fit(m, rule) != GH_MAP_FITS)
            continue;
        m->met.rule = i + 1;
        return rule;
    }
    return NULL;
}

/* A file that names its sources speaks for them alone: what it does not know of them is not
 * known, whatever others would make of it. */
static const struct gh_map_rule *rule_choose(struct gh_mapper *m)
{
    const struct gh_told *told = m->told;

    m->met = (struct gh_map_met){NULL, 0};
    m->file = NULL;
    for (uint32_t i = 0; i < m->maps->count; i++) {
        const struct gh_map_file *file = &m->maps->file[i];
        const bool any = file->sources.count == 0 && file->scopes.count == 0;
        if (!any && !gh_map_matches(file->sources, told->source) &&
            !gh_map_matches(file->scopes, told->scope))
            continue;
        const struct gh_map_rule *rule = rule_find(m, file);
        if (rule || !any) {
            m->met.file = file->name;
            m->file = file;
            return rule;
        }
    }
    return NULL;
}

/* What is being taken for one key. */
struct taking {
    const struct gh_map_way *way;
    enum gh_value_type type;
    struct gh_scalar scalar;
    bool there, bad;
};

/* The field, or what the list of values makes of it. `there` stays false where it says that
 * it counts for nothing. */
static void field_take(struct gh_mapper *m, struct taking *t, const struct gh_field *field)
{
    static const struct gh_map_way plain;
    const struct gh_map_way *way = t->way;
    const size_t used = m->scratch.used;

    if (way->value_count) {
        const struct gh_text text = gh_map_text(&m->scratch, field);
        uint32_t i = 0;
        while (i < way->value_count &&
               !gh_map_matches((struct gh_map_matches){&way->value[i].from, 1}, text))
            i++;
        if (i == way->value_count || way->value[i].absent) {
            m->scratch.used = used;
            return;
        }
        if (!way->value[i].same) {
            field = &way->value[i].to;
            way = &plain;
        }
    }
    t->there = true;
    t->bad = !gh_map_scalar(&m->scratch, way, t->type, field, &t->scalar);
    t->there = t->bad || t->scalar.type != GH_SCALAR_NULL;
    if (t->scalar.type != GH_SCALAR_TEXT)
        m->scratch.used = used;
}

static void sum_take(struct gh_mapper *m, struct taking *t)
{
    struct gh_scalar sum = {.type =
                                t->type == GH_TYPE_COUNT ? GH_SCALAR_INTEGER : GH_SCALAR_REAL};
    bool any = false;

    for (uint32_t i = 0; i < t->way->names.count && !t->bad; i++) {
        const struct gh_field *field = gh_map_field(m, t->way->names.id[i]);
        t->there = false;
        if (field)
            field_take(m, t, field);
        if (!t->there || t->bad)
            continue;
        any = true;
        if (sum.type == GH_SCALAR_REAL)
            sum.real += t->scalar.real;
        else if (t->scalar.integer < 0 || t->scalar.integer > GH_COUNT_MAX)
            t->bad = true;
        else
            sum.integer += t->scalar.integer;
    }
    t->there = any || t->bad;
    if (!t->bad)
        t->scalar = sum;
}

static void way_take(struct gh_mapper *m, struct taking *t)
{
    if (t->way->names.count == 0) {
        field_take(m, t, &t->way->constant);
        return;
    }
    if (t->way->sum) {
        sum_take(m, t);
        return;
    }
    for (uint32_t i = 0; i < t->way->names.count && !t->there; i++) {
        const struct gh_field *field = gh_map_field(m, t->way->names.id[i]);
        if (field)
            field_take(m, t, field);
    }
}

/* Counts that hold others, until all keys are there. */
struct inside {
    struct {
        enum gh_key key;
        uint64_t minus;
    } of[GH_KEY_COUNT];
    uint32_t count;
};

static enum gh_refusal key_take(struct gh_mapper *m, const struct gh_map_take *take,
                                struct gh_event *event, struct inside *inside, struct taking *t)
{
    const struct gh_key_row *row = &gh_key_rows[take->key];
    const size_t used = m->scratch.used;

    *t = (struct taking){.type = row->type};
    for (uint32_t i = 0; i < take->count && !t->there; i++) {
        t->way = &take->way[i];
        way_take(m, t);
    }
    if (!t->there)
        m->scratch.used = used;
    if (!t->there || t->bad)
        return t->bad ? GH_REFUSED_TYPE : GH_REFUSED_NOT;
    const enum gh_refusal reason =
        gh_value_take(&t->scalar, row->type, (char *)event + row->field);
    event->present |= UINT64_C(1) << take->key;
    if (t->way->minus) {
        inside->of[inside->count].key = take->key;
        inside->of[inside->count++].minus = t->way->minus;
    }
    return reason;
}

static int64_t *count_of(struct gh_event *event, enum gh_key key)
{
    return (int64_t *)(void *)((char *)event + gh_key_rows[key].field);
}

static void inside_subtract(struct gh_mapper *m, const struct inside *inside,
                            struct gh_event *event)
{
    for (uint32_t i = 0; i < inside->count; i++) {
        int64_t *const count = count_of(event, inside->of[i].key);
        for (uint64_t keys = inside->of[i].minus & event->present; keys; keys &= keys - 1)
            *count -= *count_of(event, (enum gh_key)__builtin_ctzll(keys));
        m->clamped += *count < 0;
        *count = *count < 0 ? 0 : *count;
    }
}

static bool part_there(struct gh_mapper *m, const struct gh_map_part *part)
{
    uint32_t there = 0;

    for (uint32_t i = 0; i < part->names.count; i++)
        there += gh_map_field(m, part->names.id[i]) != NULL;
    return part->some ? there > 0 : there == part->names.count;
}

/* "space:name" of one short name, else "space:" and a hash of all of them: names of people
 * and files do not belong into ids, and what is joined by a sign could hold it. */
static bool id_make(struct gh_mapper *m, const struct gh_map_id *id, struct gh_event *event)
{
    enum { ID_MAX = 160 };
    uint32_t i = 0;

    while (i < id->count && !part_there(m, &id->part[i]))
        i++;
    if (i == id->count)
        return false;
    struct gh_text text = {NULL, 0};
    struct gh_digest d = {0, 0};
    const struct gh_map_names names = id->part[i].names;
    for (uint32_t k = 0; k < names.count; k++) {
        const struct gh_field *field = gh_map_field(m, names.id[k]);
        text = field ? gh_map_text(&m->scratch, field) : (struct gh_text){NULL, 0};
        gh_digest_text(&d, text);
    }
    char hex[GH_DIGEST_HEX];
    if (names.count == 1 && text.size <= ID_MAX)
        text = gh_map_clean(&m->scratch, text, GH_STRING_BYTES_MAX);
    else {
        gh_digest_hex(&d, hex);
        text = (struct gh_text){hex, GH_DIGEST_HEX - 1};
    }
    char *const at = m->scratch.at + m->scratch.used;
    const size_t size = id->space.size + 1 + text.size;
    assert(m->scratch.used + size <= sizeof(m->scratch.at));
    memcpy(at, id->space.at, id->space.size);
    at[id->space.size] = ':';
    memcpy(at + id->space.size + 1, text.at, text.size);
    m->scratch.used += size;
    event->id = (struct gh_text){at, (uint32_t)size};
    event->present |= UINT64_C(1) << GH_KEY_id;
    return true;
}

static enum gh_mapped bad(const struct gh_refused *refused, struct gh_error *error)
{
    (void)gh_error_set(error, GH_EFORMAT, "%s", refused->text);
    return GH_MAPPED_BAD;
}

/* Who it was where the record does not say. */
static void actor_default(const struct gh_mapper *m, struct gh_event *event)
{
    if (!GH_HAS(event, actor) && m->actor.at) {
        event->actor = m->actor;
        event->present |= UINT64_C(1) << GH_KEY_actor;
    }
    if (!GH_HAS(event, team) && m->team.at) {
        event->team = m->team;
        event->present |= UINT64_C(1) << GH_KEY_team;
    }
}

/* The time of the record where no rule says better. */
static bool time_default(const struct gh_told *told, struct gh_event *event)
{
    struct gh_scalar s = {.type = GH_SCALAR_INTEGER, .integer = told->time_ms};

    if (GH_HAS(event, ts) || told->time_ms == GH_TOLD_NO_TIME ||
        gh_value_take(&s, GH_TYPE_TIME, &event->ts_ms) != GH_REFUSED_NOT)
        return GH_HAS(event, ts);
    event->present |= UINT64_C(1) << GH_KEY_ts;
    return true;
}

static enum gh_mapped event_make(struct gh_mapper *m, const struct gh_map_rule *rule,
                                 struct gh_event *event, struct gh_error *error)
{
    static const enum gh_kind kinds[GH_MAP_IS_COUNT] = {GH_USAGE, GH_OUTPUT, GH_PROFILE,
                                                        GH_USAGE, GH_USAGE};
    struct inside inside = {.count = 0};
    struct gh_refused refused;
    struct taking t;

    event->kind = kinds[rule->is];
    event->present |= event->kind == GH_USAGE ? 0 : UINT64_C(1) << GH_KEY_kind;
    for (uint32_t i = 0; i < rule->take_count; i++) {
        const enum gh_refusal reason = key_take(m, &rule->take[i], event, &inside, &t);
        if (reason == GH_REFUSED_NOT)
            continue;
        gh_refuse_value(&refused, reason, &gh_key_rows[rule->take[i].key], &t.scalar);
        return bad(&refused, error);
    }
    inside_subtract(m, &inside, event);
    actor_default(m, event);
    const bool timed = time_default(m->told, event);
    const bool named = id_make(m, &rule->id, event);
    if (rule->is == GH_MAP_IS_TOTAL)
        return GH_MAPPED_TOTAL;
    const enum gh_key missing = !named                  ? GH_KEY_id
                                : !timed                ? GH_KEY_ts
                                : !GH_HAS(event, actor) ? GH_KEY_actor
                                                        : GH_KEY_COUNT;
    if (missing == GH_KEY_COUNT)
        return GH_MAPPED_EVENT;
    gh_refuse_missing(&refused, &gh_key_rows[missing], event->kind);
    return bad(&refused, error);
}

enum gh_mapped gh_map(struct gh_mapper *mapper, const struct gh_told *told,
                      struct gh_event *event, struct gh_error *error)
{
    mapper->told = told;
    mapper->scratch.used = 0;
    memset(event, 0, sizeof(*event));
    gh_map_note(mapper);
    const struct gh_map_rule *rule = rule_choose(mapper);
    if (!rule)
        return GH_MAPPED_UNKNOWN;
    if (rule->is == GH_MAP_IS_IGNORE)
        return GH_MAPPED_KNOWN;
    return event_make(mapper, rule, event, error);
}

bool gh_mapper_number(struct gh_mapper *mapper, struct gh_map_number *number)
{
    static const struct gh_map_way plain;
    struct gh_mapper *m = mapper;
    const struct gh_map_file *file = m->file;
    const struct gh_field *field = NULL;
    struct gh_scalar scalar = {.type = GH_SCALAR_NULL};
    struct gh_digest d = {0, 0};
    const size_t used = m->scratch.used;

    if (!file || file->stream.count == 0)
        return false;
    gh_digest_text(&d, (struct gh_text){file->name, (uint32_t)strlen(file->name)});
    for (uint32_t i = 0; i < file->stream.count; i++) {
        field = gh_map_field(m, file->stream.id[i]);
        if (!field)
            return false;
        gh_digest_text(&d, gh_map_text(&m->scratch, field));
    }
    field = NULL;
    for (uint32_t i = 0; i < file->number.count && !field; i++)
        field = gh_map_field(m, file->number.id[i]);
    const bool good = field &&
                      gh_map_scalar(&m->scratch, &plain, GH_TYPE_COUNT, field, &scalar) &&
                      scalar.type == GH_SCALAR_INTEGER && scalar.integer >= 0 &&
                      scalar.integer <= GH_COUNT_MAX;
    m->scratch.used = used;
    *number = (struct gh_map_number){d.a | 1, good ? scalar.integer : 0};
    return good;
}
