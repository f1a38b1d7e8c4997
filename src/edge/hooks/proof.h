/* proof.h - whether a request was made by who knows the secret. Compares in constant time. */
#ifndef GOODHART_EDGE_HOOKS_PROOF_H
#define GOODHART_EDGE_HOOKS_PROOF_H

#include "edge/secret.h"

#include <stdbool.h>

enum gh_proof { GH_PROOF_GOOD, GH_PROOF_NONE, GH_PROOF_FALSE };

/* What a signature is over, in up to three parts that points stand between; NULL: no more. */
struct gh_signed {
    const char *part[3];
    size_t size[3];
};

/* `shown` NULL: none. The secret itself. */
enum gh_proof gh_proof_token(const struct gh_secret *secret, const char *shown);
/* HMAC-SHA256 of the bytes in 64 hex digits; "sha256=" may stand before them. */
enum gh_proof gh_proof_hex(const struct gh_secret *secret, const struct gh_signed *bytes,
                           const char *shown);
/* As Standard Webhooks say: "v1,BASE64" with blanks between several, one of which must fit. The
 * secret is "whsec_" and the key in base64. */
bool gh_secret_signs(const struct gh_secret *secret); /* whether it begins so */
bool gh_secret_legal(const struct gh_secret *secret); /* whether base64 follows, if so */
enum gh_proof gh_proof_standard(const struct gh_secret *secret, const struct gh_signed *bytes,
                                const char *shown);

#endif
