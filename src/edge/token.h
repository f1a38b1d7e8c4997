/* token.h - bearer tokens: 256 random bits as text. Only their hashes are kept, so that the key
 * file, read by anybody, opens nothing. Whoever has tokens of another maker may enter their
 * hashes: printf %s TOKEN | sha256sum. */
#ifndef GOODHART_EDGE_TOKEN_H
#define GOODHART_EDGE_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

enum {
    GH_TOKEN_SIZE = 47,      /* "gh_", 43 characters of base64url and a NUL */
    GH_TOKEN_HASH_SIZE = 65, /* SHA-256 in lower-case hex and a NUL */
    GH_TOKEN_BYTES_MAX = 512 /* of one that is shown */
};

/* False: no randomness is to be had. */
bool gh_token_new(char token[GH_TOKEN_SIZE]);
void gh_token_hash(const char *token, size_t size, char hash[GH_TOKEN_HASH_SIZE]);
bool gh_token_hash_legal(const char *text);
/* Takes the same time wherever they differ. */
bool gh_token_hash_same(const char a[GH_TOKEN_HASH_SIZE], const char b[GH_TOKEN_HASH_SIZE]);

#endif
