/* people_inside.h - what people.c and people_read.c share; nobody else includes it. */
#ifndef GOODHART_EDGE_FIELDS_PEOPLE_INSIDE_H
#define GOODHART_EDGE_FIELDS_PEOPLE_INSIDE_H

#include "base/intern.h"
#include "edge/fields/people.h"

enum { GH_PEOPLE_BYTES_MAX = 64 << 20, GH_PEOPLE_MAX = 1 << 24 };

struct gh_person {
    uint64_t present; /* bits of keys of a profile */
    struct gh_text id, actor, team, manager, role, timezone;
    enum gh_account account;
    struct gh_hours hours;
    uint8_t workdays;
};

struct gh_people {
    struct gh_heap heap;
    struct gh_arena arena;
    struct gh_intern accounts; /* folded */
    struct gh_array owner;     /* uint32_t: by id - 1 of the account, the index of the person */
    struct gh_array person;    /* struct gh_person */
};

static inline struct gh_person *gh_person_at(const struct gh_people *people, uint32_t index)
{
    return gh_array_at(&people->person, index);
}

/* As accounts are compared: e-mails in lower case. Into `to` where it differs. */
struct gh_text gh_account_fold(struct gh_text account, char to[GH_STRING_BYTES_MAX]);
/* The index of the person; UINT32_MAX: nobody's. */
uint32_t gh_people_index(const struct gh_people *people, struct gh_text account);
/* Fills *people, which is {0} but for its memory. */
enum gh_status gh_people_read(struct gh_people *people, const char *path,
                              struct gh_error *error);

#endif
