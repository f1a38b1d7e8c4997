/* test_threads_metrics.c - one thread sets, others read: each text is one publication. */
#include "edge/operate/metrics.h"
#include "edge/operate/note.h"

#include "support/gh_test.h"

#include <fcntl.h>
#include <pthread.h>
#include <unistd.h>

enum { READERS = 2, ROUNDS = 300 };

static struct gh_metrics *metrics;

static void both_set(double value)
{
    gh_metrics_set(metrics, (struct gh_metric_place){GH_METRIC_frames_total, 0, 0}, value);
    gh_metrics_set(metrics, (struct gh_metric_place){GH_METRIC_notes_left_out_total, 0, 0},
                   value);
}

static double value_in(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    return at ? strtod(at + strlen(name), NULL) : -1;
}

static void *reader_run(void *torn)
{
    for (int i = 0; i < ROUNDS; i++) {
        char *text = gh_metrics_text(metrics, i % 2);
        const double first = text ? value_in(text, "\ngoodhart_frames_total ") : -1;
        if (first < 0 || first != value_in(text, "\ngoodhart_notes_left_out_total "))
            ++*(int *)torn;
        free(text);
    }
    return NULL;
}

static void readers_see_whole_publications(void)
{
    struct gh_error error = {0};
    pthread_t reader[READERS];
    int torn[READERS] = {0};
    CHECK(gh_metrics_new(&metrics, &error) == GH_OK);
    both_set(0);
    gh_metrics_publish(metrics);
    for (int i = 0; i < READERS; i++)
        CHECK(pthread_create(&reader[i], NULL, reader_run, &torn[i]) == 0);
    for (int i = 1; i <= ROUNDS * 10; i++) {
        both_set(i);
        gh_metrics_publish(metrics);
    }
    for (int i = 0; i < READERS; i++) {
        pthread_join(reader[i], NULL);
        CHECK(torn[i] == 0);
    }
    gh_metrics_free(metrics);
}

static void *speaker_run(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++)
        gh_note(GH_NOTE_listening, "a line of one of many, and long enough to be torn: %d", i);
    return NULL;
}

static void lines_of_several_threads_stay_whole(void)
{
    char path[] = "/tmp/goodhart-note-XXXXXX", line[256];
    const int file = mkstemp(path), kept = dup(STDERR_FILENO);
    pthread_t speaker[READERS];
    int lines = 0, bad = 0;
    CHECK(file >= 0 && dup2(file, STDERR_FILENO) >= 0);
    for (int i = 0; i < READERS; i++)
        CHECK(pthread_create(&speaker[i], NULL, speaker_run, NULL) == 0);
    for (int i = 0; i < READERS; i++)
        pthread_join(speaker[i], NULL);
    dup2(kept, STDERR_FILENO);
    close(kept);
    FILE *said = fdopen(file, "r");
    rewind(said);
    for (; fgets(line, sizeof line, said); lines++)
        bad += strncmp(line, "goodhart run: a line of one of many, and long enough", 52) != 0;
    fclose(said);
    unlink(path);
    CHECK(lines == READERS * ROUNDS && bad == 0);
}

static const struct gh_test tests[] = {
    GH_TEST(readers_see_whole_publications),
    GH_TEST(lines_of_several_threads_stay_whole),
};
GH_TEST_MAIN(tests)
