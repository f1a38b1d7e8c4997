/* people.c - see people.h. */
#include "edge/fields/people_inside.h"

#include "edge/resources.h"

#include <stdlib.h>
#include <string.h>

#define KEY_BIT(key) (UINT64_C(1) << GH_KEY_##key)

struct gh_text gh_account_fold(struct gh_text account, char to[GH_STRING_BYTES_MAX])
{
    if (account.size > GH_STRING_BYTES_MAX || !memchr(account.at, '@', account.size))
        return account;
    for (uint32_t i = 0; i < account.size; i++) {
        const char c = account.at[i];
        to[i] = (char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    }
    return (struct gh_text){to, account.size};
}

uint32_t gh_people_index(const struct gh_people *people, struct gh_text account)
{
    char folded[GH_STRING_BYTES_MAX];

    if (!account.at)
        return UINT32_MAX;
    const uint32_t id = gh_intern_find(&people->accounts, gh_account_fold(account, folded));
    return id ? *(const uint32_t *)gh_array_at(&people->owner, id - 1) : UINT32_MAX;
}

enum gh_status gh_people_load(struct gh_people **people, const char *path,
                              struct gh_error *error)
{
    struct gh_people *const made = calloc(1, sizeof(*made));
    enum gh_status status = GH_OK;

    if (!made)
        return gh_error_set(error, GH_EMEMORY, "%s: out of memory", path);
    made->heap.memory = gh_memory_system();
    made->owner.element_size = sizeof(uint32_t);
    made->person.element_size = sizeof(struct gh_person);
    gh_intern_init(&made->accounts, 0);
    if (path[0])
        status = gh_people_read(made, path, error);
    if (status == GH_OK)
        *people = made;
    else
        gh_people_free(made);
    return status;
}

void gh_people_free(struct gh_people *people)
{
    if (!people)
        return;
    gh_intern_free(&people->heap, &people->accounts);
    gh_array_free(&people->heap, &people->owner);
    gh_array_free(&people->heap, &people->person);
    gh_arena_free(&people->heap, &people->arena);
    free(people);
}

uint32_t gh_people_count(const struct gh_people *people)
{
    return people->person.count;
}

struct gh_text gh_people_find(const struct gh_people *people, struct gh_text account)
{
    const uint32_t index = gh_people_index(people, account);

    return index == UINT32_MAX ? (struct gh_text){NULL, 0} : gh_person_at(people, index)->actor;
}

bool gh_people_profile(const struct gh_people *people, uint32_t index, int64_t ts_ms,
                       struct gh_event *event)
{
    const struct gh_person *person = gh_person_at(people, index);

    if (!person->present)
        return false;
    *event = (struct gh_event){.present = person->present | KEY_BIT(kind) | KEY_BIT(id) |
                                          KEY_BIT(ts) | KEY_BIT(actor),
                               .kind = GH_PROFILE,
                               .id = person->id,
                               .ts_ms = ts_ms,
                               .actor = person->actor,
                               .team = person->team,
                               .manager = person->manager,
                               .role = person->role,
                               .account = person->account,
                               .timezone = person->timezone,
                               .workdays = person->workdays,
                               .hours = person->hours};
    return true;
}

struct gh_strangers {
    struct gh_heap heap;
    struct gh_intern accounts;
    uint64_t events[GH_STRANGERS_MAX + 1]; /* by id; 0: those for whom there is no room */
    uint64_t all;
};

struct gh_strangers *gh_strangers_new(void)
{
    struct gh_strangers *const strangers = calloc(1, sizeof(*strangers));

    if (!strangers)
        return NULL;
    strangers->heap.memory = gh_memory_system();
    gh_intern_init(&strangers->accounts, GH_STRANGERS_MAX);
    return strangers;
}

void gh_strangers_free(struct gh_strangers *strangers)
{
    if (!strangers)
        return;
    gh_intern_free(&strangers->heap, &strangers->accounts);
    free(strangers);
}

uint32_t gh_strangers_count(const struct gh_strangers *strangers)
{
    return gh_intern_count(&strangers->accounts);
}

struct gh_stranger gh_strangers_at(const struct gh_strangers *strangers, uint32_t index)
{
    return (struct gh_stranger){gh_intern_text(&strangers->accounts, index + 1),
                                strangers->events[index + 1]};
}

uint64_t gh_strangers_events(const struct gh_strangers *strangers)
{
    return strangers->all;
}

bool gh_people_place(const struct gh_people *people, struct gh_strangers *strangers,
                     struct gh_event *event)
{
    const struct gh_text actor = gh_people_find(people, event->actor);
    char folded[GH_STRING_BYTES_MAX];

    if (actor.at)
        event->actor = actor;
    if (actor.at || !people->person.count || !event->actor.at)
        return true;
    const struct gh_text account = gh_account_fold(event->actor, folded);
    strangers->events[gh_intern_add(&strangers->heap, &strangers->accounts, account)]++;
    strangers->all++;
    return false;
}
