/* map_take.c - the members "keys" and "id" of a map file: how a key is come by. */
#include "edge/fields/map_inside.h"

#include <string.h>

#define SOME_WAY                                                                      \
    "a field's name, or an object with one of name, sum, constant, and unit, minus, " \
    "values, make; or a list of those"

static enum gh_status unit_read(struct gh_map_reader *r, const json_t *value,
                                enum gh_value_type type, struct gh_map_way *way)
{
#define UNIT_NAME(name, text, worth) text,
    static const char *const names[GH_MAP_UNITS] = {GH_MAP_UNIT_LIST(UNIT_NAME)};
    const char *text = json_string_value(value);
    unsigned unit = GH_MAP_UNIT_S;
    while (text && unit < GH_MAP_UNITS && strcmp(text, names[unit]) != 0)
        unit++;
    way->unit = (enum gh_map_unit)unit;
    if (text && type == GH_TYPE_NUMBER && unit >= GH_MAP_UNIT_USD && unit < GH_MAP_UNITS)
        return GH_OK;
    if (text && (type == GH_TYPE_COUNT || type == GH_TYPE_TIME) && unit < GH_MAP_UNIT_USD)
        return GH_OK;
    return gh_map_refuse(r, "s, ms, us, ns for a time or a duration; usd, cents, micro_usd for "
                            "money; others have none");
}

static enum gh_status minus_read(struct gh_map_reader *r, const json_t *value,
                                 enum gh_value_type type, struct gh_map_way *way)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *text = json_string_value(json_array_get(value, i));
        unsigned key = 0;
        while (text && key < GH_KEY_COUNT && strcmp(gh_key_rows[key].name.at, text) != 0)
            key++;
        if (text && key < GH_KEY_COUNT && gh_key_rows[key].type == GH_TYPE_COUNT)
            way->minus |= UINT64_C(1) << key;
        else
            return gh_map_refuse(r, "a list of keys of events that are counts");
    }
    if (way->minus == 0 || type != GH_TYPE_COUNT)
        return gh_map_refuse(r, "a list of keys of events that are counts, for such a key");
    return GH_OK;
}

/* A text, a number or a truth as a field that has no name. */
static bool constant_read(const json_t *value, struct gh_field *field)
{
    *field = (struct gh_field){.type = GH_FIELD_TEXT};
    if (json_is_string(value)) {
        field->as.text.at = json_string_value(value);
        field->as.text.size = (uint32_t)json_string_length(value);
        return field->as.text.size > 0;
    }
    if (json_is_integer(value)) {
        field->type = GH_FIELD_WHOLE;
        field->as.whole = json_integer_value(value);
        return true;
    }
    field->type = GH_FIELD_REAL;
    field->as.real = json_real_value(value);
    return json_is_real(value);
}

/* A constant that no event could hold would make every record a bad one. */
static enum gh_status constant_check(struct gh_map_reader *r, enum gh_key key,
                                     const struct gh_field *field)
{
    static const struct gh_map_way plain;
    const enum gh_value_type type = gh_key_rows[key].type;
    struct gh_map_scratch scratch = {.used = 0};
    struct gh_scalar scalar;
    struct gh_event event;
    struct gh_refused refused;
    if (gh_map_scalar(&scratch, &plain, type, field, &scalar)) {
        const enum gh_refusal reason =
            gh_value_take(&scalar, type, (char *)&event + gh_key_rows[key].field);
        if (reason == GH_REFUSED_NOT)
            return GH_OK;
        gh_refuse_value(&refused, reason, &gh_key_rows[key], &scalar);
        return gh_map_refuse(r, refused.text);
    }
    return gh_map_refuse(r, "not a value that this key may have");
}

static enum gh_status values_read(struct gh_map_reader *r, const json_t *value, enum gh_key key,
                                  struct gh_map_way *way)
{
    struct gh_map_value *const row = gh_map_room(r, json_object_size(value), sizeof(*row));
    const char *text;
    json_t *to;
    if (!row)
        return GH_EMEMORY;
    if (!json_is_object(value) || json_object_size(value) == 0)
        return gh_map_refuse(r, "an object: texts of the source, and what each becomes");
    way->value = row;
    json_object_foreach((json_t *)value, text, to)
    {
        struct gh_map_value *const one = &row[way->value_count++];
        const struct gh_map_spot before = gh_map_member(r, text);
        one->from = gh_map_match_of((struct gh_text){text, (uint32_t)strlen(text)});
        one->absent = json_is_null(to);
        one->same = json_is_true(to);
        const bool constant = !one->absent && !one->same;
        if (constant && !constant_read(to, &one->to))
            return gh_map_refuse(r, "a text, a number, null (as if it were not there) or true "
                                    "(as it came)");
        const enum gh_status status = constant ? constant_check(r, key, &one->to) : GH_OK;
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    return GH_OK;
}

static enum gh_status make_read(struct gh_map_reader *r, const json_t *value,
                                enum gh_value_type type, struct gh_map_way *way)
{
    const char *text = json_string_value(value);
    way->fingerprint = true;
    return text && !strcmp(text, "fingerprint") && type == GH_TYPE_HASH
               ? GH_OK
               : gh_map_refuse(r, "fingerprint, for prompt_hash and response_hash");
}

static enum gh_status sum_read(struct gh_map_reader *r, const json_t *value,
                               enum gh_value_type type, struct gh_map_way *way)
{
    way->sum = true;
    if (type != GH_TYPE_COUNT && type != GH_TYPE_NUMBER)
        return gh_map_refuse(r, "only what is counted has a sum");
    return gh_map_names_read(r, value, &way->names);
}

static enum gh_status way_member(struct gh_map_reader *r, const char *member,
                                 const json_t *value, enum gh_key key, struct gh_map_way *way)
{
    const enum gh_value_type type = gh_key_rows[key].type;
    if (!strcmp(member, "name"))
        return gh_map_names_read(r, value, &way->names);
    if (!strcmp(member, "sum"))
        return sum_read(r, value, type, way);
    if (!strcmp(member, "constant"))
        return constant_read(value, &way->constant) ? constant_check(r, key, &way->constant)
                                                    : gh_map_refuse(r, "a text or a number");
    if (!strcmp(member, "unit"))
        return unit_read(r, value, type, way);
    if (!strcmp(member, "minus"))
        return minus_read(r, value, type, way);
    if (!strcmp(member, "values"))
        return values_read(r, value, key, way);
    if (!strcmp(member, "make"))
        return make_read(r, value, type, way);
    return gh_map_refuse(r, SOME_WAY);
}

static enum gh_status way_read(struct gh_map_reader *r, const json_t *value, enum gh_key key,
                               struct gh_map_way *way)
{
    const char *member;
    json_t *one;
    if (json_is_string(value))
        return gh_map_names_read(r, value, &way->names);
    const bool name = json_object_get(value, "name"), sum = json_object_get(value, "sum"),
               constant = json_object_get(value, "constant");
    if (name + sum + constant != 1)
        return gh_map_refuse(r, SOME_WAY);
    json_object_foreach((json_t *)value, member, one)
    {
        const struct gh_map_spot before = gh_map_member(r, member);
        const enum gh_status status = way_member(r, member, one, key, way);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    return GH_OK;
}

enum gh_status gh_map_take_read(struct gh_map_reader *r, const json_t *value,
                                struct gh_map_take *take)
{
    const bool list = json_is_array(value);
    const size_t count = list ? json_array_size(value) : 1;
    struct gh_map_way *const way = gh_map_room(r, count, sizeof(*way));
    if (!way)
        return GH_EMEMORY;
    if (count == 0 || count > GH_MAP_LIST_MAX)
        return gh_map_refuse(r, SOME_WAY);
    take->way = way;
    for (size_t i = 0; i < count; i++) {
        const struct gh_map_spot before =
            list ? gh_map_element(r, i) : (struct gh_map_spot){r->place, r->where_used};
        const enum gh_status status =
            way_read(r, list ? json_array_get(value, i) : value, take->key, &way[i]);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    take->count = (uint32_t)count;
    return GH_OK;
}

/* A name, a list of names that must all be there, or {"some": those that are there}. */
static enum gh_status part_read(struct gh_map_reader *r, const json_t *value,
                                struct gh_map_part *part)
{
    const json_t *some = json_object_get(value, "some");
    part->some = json_is_object(value);
    if (part->some && (!some || json_object_size(value) != 1))
        return gh_map_refuse(r, "a name, a list of names, or {\"some\": a list of names}");
    if (part->some)
        gh_map_member(r, "some");
    return gh_map_names_read(r, part->some ? some : value, &part->names);
}

static enum gh_status parts_read(struct gh_map_reader *r, const json_t *list,
                                 struct gh_map_id *id)
{
    const size_t count = json_array_size(list);
    struct gh_map_part *const part = gh_map_room(r, count, sizeof(*part));
    if (!part)
        return GH_EMEMORY;
    if (count == 0 || count > GH_MAP_LIST_MAX)
        return gh_map_refuse(r, "a list of names, or of lists of names that belong together");
    for (size_t i = 0; i < count; i++) {
        const struct gh_map_spot before = gh_map_element(r, i);
        const enum gh_status status = part_read(r, json_array_get(list, i), &part[i]);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    id->part = part;
    id->count = (uint32_t)count;
    return GH_OK;
}

enum gh_status gh_map_id_read(struct gh_map_reader *r, const json_t *value,
                              struct gh_map_id *id)
{
    enum { SPACE_MAX = 64 };
    const json_t *space = json_object_get(value, "space"), *of = json_object_get(value, "of");
    const struct gh_text text = {json_string_value(space), (uint32_t)json_string_length(space)};
    if (json_object_size(value) != 2 || !text.size || text.size > SPACE_MAX || !of)
        return gh_map_refuse(r, "{\"space\": a text of 1 to 64 bytes, \"of\": a list}");
    struct gh_map_scratch scratch = {.used = 0};
    if (gh_map_clean(&scratch, text, SPACE_MAX).at != text.at)
        return gh_map_refuse(r, "space: printable ASCII without \" and \\");
    gh_map_member(r, "of");
    const enum gh_status status = parts_read(r, of, id);
    id->space = text;
    return status;
}
