/* test_hooks_proof.c - signatures and tokens against published vectors. */
#include "edge/hooks/proof.h"

#include "support/gh_test.h"

#include <stdint.h>
#include <string.h>

static struct gh_secret secret_of(const char *text)
{
    return (struct gh_secret){(unsigned char *)(uintptr_t)text, strlen(text)};
}

static struct gh_signed over(const char *text)
{
    return (struct gh_signed){{text}, {strlen(text)}};
}

/* docs.github.com, "Validating webhook deliveries", "Testing the … payload validation". */
#define VECTOR "757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
static const char secret_text[] = "It's a Secret to Everybody";

static void the_documented_signature_of_github_holds(void)
{
    const struct gh_secret secret = secret_of(secret_text);
    const struct gh_signed body = over("Hello, World!");
    CHECK(gh_proof_hex(&secret, &body, "sha256=" VECTOR) == GH_PROOF_GOOD);
    CHECK(gh_proof_hex(&secret, &body, VECTOR) == GH_PROOF_GOOD);
}

static void another_body_secret_or_digit_is_false_and_none_is_none(void)
{
    const struct gh_secret secret = secret_of(secret_text),
                           other = secret_of("another secret 1");
    const struct gh_signed body = over("Hello, World!"), changed = over("Hello, World?");
    char signature[] = "sha256=" VECTOR;
    CHECK(gh_proof_hex(&secret, &changed, signature) == GH_PROOF_FALSE);
    CHECK(gh_proof_hex(&other, &body, signature) == GH_PROOF_FALSE);
    for (size_t i = 7; i < sizeof(signature) - 1; i++) {
        const char before = signature[i];
        signature[i] = before == '0' ? '1' : '0';
        CHECK(gh_proof_hex(&secret, &body, signature) == GH_PROOF_FALSE);
        signature[i] = before;
    }
    CHECK(gh_proof_hex(&secret, &body, NULL) == GH_PROOF_NONE);
    CHECK(gh_proof_hex(&secret, &body, "") == GH_PROOF_NONE);
}

static void a_signature_of_another_form_is_false(void)
{
    const struct gh_secret secret = secret_of(secret_text);
    const struct gh_signed body = over("Hello, World!");
    const char *const forms[] = {
        "sha256=",        "sha1=" VECTOR, VECTOR "00", "sha256= " VECTOR,
        "SHA256=" VECTOR, "7571",         "zz",        VECTOR " "};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++)
        CHECK(gh_proof_hex(&secret, &body, forms[i]) == GH_PROOF_FALSE);
}

/* github.com/standard-webhooks/standard-webhooks, the example of its libraries. */
static void the_documented_signature_of_standard_webhooks_holds(void)
{
    const struct gh_secret secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    const char *id = "msg_p5jXN8AQM9LWM0D4loKWxJek", *time = "1614265330",
               *body = "{\"test\": 2432232314}";
    const struct gh_signed bytes = {{id, time, body}, {strlen(id), strlen(time), strlen(body)}};
    const char good[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
    char several[256];
    CHECK(gh_secret_signs(&secret) && gh_secret_legal(&secret));
    CHECK(gh_proof_standard(&secret, &bytes, good) == GH_PROOF_GOOD);
    snprintf(several, sizeof(several), "v1,AAAA v2,xyz %s", good);
    CHECK(gh_proof_standard(&secret, &bytes, several) == GH_PROOF_GOOD);
    CHECK(gh_proof_standard(&secret, &bytes, "v1,AAAA") == GH_PROOF_FALSE);
    CHECK(gh_proof_standard(&secret, &bytes, good + 3) == GH_PROOF_FALSE);
    CHECK(gh_proof_standard(&secret, &bytes, NULL) == GH_PROOF_NONE);
    const struct gh_signed later = {{id, "1614265331", body},
                                    {strlen(id), strlen(time), strlen(body)}};
    CHECK(gh_proof_standard(&secret, &later, good) == GH_PROOF_FALSE);
}

static void a_signing_token_without_base64_is_not_legal(void)
{
    const struct gh_secret bad = secret_of("whsec_*****************"),
                           empty = secret_of("whsec_"), plain = secret_of(secret_text);
    CHECK(!gh_secret_legal(&bad) && !gh_secret_legal(&empty));
    CHECK(gh_secret_legal(&plain) && !gh_secret_signs(&plain));
}

static void a_token_is_the_secret_and_nothing_else(void)
{
    const struct gh_secret secret = secret_of(secret_text);
    CHECK(gh_proof_token(&secret, secret_text) == GH_PROOF_GOOD);
    CHECK(gh_proof_token(&secret, "It's a Secret to Everybod") == GH_PROOF_FALSE);
    CHECK(gh_proof_token(&secret, "It's a Secret to Everybody ") == GH_PROOF_FALSE);
    CHECK(gh_proof_token(&secret, "it's a Secret to Everybody") == GH_PROOF_FALSE);
    CHECK(gh_proof_token(&secret, NULL) == GH_PROOF_NONE);
}

static const struct gh_test tests[] = {
    GH_TEST(the_documented_signature_of_github_holds),
    GH_TEST(another_body_secret_or_digit_is_false_and_none_is_none),
    GH_TEST(a_signature_of_another_form_is_false),
    GH_TEST(the_documented_signature_of_standard_webhooks_holds),
    GH_TEST(a_signing_token_without_base64_is_not_legal),
    GH_TEST(a_token_is_the_secret_and_nothing_else),
};
GH_TEST_MAIN(tests)
