/* map_read.c - a map file from JSON: the rules, and where in the file something is. Strict: a
 * member that is not understood may have been meant to leave something out. */
#include "edge/fields/map_inside.h"

#include "base/write.h"

#include <string.h>

static struct gh_map_spot spot_of(const struct gh_map_reader *r)
{
    return (struct gh_map_spot){r->place, r->where_used};
}

static void where_add(struct gh_map_reader *r, const char *name)
{
    struct gh_writer w =
        gh_writer_on(r->where + r->where_used, sizeof(r->where) - r->where_used);
    gh_write(&w, r->where_used ? " " : "");
    gh_write_text(&w, (struct gh_text){name, (uint32_t)strlen(name)});
    r->where_used += w.used;
}

struct gh_map_spot gh_map_member(struct gh_map_reader *r, const char *member)
{
    const struct gh_map_spot before = spot_of(r);
    r->place = gh_json_member(r->place, member);
    where_add(r, member);
    return before;
}

struct gh_map_spot gh_map_element(struct gh_map_reader *r, size_t index)
{
    const struct gh_map_spot before = spot_of(r);
    char number[24];
    struct gh_writer w = gh_writer_on(number, sizeof(number));
    gh_write_count(&w, (double)index + 1);
    r->place = gh_json_element(r->place, index);
    where_add(r, number);
    return before;
}

void gh_map_back(struct gh_map_reader *r, struct gh_map_spot spot)
{
    r->place = spot.place;
    r->where_used = spot.where_used;
    r->where[r->where_used] = '\0';
}

enum gh_status gh_map_refuse(const struct gh_map_reader *r, const char *what)
{
    unsigned line, column;
    gh_json_line(r->place, &line, &column);
    return gh_error_set(r->error, GH_ECONFIG, "%s:%u:%u: %s%s%s", r->path, line, column,
                        r->where, r->where_used ? ": " : "", what);
}

void *gh_map_room(struct gh_map_reader *r, size_t count, size_t size)
{
    void *const room = gh_arena_take(&r->maps->heap, &r->maps->arena, (count + 1) * size);
    if (room)
        return memset(room, 0, (count + 1) * size);
    (void)gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->path);
    return NULL;
}

static struct gh_text text_of(const json_t *value)
{
    return (struct gh_text){json_string_value(value), (uint32_t)json_string_length(value)};
}

/* Element i of a list; a text is a list of one. NULL: it is no text. */
static const json_t *text_at(const json_t *value, size_t i)
{
    const json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
    const size_t size = json_string_length(one);
    return json_is_string(one) && size > 0 && size <= GH_STRING_BYTES_MAX ? one : NULL;
}

static size_t texts_count(const json_t *value)
{
    return json_is_array(value) ? json_array_size(value) : 1;
}

static enum gh_status texts_refuse(const struct gh_map_reader *r)
{
    return gh_map_refuse(r, "a text of 1 to 256 bytes, or a list of 1 to 256 of them");
}

enum gh_status gh_map_names_read(struct gh_map_reader *r, const json_t *value,
                                 struct gh_map_names *names)
{
    const size_t count = texts_count(value);
    uint32_t *const id = gh_map_room(r, count, sizeof(*id));
    if (!id)
        return GH_EMEMORY;
    if (count == 0 || count > GH_MAP_LIST_MAX)
        return texts_refuse(r);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = text_at(value, i);
        if (!one)
            return texts_refuse(r);
        id[i] = gh_intern_add(&r->maps->heap, &r->maps->names, text_of(one));
        if (!id[i])
            return gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->path);
        if (json_string_value(one)[0] == '@' && id[i] >= GH_MAP_OWN_COUNT)
            return gh_map_refuse(r, "what a record tells itself is @source, @scope, @name, "
                                    "@time, @start, @duration, @trace, @span, @parent, "
                                    "@failed, @value, @record");
    }
    *names = (struct gh_map_names){id, (uint32_t)count};
    return GH_OK;
}

struct gh_map_match gh_map_match_of(struct gh_text text)
{
    const bool begins = text.size > 0 && text.at[text.size - 1] == '*';
    text.size -= begins;
    return (struct gh_map_match){text, begins};
}

enum gh_status gh_map_matches_read(struct gh_map_reader *r, const json_t *value,
                                   struct gh_map_matches *matches)
{
    const size_t count = texts_count(value);
    struct gh_map_match *const at = gh_map_room(r, count, sizeof(*at));
    if (!at)
        return GH_EMEMORY;
    if (count == 0 || count > GH_MAP_LIST_MAX)
        return texts_refuse(r);
    for (size_t i = 0; i < count; i++) {
        const json_t *one = text_at(value, i);
        if (!one)
            return texts_refuse(r);
        at[i] = gh_map_match_of(text_of(one));
    }
    *matches = (struct gh_map_matches){at, (uint32_t)count};
    return GH_OK;
}

/* Place of the text among `names`; `count`: it is none of them. */
static uint32_t name_of(const json_t *value, const char *const *names, uint32_t count)
{
    const char *text = json_string_value(value);
    uint32_t i = 0;
    while (text && i < count && strcmp(text, names[i]) != 0)
        i++;
    return text ? i : count;
}

static enum gh_status kinds_read(struct gh_map_reader *r, const json_t *value, uint32_t *kinds)
{
    static const char *const names[] = {[GH_TOLD_LOG] = "log",
                                        [GH_TOLD_SPAN] = "span",
                                        [GH_TOLD_POINT] = "point",
                                        [GH_TOLD_ROW] = "row"};
    enum { COUNT = sizeof(names) / sizeof(names[0]) };
    for (size_t i = 0; i < texts_count(value); i++) {
        const uint32_t kind = name_of(text_at(value, i), names, COUNT);
        if (kind == COUNT)
            return gh_map_refuse(r, "log, span, point, row, or a list of them");
        *kinds |= 1u << kind;
    }
    return *kinds ? GH_OK : gh_map_refuse(r, "log, span, point, row, or a list of them");
}

static enum gh_status is_read(struct gh_map_reader *r, const json_t *value, enum gh_map_is *is)
{
#define IS_NAME(name, text) text,
    static const char *const names[GH_MAP_IS_COUNT] = {GH_MAP_IS_LIST(IS_NAME)};
    const uint32_t i = name_of(value, names, GH_MAP_IS_COUNT);
    if (i == GH_MAP_IS_COUNT)
        return gh_map_refuse(r, "usage, output, profile, total, ignore");
    *is = (enum gh_map_is)i;
    return GH_OK;
}

static enum gh_status where_read(struct gh_map_reader *r, const json_t *value,
                                 struct gh_map_rule *rule)
{
    struct gh_map_condition *const where =
        gh_map_room(r, json_object_size(value), sizeof(*where));
    const char *name;
    json_t *values;
    if (!where)
        return GH_EMEMORY;
    if (!json_is_object(value) || json_object_size(value) == 0)
        return gh_map_refuse(r, "an object of fields, each with its legal texts");
    rule->where = where;
    json_object_foreach((json_t *)value, name, values)
    {
        struct gh_map_condition *const one = &where[rule->where_count++];
        const struct gh_text text = {name, (uint32_t)strlen(name)};
        const struct gh_map_spot before = gh_map_member(r, name);
        one->name = gh_intern_add(&r->maps->heap, &r->maps->names, text);
        if (!one->name)
            return gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->path);
        const enum gh_status status = gh_map_matches_read(r, values, &one->values);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    return GH_OK;
}

/* Adds what a "keys" object says. `inherited`: of the file; what the rule says itself holds,
 * and keys that this kind of event has not are left out. */
static enum gh_status keys_read(struct gh_map_reader *r, const json_t *value,
                                struct gh_map_rule *rule, bool inherited)
{
    struct gh_map_take *const take = (struct gh_map_take *)rule->take;
    const uint32_t kind = rule->is == GH_MAP_IS_OUTPUT    ? GH_OUTPUT
                          : rule->is == GH_MAP_IS_PROFILE ? GH_PROFILE
                                                          : GH_USAGE;
    const char *name;
    json_t *one;
    if (!json_is_object(value))
        return gh_map_refuse(r, "an object of keys of events");
    json_object_foreach((json_t *)value, name, one)
    {
        const struct gh_map_spot before = gh_map_member(r, name);
        uint32_t key = 0, i = 0;
        while (key < GH_KEY_COUNT && strcmp(gh_key_rows[key].name.at, name) != 0)
            key++;
        if (key == GH_KEY_COUNT || key == GH_KEY_v || key == GH_KEY_kind || key == GH_KEY_id)
            return gh_map_refuse(r, "not a key of events that a map may take");
        while (i < rule->take_count && take[i].key != (enum gh_key)key)
            i++;
        const bool fits = gh_key_rows[key].kinds >> kind & 1u;
        if (!fits && !inherited)
            return gh_map_refuse(r, "events of this kind do not have that key");
        if (fits && i == rule->take_count) {
            take[i].key = (enum gh_key)key;
            const enum gh_status status = gh_map_take_read(r, one, &take[i]);
            if (status != GH_OK)
                return status;
            rule->take_count++;
        }
        gh_map_back(r, before);
    }
    return GH_OK;
}

static enum gh_status rule_check(const struct gh_map_reader *r, const struct gh_map_rule *rule)
{
    bool actor = false;
    if (rule->is == GH_MAP_IS_IGNORE)
        return GH_OK;
    for (uint32_t i = 0; i < rule->take_count; i++)
        actor = actor || rule->take[i].key == GH_KEY_actor;
    if (!actor)
        return gh_map_refuse(r, "keys: actor is missing: neither the rule nor the file has it");
    if (rule->is != GH_MAP_IS_TOTAL && !rule->id.space.at)
        return gh_map_refuse(r, "id is missing: neither the rule nor the file has it");
    return GH_OK;
}

/* Of those of the file that the rule has not itself. */
static enum gh_status inherit(struct gh_map_reader *r, const json_t *root,
                              struct gh_map_rule *rule)
{
    const json_t *keys = json_object_get(root, "keys"), *id = json_object_get(root, "id");
    const struct gh_map_spot rule_spot = spot_of(r);
    enum gh_status status = GH_OK;
    r->place = gh_json_place(r->place.at, (size_t)(r->place.end - r->place.at));
    r->where_used = 0;
    const struct gh_map_spot top = spot_of(r);
    if (keys) {
        gh_map_member(r, "keys");
        status = keys_read(r, keys, rule, true);
        gh_map_back(r, status == GH_OK ? top : spot_of(r));
    }
    if (status == GH_OK && id && !rule->id.space.at) {
        gh_map_member(r, "id");
        status = gh_map_id_read(r, id, &rule->id);
    }
    if (status == GH_OK)
        gh_map_back(r, rule_spot);
    return status;
}

static enum gh_status rule_member(struct gh_map_reader *r, const char *member,
                                  const json_t *value, struct gh_map_rule *rule)
{
    if (!strcmp(member, "about"))
        return json_is_string(value) ? GH_OK : gh_map_refuse(r, "a text");
    if (!strcmp(member, "is"))
        return GH_OK; /* was read before the others */
    if (!strcmp(member, "kind"))
        return kinds_read(r, value, &rule->kinds);
    if (!strcmp(member, "name"))
        return gh_map_matches_read(r, value, &rule->names);
    if (!strcmp(member, "where"))
        return where_read(r, value, rule);
    if (!strcmp(member, "has"))
        return gh_map_names_read(r, value, &rule->has);
    if (!strcmp(member, "keys"))
        return keys_read(r, value, rule, false);
    if (!strcmp(member, "id"))
        return gh_map_id_read(r, value, &rule->id);
    return gh_map_refuse(r, "not a member; members of a rule are about, kind, name, where, "
                            "has, is, id, keys");
}

static enum gh_status rule_read(struct gh_map_reader *r, const json_t *root,
                                const json_t *object, struct gh_map_rule *rule)
{
    const char *member;
    json_t *value;
    enum gh_status status;
    if (!json_is_object(object) || !json_object_get(object, "is") ||
        !json_object_get(object, "kind"))
        return gh_map_refuse(r, "an object with the members kind, is");
    struct gh_map_spot before = gh_map_member(r, "is");
    status = is_read(r, json_object_get(object, "is"), &rule->is);
    if (status != GH_OK)
        return status;
    gh_map_back(r, before);
    rule->take = gh_map_room(r, GH_KEY_COUNT, sizeof(*rule->take));
    if (!rule->take)
        return GH_EMEMORY;
    r->is = rule->is;
    json_object_foreach((json_t *)object, member, value)
    {
        before = gh_map_member(r, member);
        status = rule_member(r, member, value, rule);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    if (rule->is != GH_MAP_IS_IGNORE)
        status = inherit(r, root, rule);
    return status == GH_OK ? rule_check(r, rule) : status;
}

static enum gh_status rules_read(struct gh_map_reader *r, const json_t *root,
                                 const json_t *list, struct gh_map_file *file)
{
    const size_t count = json_array_size(list);
    if (count == 0 || count > GH_MAP_LIST_MAX)
        return gh_map_refuse(r, "a list of 1 to 256 rules");
    struct gh_map_rule *const rule = gh_map_room(r, count, sizeof(*rule));
    if (!rule)
        return GH_EMEMORY;
    file->rule = rule;
    for (size_t i = 0; i < count; i++) {
        const struct gh_map_spot before = gh_map_element(r, i);
        const enum gh_status status = rule_read(r, root, json_array_get(list, i), &rule[i]);
        if (status != GH_OK)
            return status;
        file->rule_count++;
        gh_map_back(r, before);
    }
    return GH_OK;
}

static enum gh_status numbering_read(struct gh_map_reader *r, const json_t *object,
                                     struct gh_map_file *file)
{
    const char *member;
    json_t *value;
    if (!json_is_object(object) || !json_object_get(object, "of") ||
        !json_object_get(object, "number"))
        return gh_map_refuse(r, "an object with the members of, number");
    json_object_foreach((json_t *)object, member, value)
    {
        const struct gh_map_spot before = gh_map_member(r, member);
        const bool of = !strcmp(member, "of");
        if (!of && strcmp(member, "number") != 0)
            return gh_map_refuse(r, "not a member; members of numbering are of, number");
        const enum gh_status status =
            gh_map_names_read(r, value, of ? &file->stream : &file->number);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    return GH_OK;
}

static enum gh_status file_member(struct gh_map_reader *r, json_t *root, const char *member,
                                  struct gh_map_file *file)
{
    const json_t *value = json_object_get(root, member);
    if (!strcmp(member, "about"))
        return json_is_string(value) ? GH_OK : gh_map_refuse(r, "a text");
    if (!strcmp(member, "source"))
        return gh_map_matches_read(r, value, &file->sources);
    if (!strcmp(member, "scope"))
        return gh_map_matches_read(r, value, &file->scopes);
    if (!strcmp(member, "prefix"))
        return gh_map_matches_read(r, value, &file->prefixes);
    if (!strcmp(member, "id") || !strcmp(member, "keys"))
        return json_is_object(value) ? GH_OK : gh_map_refuse(r, "an object");
    if (!strcmp(member, "numbering"))
        return numbering_read(r, value, file);
    if (!strcmp(member, "rules"))
        return rules_read(r, root, value, file);
    return gh_map_refuse(r, "not a member; members are about, source, scope, prefix, id, keys, "
                            "numbering, rules");
}

enum gh_status gh_map_file_read(struct gh_map_reader *r, json_t *root, struct gh_map_file *file)
{
    const char *member;
    json_t *value;
    if (!json_is_object(root) || !json_object_get(root, "rules"))
        return gh_map_refuse(r, "the file is one object with the member rules");
    json_object_foreach(root, member, value)
    {
        const struct gh_map_spot before = gh_map_member(r, member);
        const enum gh_status status = file_member(r, root, member, file);
        if (status != GH_OK)
            return status;
        gh_map_back(r, before);
    }
    return GH_OK;
}
