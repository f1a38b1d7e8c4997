/* body_webhook.c - signatures of what is posted; see bodies.h. */
#include "edge/sinks/bodies.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

void gh_webhook_sign(const struct gh_secret *secret, const char *id, int64_t time_s,
                     const char *body, char signature[GH_SIGNATURE_SIZE])
{
    crypto_auth_hmacsha256_state state;
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    char time[32];

    snprintf(time, sizeof time, ".%" PRId64 ".", time_s);
    crypto_auth_hmacsha256_init(&state, secret->at, secret->size);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)id, strlen(id));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)time, strlen(time));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)body, strlen(body));
    crypto_auth_hmacsha256_final(&state, mac);
    memcpy(signature, "v1,", 4);
    sodium_bin2base64(signature + 3, GH_SIGNATURE_SIZE - 3, mac, sizeof mac,
                      sodium_base64_VARIANT_ORIGINAL);
}
