/* test_threads_keyring.c - handshakes are answered while the key file is read again. */
#include "edge/key_pair.h"
#include "edge/keyring.h"
#include "edge/keys_edit.h"

#include "support/gh_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

enum { ASKERS = 2, ROUNDS = 200 };

static struct gh_keyring *ring;
static struct gh_key_pair known;
static atomic_bool ended;
static atomic_uint wrong;

static void *asker(void *ignored)
{
    while (!atomic_load(&ended)) {
        char name[GH_KEY_NAME_SIZE] = "";
        const enum gh_key_state state =
            gh_keyring_admit(ring, known.public_key, GH_ROLE_PRODUCE, name);
        if (state != GH_KEY_GOOD || strcmp(name, "known") != 0)
            atomic_fetch_add(&wrong, 1);
    }
    return ignored;
}

static void a_known_key_is_known_before_during_and_after_a_reload(void)
{
    char folder[] = "/tmp/goodhart-ring-XXXXXX", path[64];
    struct gh_keyring_counts counts;
    struct gh_error error = {0};
    pthread_t thread[ASKERS];
    CHECK(mkdtemp(folder) != NULL);
    snprintf(path, sizeof(path), "%s/keys", folder);
    CHECK(gh_key_pair_new(&known, "known", &error) == GH_OK);
    const struct gh_key_entry entry = {
        .name = known.name, .public_key = known.public_key, .roles = "produce"};
    CHECK(gh_keys_add(path, &entry, &error) == GH_OK);
    CHECK(gh_keyring_new(&ring, path, &error) == GH_OK);
    for (int i = 0; i < ASKERS; i++)
        CHECK(pthread_create(&thread[i], NULL, asker, NULL) == 0);
    for (int i = 0; i < ROUNDS; i++) {
        CHECK(gh_keyring_refresh(ring, true));
        CHECK(gh_keys_by_name(gh_keyring_keys(ring), "known") != NULL);
    }
    atomic_store(&ended, true);
    for (int i = 0; i < ASKERS; i++)
        CHECK(pthread_join(thread[i], NULL) == 0);
    gh_keyring_counts(ring, &counts);
    CHECK(counts.reloads == ROUNDS && atomic_load(&wrong) == 0);
    gh_keyring_free(ring);
    CHECK(unlink(path) == 0 && rmdir(folder) == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(a_known_key_is_known_before_during_and_after_a_reload),
};
GH_TEST_MAIN(tests)
