/* test_note.c - lines on standard error: formats, levels, escapes, bounds. */
#include "edge/operate/note.h"

#include "support/gh_test.h"

#include <fcntl.h>
#include <jansson.h>
#include <unistd.h>

static char said[65536];
static int kept;

/* Between these two, standard error is a file of ours. */
static void listen_begin(const char *level, const char *format)
{
    char path[] = "/tmp/goodhart-note-XXXXXX";
    struct gh_error error = {0};
    const int file = mkstemp(path);
    CHECK(gh_note_setup(level, format, &error) == GH_OK);
    kept = dup(STDERR_FILENO);
    CHECK(file >= 0 && kept >= 0 && dup2(file, STDERR_FILENO) >= 0);
    close(file);
    unlink(path);
}

static void listen_end(void)
{
    lseek(STDERR_FILENO, 0, SEEK_SET);
    const ssize_t size = read(STDERR_FILENO, said, sizeof said - 1);
    CHECK(size >= 0);
    said[size < 0 ? 0 : size] = '\0';
    CHECK(dup2(kept, STDERR_FILENO) >= 0);
    close(kept);
}

static void text_is_as_it_always_was(void)
{
    listen_begin("info", "text");
    gh_note(GH_NOTE_listening, "alerts on %s (XPUB)", "tcp://127.0.0.1:5603");
    gh_note(GH_NOTE_reload, "identity.keys: read again; keys in force: %u", 3u);
    listen_end();
    CHECK(strcmp(said, "goodhart run: alerts on tcp://127.0.0.1:5603 (XPUB)\n"
                       "goodhart: identity.keys: read again; keys in force: 3\n") == 0);
}

static void nothing_reaches_a_terminal_that_could_move_it(void)
{
    listen_begin("info", "text");
    gh_note(GH_NOTE_settings, "a\nb\033[2J\x7f \xc2\x9b \xff \"é\"");
    listen_end();
    CHECK(strcmp(said, "goodhart run: a\\x0ab\\x1b[2J\\x7f \\xc2\\x9b \\xff \"é\"\n") == 0);
}

static void json_can_be_read_and_says_the_same(void)
{
    listen_begin("info", "json");
    gh_note(GH_NOTE_disk_back, "one \"two\"\nthree");
    listen_end();
    json_t *line = json_loads(said, JSON_REJECT_DUPLICATES, NULL);
    CHECK(line && json_object_size(line) == 4);
    CHECK(strcmp(json_string_value(json_object_get(line, "level")), "info") == 0);
    CHECK(strcmp(json_string_value(json_object_get(line, "event")), "disk_back") == 0);
    CHECK(strcmp(json_string_value(json_object_get(line, "msg")), "one \"two\"\nthree") == 0);
    CHECK(strlen(json_string_value(json_object_get(line, "ts"))) == 24);
    CHECK(strchr(said, '\n') == said + strlen(said) - 1);
    json_decref(line);
}

static void logfmt_is_pairs_on_one_line(void)
{
    int length = 0;
    char year[5] = "";
    listen_begin("info", "logfmt");
    gh_note(GH_NOTE_disk_stalled, "log: full\n");
    listen_end();
    CHECK(sscanf(said,
                 "ts=%4[0-9]-%*2d-%*2dT%*2d:%*2d:%*2d.%*3dZ level=error event=disk_stalled %n",
                 year, &length) == 1);
    CHECK(length > 0 && strcmp(said + length, "msg=\"log: full\\n\"\n") == 0);
}

static void a_level_leaves_out_what_matters_less(void)
{
    struct gh_note_counts before, after;
    gh_note_counts(&before);
    listen_begin("warning", "text");
    gh_note(GH_NOTE_listening, "not written");
    gh_note(GH_NOTE_hardening, "written");
    gh_note(GH_NOTE_dead_letters, "written, too");
    listen_end();
    gh_note_counts(&after);
    CHECK(strcmp(said, "goodhart run: written\ngoodhart: written, too\n") == 0);
    CHECK(after.said[GH_NOTE_LEVEL_info] == before.said[GH_NOTE_LEVEL_info] + 1);
    CHECK(after.said[GH_NOTE_LEVEL_error] == before.said[GH_NOTE_LEVEL_error] + 1);
    CHECK(after.left_out == before.left_out);
}

static void of_one_kind_so_many_are_written_a_minute(void)
{
    struct gh_note_counts before, after;
    int lines = 0;
    gh_note_counts(&before);
    listen_begin("info", "text");
    for (int i = 0; i < 50; i++)
        gh_note(GH_NOTE_rebind, "number %d", i);
    gh_note(GH_NOTE_retention_failed, "another kind");
    listen_end();
    gh_note_counts(&after);
    for (const char *at = said; (at = strstr(at, "number ")); at++)
        lines++;
    CHECK(lines == 20 && strstr(said, "number 19\n") && strstr(said, "another kind\n"));
    CHECK(after.left_out - before.left_out == 30);
    CHECK(after.said[GH_NOTE_LEVEL_warning] - before.said[GH_NOTE_LEVEL_warning] == 50);
}

static void a_line_may_be_long_and_is_one_write(void)
{
    char *text = malloc(20001);
    memset(text, 'x', 20000);
    text[20000] = '\0';
    listen_begin("info", "text");
    gh_note(GH_NOTE_counters, "%s", text);
    listen_end();
    CHECK(strlen(said) == strlen("goodhart run: ") + 20000 + 1);
    free(text);
}

static void a_log_that_takes_nothing_is_counted(void)
{
    struct gh_note_counts before, after;
    struct gh_error error = {0};
    gh_note_counts(&before);
    CHECK(gh_note_setup("info", "text", &error) == GH_OK);
    const int full = open("/dev/full", O_WRONLY | O_CLOEXEC), old = dup(STDERR_FILENO);
    dup2(full, STDERR_FILENO);
    gh_note(GH_NOTE_recovery, "nobody hears this");
    dup2(old, STDERR_FILENO);
    close(old);
    close(full);
    gh_note_counts(&after);
    CHECK(after.failed == before.failed + 1);
}

static void other_names_are_refused_and_told(void)
{
    struct gh_error error = {0};
    CHECK(gh_note_setup("loud", "text", &error) == GH_ECONFIG);
    CHECK(!strcmp(error.text, "log.level: loud: must be error, warning, info or debug"));
    error = (struct gh_error){0};
    CHECK(gh_note_setup("info", "xml", &error) == GH_ECONFIG);
    CHECK(!strcmp(error.text, "log.format: xml: must be text, logfmt or json"));
}

static const struct gh_test tests[] = {
    GH_TEST(text_is_as_it_always_was),
    GH_TEST(nothing_reaches_a_terminal_that_could_move_it),
    GH_TEST(json_can_be_read_and_says_the_same),
    GH_TEST(logfmt_is_pairs_on_one_line),
    GH_TEST(a_level_leaves_out_what_matters_less),
    GH_TEST(of_one_kind_so_many_are_written_a_minute),
    GH_TEST(a_line_may_be_long_and_is_one_write),
    GH_TEST(a_log_that_takes_nothing_is_counted),
    GH_TEST(other_names_are_refused_and_told),
};
GH_TEST_MAIN(tests)
