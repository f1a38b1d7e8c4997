/* body.h - the body of a request, put together from the parts that arrive, unpacked where it is
 * packed. Bounded twice: each body alone, and all bodies of a server together. */
#ifndef GOODHART_EDGE_HTTP_BODY_H
#define GOODHART_EDGE_HTTP_BODY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* What several bodies share. For any thread. */
struct gh_body_budget {
    size_t most; /* bytes that all of them may hold */
    atomic_size_t used;
};

enum gh_body_state {
    GH_BODY_GOOD,
    GH_BODY_LARGE, /* over its own limit, packed or unpacked */
    GH_BODY_FULL,  /* over what all may hold: later there may be room */
    GH_BODY_BROKEN /* not gzip, or gzip that ends early */
};

struct gh_body {
    char *at; /* what has come so far, unpacked; NULL: nothing yet */
    size_t size;
    enum gh_body_state state; /* once it is not GOOD it stays so, and nothing more is kept */
    size_t most, room, packed;
    struct gh_body_budget *budget;
    struct z_stream_s *stream; /* NULL: not packed */
    bool ended;                /* gzip: the last member has */
};

/* `most`: bytes, counted before and after unpacking. `budget` is lent. */
void gh_body_init(struct gh_body *body, size_t most, struct gh_body_budget *budget, bool gzip);
/* Whatever the bytes unpack to, no more than `most` of it is made. */
enum gh_body_state gh_body_add(struct gh_body *body, const char *at, size_t size);
/* After the last part. */
enum gh_body_state gh_body_end(struct gh_body *body);
/* The bytes become the caller's, who frees them (free): they are no longer of the budget. */
char *gh_body_take(struct gh_body *body);
/* Bytes held before are given back; {0} is legal. */
void gh_body_free(struct gh_body *body);

#endif
