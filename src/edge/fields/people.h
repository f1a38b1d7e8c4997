/* people.h - the people file: which accounts are one person, and what is known of them.
 *
 * YAML or JSON (which is YAML), one mapping:
 *
 *   people:
 *     - actor: ada                      the person's name here; the others may be absent
 *       ids: [ada@example.com, github:ada, 11111111-2222-4333-8444-555555555555]
 *       team: payments
 *       manager: bob@example.com        an actor, or one of somebody's ids
 *       role: engineer
 *       account: human                  or service
 *       timezone: Europe/Berlin
 *       workdays: Mon-Fri
 *       hours: 09:00-18:00
 *
 * An id is what a source calls an account: an e-mail, a login, a user id. Those with an '@' are
 * the same in either case of ASCII letters. The actor is an id as well. No id twice. */
#ifndef GOODHART_EDGE_FIELDS_PEOPLE_H
#define GOODHART_EDGE_FIELDS_PEOPLE_H

#include "goodhart/error.h"
#include "goodhart/event.h"

/* Does not change once it is loaded, and may be read by several threads. */
struct gh_people;

/* `path` "": nobody. Errors: "FILE:LINE:COLUMN: person 3 (ada): ids: what: legal values"; an id
 * that is given twice names both persons. The caller owns *people. */
GH_MUST_USE enum gh_status gh_people_load(struct gh_people **people, const char *path,
                                          struct gh_error *error);
void gh_people_free(struct gh_people *people); /* NULL is legal */
uint32_t gh_people_count(const struct gh_people *people);

/* The actor who has this account, in one look-up; at == NULL: nobody. Lent. */
struct gh_text gh_people_find(const struct gh_people *people, struct gh_text account);

/* What is known of person `index` as a profile event of this time; false: nothing is. Its id
 * is made of all that the file says of the person and of when the file was written: events of
 * the same file are duplicates, those of one that was changed, and changed back, are new. */
bool gh_people_profile(const struct gh_people *people, uint32_t index, int64_t ts_ms,
                       struct gh_event *event);

/* Accounts that are nobody's: who they are, as far as there is room, and how often they came.
 * For one thread. */
struct gh_strangers;
struct gh_stranger {
    struct gh_text account;
    uint64_t events;
};
enum { GH_STRANGERS_MAX = 1000 };
GH_MUST_USE struct gh_strangers *gh_strangers_new(void); /* NULL: out of memory */
void gh_strangers_free(struct gh_strangers *strangers);  /* NULL is legal */
uint32_t gh_strangers_count(const struct gh_strangers *strangers);
struct gh_stranger gh_strangers_at(const struct gh_strangers *strangers, uint32_t index);
uint64_t gh_strangers_events(const struct gh_strangers *strangers); /* of all accounts */

/* Puts the person in the place of the account. An account that is nobody's stays, is a person
 * of its own and, where there are people, a stranger. False: it is one. */
bool gh_people_place(const struct gh_people *people, struct gh_strangers *strangers,
                     struct gh_event *event);

#endif
