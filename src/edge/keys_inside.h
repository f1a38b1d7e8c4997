/* keys_inside.h - what keys.c and keys_read.c share; nobody else includes it. */
#ifndef GOODHART_EDGE_KEYS_INSIDE_H
#define GOODHART_EDGE_KEYS_INSIDE_H

#include "base/intern.h"
#include "edge/keys.h"

/* Ids of `names` and `publics` are places in `key`, from 1. */
struct gh_keys {
    struct gh_heap heap;
    struct gh_intern names, publics;
    struct gh_intern tokens; /* only to find doubles */
    struct gh_intern words;  /* actors, teams and topics */
    struct gh_access_key *key;
    uint32_t count;
};

#endif
