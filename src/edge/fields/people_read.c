/* people_read.c - the people file from YAML, event by event: so a file of a hundred thousand
 * people needs no tree, and nothing in it nests, repeats or refers but as the schema says.
 * Strict: a member that is not understood may have been a name that was to be another. */
#include "edge/fields/people_inside.h"

#include "base/write.h"
#include "edge/event_value.h"
#include "edge/fields/digest.h"
#include "edge/resources.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

enum { IDS_MAX = 1000 };

struct reading {
    struct gh_people *people;
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event;
    yaml_mark_t mark;
    char where[GH_STRING_BYTES_MAX + 40]; /* "person 3 (ada)" */
    struct gh_zone_cache *zones;
    struct gh_digest digest; /* of the person */
    uint64_t seen;           /* members of the person, as bits of keys */
    bool ids_seen;
    int64_t written[2]; /* when the file was */
    struct gh_error *error;
};

static enum gh_status refuse(const struct reading *r, const char *member, const char *what)
{
    const bool where = r->where[0] != '\0';
    return gh_error_set(r->error, GH_ECONFIG, "%s:%zu:%zu: %s%s%s%s%s", r->path,
                        r->mark.line + 1, r->mark.column + 1, r->where,
                        where && member[0] ? ": " : "", member, where || member[0] ? ": " : "",
                        what);
}

static enum gh_status refuse_memory(const struct reading *r)
{
    return gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->path);
}

/* The next event of the parser. Of the last one nothing may be used any more. */
static enum gh_status next(struct reading *r)
{
    const yaml_parser_t *p = &r->parser;
    char what[160];

    yaml_event_delete(&r->event);
    memset(&r->event, 0, sizeof(r->event));
    if (yaml_parser_parse(&r->parser, &r->event)) {
        r->mark = r->event.start_mark;
        return GH_OK;
    }
    if (p->error == YAML_MEMORY_ERROR)
        return refuse_memory(r);
    r->mark = p->error == YAML_READER_ERROR ? p->mark : p->problem_mark;
    snprintf(what, sizeof(what), "must be YAML or JSON in UTF-8: %s",
             p->problem ? p->problem : "cannot be read");
    return refuse(r, "", what);
}

static struct gh_text event_text(const struct reading *r)
{
    return (struct gh_text){(const char *)r->event.data.scalar.value,
                            (uint32_t)r->event.data.scalar.length};
}

/* Tags say that a text is something else than what it looks like. */
static bool is_text(const struct reading *r)
{
    return r->event.type == YAML_SCALAR_EVENT && !r->event.data.scalar.tag;
}

/* Whether the event is this name, alone. */
static bool is_name(const struct reading *r, const char *name)
{
    const struct gh_text text = event_text(r);
    return is_text(r) && text.size == strlen(name) && !memcmp(text.at, name, text.size);
}

/* A scalar that says "nothing": empty, ~ or null, without quotes. */
static bool is_nothing(const struct reading *r)
{
    return r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (r->event.data.scalar.length == 0 || is_name(r, "~") || is_name(r, "null"));
}

/* The value of a key of profiles into `field`. */
static enum gh_status value_read(struct reading *r, enum gh_key key, void *field)
{
    const struct gh_key_row *row = &gh_key_rows[key];
    const struct gh_text text = event_text(r);
    struct gh_scalar scalar = {.type = GH_SCALAR_TEXT, .text = text};
    struct gh_refused refused;
    const enum gh_refusal reason = gh_value_take(&scalar, row->type, field);

    if (reason != GH_REFUSED_NOT) {
        gh_refuse_value(&refused, reason, row, &scalar);
        return refuse(r, "", refused.text);
    }
    gh_digest_text(&r->digest, row->name);
    gh_digest_text(&r->digest, text);
    if (row->type != GH_TYPE_TEXT)
        return GH_OK;
    *(struct gh_text *)field = gh_arena_copy(&r->people->heap, &r->people->arena, text);
    return ((struct gh_text *)field)->at ? GH_OK : refuse_memory(r);
}

static enum gh_status zone_check(struct reading *r, struct gh_text name)
{
    const struct gh_zones zones = gh_zone_cache_zones(r->zones);

    errno = 0;
    if (zones.find(zones.context, name))
        return GH_OK;
    return errno == ENOMEM
               ? refuse_memory(r)
               : refuse(r, "timezone", "no such zone: a name such as Europe/Berlin");
}

/* An account of the person that is being read; the actor may also stand among its ids. */
static enum gh_status account_add(struct reading *r, const char *member, struct gh_text text)
{
    struct gh_people *p = r->people;
    const uint32_t before = gh_intern_count(&p->accounts), mine = p->person.count - 1;
    char folded[GH_STRING_BYTES_MAX], what[GH_STRING_BYTES_MAX + 64];
    const uint32_t id = gh_intern_add(&p->heap, &p->accounts, gh_account_fold(text, folded));

    if (!id)
        return refuse_memory(r);
    if (gh_intern_count(&p->accounts) > before) {
        uint32_t *owner = gh_array_add(&p->heap, &p->owner, 1);
        if (!owner)
            return refuse_memory(r);
        *owner = mine;
        return GH_OK;
    }
    const uint32_t other = *(const uint32_t *)gh_array_at(&p->owner, id - 1);
    if (other == mine)
        return GH_OK;
    struct gh_writer w = gh_writer_on(what, sizeof(what));
    gh_write(&w, "the same as that of person ");
    gh_write_count(&w, (double)other + 1);
    gh_write(&w, " (");
    gh_write_text(&w, gh_person_at(p, other)->actor);
    gh_write(&w, "): no id twice");
    return refuse(r, member, what);
}

static enum gh_status id_read(struct reading *r)
{
    static const struct gh_text name = {"ids", 3};
    struct gh_scalar scalar = {.type = GH_SCALAR_TEXT, .text = event_text(r)};
    struct gh_text text;

    if (!is_text(r) || gh_value_take(&scalar, GH_TYPE_TEXT, &text) != GH_REFUSED_NOT)
        return refuse(r, "ids", "a list of texts of 1 to 256 bytes without control characters");
    gh_digest_text(&r->digest, name);
    gh_digest_text(&r->digest, text);
    return account_add(r, "ids", text);
}

static enum gh_status ids_read(struct reading *r)
{
    enum gh_status status = GH_OK;
    uint32_t count = 0;

    if (r->event.type == YAML_SCALAR_EVENT && is_nothing(r))
        return GH_OK;
    if (r->event.type == YAML_SCALAR_EVENT)
        return id_read(r);
    if (r->event.type != YAML_SEQUENCE_START_EVENT)
        return refuse(r, "ids", "a list of texts of 1 to 256 bytes without control characters");
    while ((status = next(r)) == GH_OK && r->event.type != YAML_SEQUENCE_END_EVENT) {
        if (++count > IDS_MAX)
            return refuse(r, "ids", "more than 1000: at most 1000");
        status = id_read(r);
        if (status != GH_OK)
            break;
    }
    return status;
}

static void where_set(struct reading *r, struct gh_text actor)
{
    struct gh_writer w = gh_writer_on(r->where, sizeof(r->where));
    gh_write(&w, "person ");
    gh_write_count(&w, (double)r->people->person.count);
    if (!actor.at)
        return;
    gh_write(&w, " (");
    gh_write_text(&w, actor);
    gh_write(&w, ")");
}

/* The member whose name was read: its value is the event. */
static enum gh_status member_read(struct reading *r, struct gh_person *person, enum gh_key key)
{
    const struct {
        enum gh_key key;
        void *field;
    } field[] = {{GH_KEY_actor, &person->actor},       {GH_KEY_team, &person->team},
                 {GH_KEY_manager, &person->manager},   {GH_KEY_role, &person->role},
                 {GH_KEY_account, &person->account},   {GH_KEY_timezone, &person->timezone},
                 {GH_KEY_workdays, &person->workdays}, {GH_KEY_hours, &person->hours}};
    const char *name = gh_key_rows[key].name.at;
    size_t i = 0;

    if (!is_text(r))
        return refuse(r, name, "a text");
    if (r->seen >> key & 1u)
        return refuse(r, name, "given twice");
    r->seen |= UINT64_C(1) << key;
    if (is_nothing(r))
        return GH_OK;
    while (field[i].key != key)
        i++;
    enum gh_status status = value_read(r, key, field[i].field);
    if (status == GH_OK && key == GH_KEY_timezone)
        status = zone_check(r, person->timezone);
    if (status == GH_OK && key != GH_KEY_actor)
        person->present |= UINT64_C(1) << key;
    if (status != GH_OK || key != GH_KEY_actor)
        return status;
    where_set(r, person->actor);
    return account_add(r, "actor", person->actor);
}

/* GH_KEY_COUNT: ids. */
static enum gh_status name_read(struct reading *r, enum gh_key *key)
{
    static const enum gh_key known[] = {
        GH_KEY_actor,   GH_KEY_team,     GH_KEY_manager,  GH_KEY_role,
        GH_KEY_account, GH_KEY_timezone, GH_KEY_workdays, GH_KEY_hours,
    };
    *key = GH_KEY_COUNT;
    if (is_name(r, "ids"))
        return GH_OK;
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (is_name(r, gh_key_rows[known[i]].name.at))
            *key = known[i];
    return *key != GH_KEY_COUNT
               ? GH_OK
               : refuse(r, "",
                        "not a member; members are actor, ids, team, manager, role, "
                        "account, timezone, workdays, hours");
}

static enum gh_status person_end(struct reading *r, struct gh_person *person)
{
    static const struct gh_text written = {"written", 7};
    char id[sizeof("people:") - 1 + GH_DIGEST_HEX] = "people:";
    const struct gh_text times = {(const char *)r->written, sizeof(r->written)};

    if (!person->actor.at)
        return refuse(r, "actor", "missing");
    gh_digest_text(&r->digest, written);
    gh_digest_text(&r->digest, times);
    gh_digest_hex(&r->digest, id + sizeof("people:") - 1);
    person->id = gh_arena_copy(&r->people->heap, &r->people->arena,
                               (struct gh_text){id, sizeof(id) - 1});
    return person->id.at ? GH_OK : refuse_memory(r);
}

static enum gh_status person_read(struct reading *r)
{
    struct gh_person person = {.present = 0};
    enum gh_status status = GH_OK;
    enum gh_key key;

    if (r->event.type != YAML_MAPPING_START_EVENT)
        return refuse(r, "", "must be a mapping with the member actor");
    if (r->people->person.count == GH_PEOPLE_MAX ||
        !gh_array_add(&r->people->heap, &r->people->person, 1))
        return refuse_memory(r);
    r->seen = 0;
    r->ids_seen = false;
    r->digest = (struct gh_digest){0, 0};
    where_set(r, person.actor);
    const yaml_mark_t start = r->mark;
    while ((status = next(r)) == GH_OK && r->event.type != YAML_MAPPING_END_EVENT) {
        status = name_read(r, &key);
        if (status == GH_OK && key == GH_KEY_COUNT && r->ids_seen)
            status = refuse(r, "ids", "given twice");
        r->ids_seen |= key == GH_KEY_COUNT;
        if (status == GH_OK)
            status = next(r);
        if (status == GH_OK)
            status = key == GH_KEY_COUNT ? ids_read(r) : member_read(r, &person, key);
        if (status != GH_OK)
            return status;
        /* Others name it when they have one of its ids. */
        *gh_person_at(r->people, r->people->person.count - 1) = person;
    }
    if (status != GH_OK)
        return status;
    r->mark = start;
    status = person_end(r, &person);
    *gh_person_at(r->people, r->people->person.count - 1) = person;
    r->where[0] = '\0';
    return status;
}

static enum gh_status root_read(struct reading *r)
{
    static const char shape[] = "the file is one mapping, people: a list, and nothing else";
    static const yaml_event_type_t before[] = {YAML_STREAM_START_EVENT,
                                               YAML_DOCUMENT_START_EVENT,
                                               YAML_MAPPING_START_EVENT},
                                   after[] = {YAML_MAPPING_END_EVENT, YAML_DOCUMENT_END_EVENT,
                                              YAML_STREAM_END_EVENT};
    enum gh_status status = GH_OK;

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]) && status == GH_OK; i++) {
        status = next(r);
        if (status == GH_OK && r->event.type != before[i])
            status = refuse(r, "", shape);
    }
    if (status == GH_OK)
        status = next(r);
    if (status == GH_OK && !is_name(r, "people"))
        status = refuse(r, "", shape);
    if (status == GH_OK)
        status = next(r);
    if (status == GH_OK && r->event.type != YAML_SEQUENCE_START_EVENT)
        status = refuse(r, "people", "a list of people");
    while (status == GH_OK && (status = next(r)) == GH_OK &&
           r->event.type != YAML_SEQUENCE_END_EVENT)
        status = person_read(r);
    for (size_t i = 0; i < sizeof(after) / sizeof(after[0]) && status == GH_OK; i++) {
        status = next(r);
        if (status == GH_OK && r->event.type != after[i])
            status = refuse(r, "", shape);
    }
    return status;
}

/* Managers may be given by any of their ids. */
static void managers_place(struct gh_people *people)
{
    for (uint32_t i = 0; i < people->person.count; i++) {
        struct gh_person *const person = gh_person_at(people, i);
        const struct gh_text manager = gh_people_find(people, person->manager);
        person->manager = manager.at ? manager : person->manager;
    }
}

static enum gh_status file_read(struct reading *r, FILE *file)
{
    struct stat state;

    if (fstat(fileno(file), &state) != 0)
        return gh_error_set(r->error, GH_EIO, "%s: cannot be read: %s", r->path,
                            strerror(errno));
    if (state.st_size > GH_PEOPLE_BYTES_MAX)
        return gh_error_set(r->error, GH_ECONFIG,
                            "%s: more than 64 MiB: at most 67108864 bytes", r->path);
    r->written[0] = (int64_t)state.st_mtim.tv_sec;
    r->written[1] = (int64_t)state.st_mtim.tv_nsec;
    r->zones = gh_zone_cache_new();
    if (!r->zones || !yaml_parser_initialize(&r->parser)) {
        gh_zone_cache_free(r->zones);
        return refuse_memory(r);
    }
    yaml_parser_set_encoding(&r->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_file(&r->parser, file);
    const enum gh_status status = root_read(r);
    yaml_event_delete(&r->event);
    yaml_parser_delete(&r->parser);
    gh_zone_cache_free(r->zones);
    if (status == GH_OK)
        managers_place(r->people);
    return status;
}

enum gh_status gh_people_read(struct gh_people *people, const char *path,
                              struct gh_error *error)
{
    struct reading r = {.people = people, .path = path, .error = error};
    FILE *const file = fopen(path, "re");

    if (!file)
        return gh_error_set(error, GH_EIO, "identity.people: %s: cannot be read: %s", path,
                            strerror(errno));
    const enum gh_status status = file_read(&r, file);
    fclose(file);
    return status;
}
