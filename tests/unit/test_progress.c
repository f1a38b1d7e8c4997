/* test_progress.c - the line on the terminal: its words, and when it is drawn. */
#include "app/progress.h"
#include "support/gh_test.h"

#define SECOND INT64_C(1000000000)

struct screen {
    struct gh_progress progress;
    char *text;
    size_t size;
};

static void screen_open(struct screen *s, bool terminal, uint64_t total)
{
    *s = (struct screen){.text = NULL};
    gh_progress_start(&s->progress, open_memstream(&s->text, &s->size), terminal, total,
                      5 * SECOND);
}

static const char *screen_text(struct screen *s)
{
    fflush(s->progress.stream);
    return s->text;
}

static void screen_close(struct screen *s)
{
    fclose(s->progress.stream);
    free(s->text);
}

static void the_line_tells_share_speed_and_time_left(void)
{
    static const struct {
        uint64_t done, total, events;
        double seconds;
        const char *text;
    } rows[] = {
        {250, 1000, 4000, 2,
         "[#####---------------]  25 %  0.3 of 1.0 kB  2,000 events/s  6 seconds left"},
        {1000, 1000, 4000, 2, "[####################] 100 %  1.0 of 1.0 kB  2,000 events/s"},
        {2000, 1000, 4000, 2, "[####################] 100 %  2.0 of 1.0 kB  2,000 events/s"},
        {0, 3000000000, 0, 1.5, "[--------------------]   0 %  0.0 of 3.0 GB  0 events/s"},
        {1500000, 0, 4000, 2, "1.5 MB  2,000 events/s"},
        {0, 0, 0, 0, "0 bytes  0 events/s"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[GH_PROGRESS_SIZE];

        gh_progress_line(text, rows[i].done, rows[i].total, rows[i].events, rows[i].seconds);
        CHECK(!strcmp(text, rows[i].text));
        if (strcmp(text, rows[i].text) != 0)
            printf("# %s\n", text);
    }
}

static void a_line_fits_whatever_the_numbers_are(void)
{
    char text[GH_PROGRESS_SIZE];

    gh_progress_line(text, UINT64_MAX / 3, UINT64_MAX, UINT64_MAX, 1e-9);
    CHECK(strlen(text) < GH_PROGRESS_SIZE);
}

static void nothing_is_drawn_where_there_is_no_terminal(void)
{
    struct screen s;

    screen_open(&s, false, 100);
    gh_progress_update(&s.progress, 50, 5, 60 * SECOND);
    gh_progress_stop(&s.progress);
    CHECK(screen_text(&s)[0] == '\0');
    screen_close(&s);
}

static void nothing_is_drawn_in_the_first_second(void)
{
    struct screen s;

    screen_open(&s, true, 100);
    gh_progress_update(&s.progress, 50, 5, 6 * SECOND - 1);
    gh_progress_stop(&s.progress);
    CHECK(screen_text(&s)[0] == '\0');
    screen_close(&s);
}

static void it_is_drawn_five_times_a_second_and_taken_away(void)
{
    struct screen s;
    size_t drawn = 0;

    screen_open(&s, true, 100);
    for (int64_t ms = 0; ms <= 3000; ms += 10)
        gh_progress_update(&s.progress, 50, 5, 5 * SECOND + ms * 1000000);
    gh_progress_stop(&s.progress);
    for (const char *at = screen_text(&s); (at = strstr(at, "\r[")); at++)
        drawn++;
    CHECK(drawn == 11);
    CHECK(!strcmp(s.text + strlen(s.text) - 4, "\r\033[K"));
    screen_close(&s);
}

static const struct gh_test tests[] = {
    GH_TEST(the_line_tells_share_speed_and_time_left),
    GH_TEST(a_line_fits_whatever_the_numbers_are),
    GH_TEST(nothing_is_drawn_where_there_is_no_terminal),
    GH_TEST(nothing_is_drawn_in_the_first_second),
    GH_TEST(it_is_drawn_five_times_a_second_and_taken_away),
};
GH_TEST_MAIN(tests)
