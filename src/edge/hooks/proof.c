/* proof.c - see proof.h. */
#include "edge/hooks/proof.h"

#include <sodium.h>
#include <string.h>

enum { MAC = crypto_auth_hmacsha256_BYTES, SIGNATURES_MAX = 8 };
static const char standard_prefix[] = "whsec_";

static void mac_make(unsigned char mac[MAC], const unsigned char *key, size_t key_size,
                     const struct gh_signed *bytes)
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, key_size);
    for (int i = 0; i < 3 && bytes->part[i]; i++) {
        if (i > 0)
            crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
        crypto_auth_hmacsha256_update(&state, (const unsigned char *)bytes->part[i],
                                      bytes->size[i]);
    }
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
}

enum gh_proof gh_proof_token(const struct gh_secret *secret, const char *shown)
{
    if (!shown || !shown[0])
        return GH_PROOF_NONE;
    /* How long a secret is may show; what is in it may not. */
    return strlen(shown) == secret->size && sodium_memcmp(shown, secret->at, secret->size) == 0
               ? GH_PROOF_GOOD
               : GH_PROOF_FALSE;
}

enum gh_proof gh_proof_hex(const struct gh_secret *secret, const struct gh_signed *bytes,
                           const char *shown)
{
    unsigned char want[MAC], got[MAC];
    size_t size = 0;

    if (!shown || !shown[0])
        return GH_PROOF_NONE;
    if (strncmp(shown, "sha256=", 7) == 0)
        shown += 7;
    if (strlen(shown) != sizeof(got) * 2 ||
        sodium_hex2bin(got, sizeof(got), shown, sizeof(got) * 2, NULL, &size, NULL) != 0 ||
        size != sizeof(got))
        return GH_PROOF_FALSE;
    mac_make(want, secret->at, secret->size, bytes);
    const bool same = sodium_memcmp(want, got, sizeof(got)) == 0;
    sodium_memzero(want, sizeof(want));
    return same ? GH_PROOF_GOOD : GH_PROOF_FALSE;
}

/* With or without '=' at its end. */
static bool base64_read(unsigned char *to, size_t to_size, const char *at, size_t size,
                        size_t *got)
{
    while (size > 0 && at[size - 1] == '=')
        size--;
    return sodium_base642bin(to, to_size, at, size, NULL, got, NULL,
                             sodium_base64_VARIANT_ORIGINAL_NO_PADDING) == 0;
}

bool gh_secret_signs(const struct gh_secret *secret)
{
    return secret->size >= sizeof(standard_prefix) - 1 &&
           memcmp(secret->at, standard_prefix, sizeof(standard_prefix) - 1) == 0;
}

static bool key_read(const struct gh_secret *secret, unsigned char key[GH_SECRET_BYTES_MAX],
                     size_t *size)
{
    const size_t prefix = sizeof(standard_prefix) - 1;

    return base64_read(key, GH_SECRET_BYTES_MAX, (const char *)secret->at + prefix,
                       secret->size - prefix, size) &&
           *size > 0;
}

bool gh_secret_legal(const struct gh_secret *secret)
{
    unsigned char key[GH_SECRET_BYTES_MAX];
    size_t size = 0;
    const bool legal = !gh_secret_signs(secret) || key_read(secret, key, &size);

    sodium_memzero(key, sizeof(key));
    return legal;
}

static bool signature_fits(const unsigned char want[MAC], const char *at, size_t size)
{
    unsigned char got[MAC];
    size_t got_size = 0;

    return size > 3 && memcmp(at, "v1,", 3) == 0 &&
           base64_read(got, sizeof(got), at + 3, size - 3, &got_size) &&
           got_size == sizeof(got) && sodium_memcmp(want, got, sizeof(got)) == 0;
}

enum gh_proof gh_proof_standard(const struct gh_secret *secret, const struct gh_signed *bytes,
                                const char *shown)
{
    unsigned char key[GH_SECRET_BYTES_MAX], want[MAC];
    size_t key_size = 0;
    bool fits = false;

    if (!shown || !shown[0])
        return GH_PROOF_NONE;
    if (!key_read(secret, key, &key_size))
        return GH_PROOF_FALSE;
    mac_make(want, key, key_size, bytes);
    for (int i = 0; i < SIGNATURES_MAX && *shown && !fits; i++) {
        const size_t size = strcspn(shown, " ");
        fits = signature_fits(want, shown, size);
        shown += size + (shown[size] == ' ');
    }
    sodium_memzero(key, sizeof(key));
    sodium_memzero(want, sizeof(want));
    return fits ? GH_PROOF_GOOD : GH_PROOF_FALSE;
}
