/* token.c - see token.h. */
#include "edge/token.h"

#include <sodium.h>
#include <string.h>

enum { TOKEN_BYTES = 32, TOKEN_PREFIX = 3 };
_Static_assert(GH_TOKEN_HASH_SIZE == 2 * crypto_hash_sha256_BYTES + 1, "two digits a byte");
_Static_assert(GH_TOKEN_SIZE - TOKEN_PREFIX ==
                   sodium_base64_ENCODED_LEN(TOKEN_BYTES,
                                             sodium_base64_VARIANT_URLSAFE_NO_PADDING),
               "with its NUL");

bool gh_token_new(char token[GH_TOKEN_SIZE])
{
    unsigned char bytes[TOKEN_BYTES];
    if (sodium_init() < 0)
        return false;
    randombytes_buf(bytes, sizeof(bytes));
    memcpy(token, "gh_", TOKEN_PREFIX);
    sodium_bin2base64(token + TOKEN_PREFIX, GH_TOKEN_SIZE - TOKEN_PREFIX, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof(bytes));
    return true;
}

void gh_token_hash(const char *token, size_t size, char hash[GH_TOKEN_HASH_SIZE])
{
    unsigned char bytes[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(bytes, (const unsigned char *)token, size);
    sodium_bin2hex(hash, GH_TOKEN_HASH_SIZE, bytes, sizeof(bytes));
}

bool gh_token_hash_legal(const char *text)
{
    return strlen(text) == GH_TOKEN_HASH_SIZE - 1 &&
           strspn(text, "0123456789abcdef") == GH_TOKEN_HASH_SIZE - 1;
}

bool gh_token_hash_same(const char a[GH_TOKEN_HASH_SIZE], const char b[GH_TOKEN_HASH_SIZE])
{
    return sodium_memcmp(a, b, GH_TOKEN_HASH_SIZE) == 0;
}
