/* test_key_files.c - key pairs and the changed key file, on real files; and a ring that follows
 * its file. */
#include "edge/key_pair.h"
#include "edge/keyring.h"
#include "edge/keys_edit.h"

#include "support/gh_test.h"

#include <sys/stat.h>
#include <unistd.h>

static char folder[64], path_text[128];
static struct gh_error error;

static const char *path(const char *name)
{
    snprintf(path_text, sizeof(path_text), "%s/%s", folder, name);
    return path_text;
}

static void folder_new(void)
{
    snprintf(folder, sizeof(folder), "/tmp/goodhart-keys-XXXXXX");
    CHECK(mkdtemp(folder) != NULL);
    error = (struct gh_error){0};
}

static void folder_end(const char *const *name, size_t count)
{
    for (size_t i = 0; i < count; i++)
        CHECK(unlink(path(name[i])) == 0);
    CHECK(rmdir(folder) == 0); /* nothing else was left there */
}

static unsigned mode_of(const char *name)
{
    struct stat state = {0};
    CHECK(stat(path(name), &state) == 0);
    return state.st_mode & 07777;
}

static void text_write(const char *name, const char *text)
{
    FILE *file = fopen(path(name), "we");
    CHECK(file && fputs(text, file) >= 0 && fclose(file) == 0);
}

static void a_pair_is_read_as_it_was_written_and_is_its_owners_alone(void)
{
    struct gh_key_pair pair, again;
    folder_new();
    CHECK(gh_key_pair_new(&pair, "ada", &error) == GH_OK);
    CHECK(gh_key_pair_write(&pair, path("a.key"), &error) == GH_OK);
    CHECK(gh_key_public_write(&pair, path("a.public"), &error) == GH_OK);
    CHECK(mode_of("a.key") == 0600 && !(mode_of("a.public") & 0111));
    CHECK(gh_key_pair_read(&again, path("a.key"), "o", &error) == GH_OK);
    CHECK(!memcmp(&pair, &again, sizeof(pair)));
    CHECK(gh_key_public_read(&again, path("a.public"), "o", &error) == GH_OK);
    CHECK(!strcmp(again.public_key, pair.public_key) && again.secret_key[0] == '\0');
    CHECK(gh_key_pair_write(&pair, path("a.key"), &error) == GH_EIO);
    CHECK(strstr(error.text, "never overwritten"));
    gh_key_pair_wipe(&pair);
    CHECK(pair.secret_key[0] == '\0' && pair.secret_key[39] == '\0');
    folder_end((const char *const[]){"a.key", "a.public"}, 2);
}

static void a_token_is_written_for_whoever_uses_it_and_only_its_hash_is_known(void)
{
    struct gh_key_pair pair, again;
    struct gh_keys *keys = NULL;
    char hash[GH_TOKEN_HASH_SIZE], text[1024] = "";
    folder_new();
    CHECK(gh_key_pair_new(&pair, "ada", &error) == GH_OK && gh_token_new(pair.token));
    CHECK(gh_key_pair_write(&pair, path("a.key"), &error) == GH_OK);
    FILE *file = fopen(path("a.key"), "re");
    CHECK(file && fgets(text, sizeof(text), file) && fclose(file) == 0);
    CHECK(strstr(text, pair.token) && mode_of("a.key") == 0600);
    CHECK(gh_key_pair_read(&again, path("a.key"), "o", &error) == GH_OK && !again.token[0]);
    gh_token_hash(pair.token, strlen(pair.token), hash);
    const struct gh_key_entry entry = {
        .name = "ada", .public_key = pair.public_key, .token = hash, .roles = "produce"};
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
    CHECK(gh_keys_load(&keys, path("keys"), &error) == GH_OK);
    const struct gh_access_key *key = gh_keys_by_token(keys, hash);
    CHECK(key && !strcmp(key->name, "ada"));
    gh_token_hash("", 0, hash);
    CHECK(gh_keys_by_token(keys, hash) == NULL);
    /* What `printf %s abc | sha256sum` says. */
    gh_token_hash("abc", 3, hash);
    CHECK(!strcmp(hash, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    gh_keys_free(keys);
    gh_key_pair_wipe(&pair);
    CHECK(pair.token[0] == '\0' && pair.token[45] == '\0');
    folder_end((const char *const[]){"a.key", "keys"}, 2);
}

static void pair_refused(const char *text, bool secret, const char *wanted)
{
    struct gh_key_pair pair;
    text_write("k", text);
    CHECK(chmod(path("k"), 0600) == 0);
    error = (struct gh_error){0};
    CHECK((secret ? gh_key_pair_read(&pair, path("k"), "o", &error)
                  : gh_key_public_read(&pair, path("k"), "o", &error)) == GH_ECONFIG);
    CHECK(!strncmp(error.text, "o: ", 3) && strstr(error.text, wanted));
    if (!strstr(error.text, wanted))
        printf("# %s\n# wanted %s\n", error.text, wanted);
}

#define PUBLIC "\"public\": \"rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\""
#define OTHER "\"secret\": \"D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs\""

static void a_pair_that_is_none_is_refused_and_said_why(void)
{
    struct gh_key_pair pair;
    folder_new();
    pair_refused("nothing", true, "not a JSON object");
    pair_refused("{\"name\": 3}", true, "name: a text");
    pair_refused("{\"name\": \"a\"}", true, "public: 40 characters");
    pair_refused("{\"name\": \"a\", " PUBLIC "}", true, "holds no secret key");
    pair_refused("{\"name\": \"a\", " PUBLIC ", \"secret\": \"x\"}", true, "secret: 40");
    pair_refused("{\"name\": \"a\", " PUBLIC ", " OTHER ", \"more\": 1}", true,
                 "not of one pair");
    pair_refused("{\"name\": \"a\", " PUBLIC ", " OTHER "}", false, "holds a secret key");
    CHECK(chmod(path("k"), 0640) == 0);
    error = (struct gh_error){0};
    CHECK(gh_key_pair_read(&pair, path("k"), "o", &error) == GH_ECONFIG);
    CHECK(strstr(error.text, "others may read it") && strstr(error.text, "chmod 600"));
    error = (struct gh_error){0};
    CHECK(gh_key_pair_read(&pair, path("none"), "o", &error) == GH_EIO);
    folder_end((const char *const[]){"k"}, 1);
}

static void credentials_are_both_or_none(void)
{
    struct gh_credentials c;
    error = (struct gh_error){0};
    CHECK(gh_credentials_read(&c, "", "", &error) == GH_OK && !c.given);
    CHECK(gh_credentials_read(&c, "x", "", &error) == GH_ECONFIG && !c.given);
    CHECK(!strncmp(error.text, "identity.server: empty", 22));
    error = (struct gh_error){0};
    CHECK(gh_credentials_read(&c, "", "x", &error) == GH_ECONFIG && !c.given);
    CHECK(!strncmp(error.text, "identity.secret: empty", 22));
}

static struct gh_key_entry entry_of(struct gh_key_pair *pair, const char *name)
{
    CHECK(gh_key_pair_new(pair, name, &error) == GH_OK);
    return (struct gh_key_entry){
        .name = pair->name, .public_key = pair->public_key, .roles = "produce,subscribe"};
}

static void keys_are_added_and_revoked_and_the_file_keeps_its_mode(void)
{
    struct gh_key_pair one, two;
    struct gh_keys *keys = NULL;
    folder_new();
    struct gh_key_entry entry = entry_of(&one, "one");
    entry.actors = "ada,bob";
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK && mode_of("keys") == 0600);
    CHECK(chmod(path("keys"), 0644) == 0);
    entry = entry_of(&two, "two");
    entry.not_after = "2030-01-01T00:00:00Z";
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK && mode_of("keys") == 0644);
    CHECK(gh_keys_revoke(path("keys"), "one", 1790000000000, &error) == GH_OK);
    CHECK(gh_keys_load(&keys, path("keys"), &error) == GH_OK && gh_keys_count(keys) == 2);
    const struct gh_access_key *key = gh_keys_by_public(keys, one.public_key);
    CHECK(key && !strcmp(key->name, "one") && key->revoked_ms == 1790000000000);
    CHECK(key->roles == (GH_ROLE_PRODUCE | GH_ROLE_SUBSCRIBE) && key->actors.count == 2);
    CHECK(gh_keys_by_name(keys, "two")->not_after_ms == 1893456000000);
    gh_keys_free(keys);
    folder_end((const char *const[]){"keys"}, 1);
}

static void a_change_that_is_wrong_leaves_the_file_as_it_was(void)
{
    static const struct {
        const char *name, *roles, *actors, *not_after, *wanted;
    } wrong[] = {
        {"one", "produce", NULL, NULL, "names are not used twice"},
        {"new", "king", NULL, NULL, "key 2 (new): roles: a list of"},
        {"new", "produce", "ada,*", NULL, "\"*\" among others"},
        {"new", "produce", NULL, "soon", "not_after: a time such as"},
    };
    struct gh_key_pair pair;
    char before[1024], after[1024];
    folder_new();
    struct gh_key_entry entry = entry_of(&pair, "one");
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
    FILE *file = fopen(path("keys"), "re");
    const size_t size = fread(before, 1, sizeof(before), file);
    fclose(file);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        entry = entry_of(&pair, wrong[i].name);
        entry.roles = wrong[i].roles;
        entry.actors = wrong[i].actors;
        entry.not_after = wrong[i].not_after;
        error = (struct gh_error){0};
        CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_ECONFIG);
        CHECK(strstr(error.text, wrong[i].wanted));
    }
    error = (struct gh_error){0};
    CHECK(gh_keys_revoke(path("keys"), "nobody", 1, &error) == GH_ECONFIG);
    CHECK(strstr(error.text, "no such key"));
    error = (struct gh_error){0};
    CHECK(gh_keys_revoke(path("none"), "one", 1, &error) == GH_EIO);
    file = fopen(path("keys"), "re");
    CHECK(fread(after, 1, sizeof(after), file) == size && !memcmp(before, after, size));
    fclose(file);
    folder_end((const char *const[]){"keys"}, 1);
}

static void a_file_that_is_broken_is_not_written_over(void)
{
    struct gh_key_pair pair;
    folder_new();
    text_write("keys", "{\"keys\": [");
    struct gh_key_entry entry = entry_of(&pair, "one");
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_ECONFIG);
    CHECK(strstr(error.text, "keys:1:10: "));
    folder_end((const char *const[]){"keys"}, 1);
}

static enum gh_key_state admitted(struct gh_keyring *ring, const struct gh_key_pair *pair)
{
    char name[GH_KEY_NAME_SIZE] = "";
    const enum gh_key_state state =
        gh_keyring_admit(ring, pair->public_key, GH_ROLE_PRODUCE, name);
    CHECK((state == GH_KEY_GOOD) == !strcmp(name, pair->name));
    return state;
}

static void a_ring_follows_its_file_and_outlives_a_bad_one(void)
{
    struct gh_key_pair one, two;
    struct gh_keyring *ring = NULL;
    struct gh_keyring_counts counts;
    folder_new();
    struct gh_key_entry entry = entry_of(&one, "one");
    CHECK(gh_keyring_new(&ring, path("keys"), &error) == GH_EIO && !ring);
    CHECK(!strncmp(error.text, "identity.keys: ", 15));
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
    CHECK(gh_keyring_new(&ring, path("keys"), &error) == GH_OK);
    entry = entry_of(&two, "two");
    CHECK(admitted(ring, &one) == GH_KEY_GOOD && admitted(ring, &two) == GH_KEY_UNKNOWN);
    CHECK(!gh_keyring_refresh(ring, false));

    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
    CHECK(admitted(ring, &two) == GH_KEY_UNKNOWN);
    CHECK(gh_keyring_refresh(ring, false) && admitted(ring, &two) == GH_KEY_GOOD);

    text_write("keys", "{");
    CHECK(!gh_keyring_refresh(ring, false) && !gh_keyring_refresh(ring, false));
    CHECK(admitted(ring, &one) == GH_KEY_GOOD && admitted(ring, &two) == GH_KEY_GOOD);
    gh_keyring_counts(ring, &counts);
    CHECK(counts.reloads == 1 && counts.reloads_failed == 1); /* once for each state of it */
    CHECK(unlink(path("keys")) == 0 && !gh_keyring_refresh(ring, false));
    CHECK(admitted(ring, &one) == GH_KEY_GOOD);

    entry = entry_of(&two, "two");
    CHECK(gh_keys_add(path("keys"), &entry, &error) == GH_OK);
    CHECK(gh_keyring_refresh(ring, false));
    CHECK(admitted(ring, &one) == GH_KEY_UNKNOWN && admitted(ring, &two) == GH_KEY_GOOD);
    CHECK(gh_keys_revoke(path("keys"), "two", 1, &error) == GH_OK);
    CHECK(gh_keyring_refresh(ring, false) && admitted(ring, &two) == GH_KEY_REVOKED);
    CHECK(gh_keyring_refresh(ring, true)); /* forced: though nothing has changed */
    gh_keyring_counts(ring, &counts);
    CHECK(counts.reloads == 4 && counts.reloads_failed == 2);
    CHECK(counts.handshakes[GH_KEY_GOOD] == 6 && counts.handshakes[GH_KEY_UNKNOWN] == 3 &&
          counts.handshakes[GH_KEY_REVOKED] == 1);
    gh_keyring_free(ring);
    folder_end((const char *const[]){"keys"}, 1);
}

static const struct gh_test tests[] = {
    GH_TEST(a_pair_is_read_as_it_was_written_and_is_its_owners_alone),
    GH_TEST(a_token_is_written_for_whoever_uses_it_and_only_its_hash_is_known),
    GH_TEST(a_pair_that_is_none_is_refused_and_said_why),
    GH_TEST(credentials_are_both_or_none),
    GH_TEST(keys_are_added_and_revoked_and_the_file_keeps_its_mode),
    GH_TEST(a_change_that_is_wrong_leaves_the_file_as_it_was),
    GH_TEST(a_file_that_is_broken_is_not_written_over),
    GH_TEST(a_ring_follows_its_file_and_outlives_a_bad_one),
};
GH_TEST_MAIN(tests)
