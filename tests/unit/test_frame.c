/* What: where the splitter of decode.h cuts, and that splitting and decoding in one is the
 *       same.
 * How:  frames written out, each with the pieces that it has to give: text, offset, line.
 *       Frames of events go both ways, side by side. */
#include "edge/decode.h"
#include "support/decode_pair.h"
#include "support/gh_test.h"

struct cut {
    const char *text;
    uint64_t offset;
    uint32_t line;
};

enum { CUTS_MAX = 6 };

static void cuts_are(const char *frame_text, const struct cut *cut)
{
    struct gh_frame frame;
    struct gh_piece piece;
    uint32_t count = 0;

    gh_frame_init(&frame, frame_text, strlen(frame_text));
    while (gh_frame_next(&frame, &piece)) {
        CHECK(count < CUTS_MAX && cut[count].text != NULL);
        if (count == CUTS_MAX || cut[count].text == NULL)
            break;
        CHECK(piece.size == strlen(cut[count].text));
        CHECK(memcmp(piece.at, cut[count].text, piece.size) == 0);
        CHECK(piece.offset == cut[count].offset);
        CHECK(piece.line == cut[count].line);
        CHECK(piece.index == count);
        CHECK(piece.at == frame_text + piece.offset);
        count++;
    }
    CHECK(cut[count].text == NULL);
    CHECK(!gh_frame_next(&frame, &piece)); /* and it stays ended */
    if (gh_test_failures)
        printf("# frame: %s\n", frame_text);
}

#define CUTS(frame, ...) cuts_are(frame, (const struct cut[CUTS_MAX + 1]){__VA_ARGS__})

static void a_frame_of_white_space_has_no_piece(void)
{
    CUTS("", {0});
    CUTS(" \t\r\n\n", {0});
    CUTS("[]", {0});
    CUTS(" [ \n ] ", {0});
}

static void one_object_is_one_piece(void)
{
    CUTS("{}", {"{}", 0, 1});
    CUTS("\n  {\"a\":1} \r\n", {"{\"a\":1}", 3, 2});
    CUTS("{\n \"a\": 1,\n\n \"b\": 2\n}\n", {"{\n \"a\": 1,\n\n \"b\": 2\n}", 0, 1});
}

static void lines_are_pieces(void)
{
    CUTS("{\"a\":1}\n{\"b\":2}\n", {"{\"a\":1}", 0, 1}, {"{\"b\":2}", 8, 2});
    CUTS("{\"a\":1}\r\n\r\n  {\"b\":2}", {"{\"a\":1}", 0, 1}, {"{\"b\":2}", 13, 3});
    CUTS("{\"a\":1}{\"b\":2}\n", {"{\"a\":1}{\"b\":2}", 0, 1});
}

static void pretty_printed_objects_follow_each_other(void)
{
    CUTS("{\n\"a\":1\n}\n{\n\"b\":2\n}", {"{\n\"a\":1\n}", 0, 1}, {"{\n\"b\":2\n}", 10, 4});
}

static void a_broken_line_costs_itself_alone(void)
{
    CUTS("{\"a\":1\n{\"b\":2}\n", {"{\"a\":1", 0, 1}, {"{\"b\":2}", 7, 2});
    CUTS("{\"a\":\"x\n\n{\"b\":2}", {"{\"a\":\"x", 0, 1}, {"{\"b\":2}", 9, 3});
    CUTS("oops\n{\"b\":2}\n}\n7", {"oops", 0, 1}, {"{\"b\":2}", 5, 2}, {"}", 13, 3},
         {"7", 15, 4});
}

static void elements_of_an_array_are_pieces(void)
{
    CUTS("[{\"a\":1},{\"b\":2}]", {"{\"a\":1}", 1, 1}, {"{\"b\":2}", 9, 1});
    CUTS("\n[ {\"a\":1} ,\n {\"b\":[1,{}]} ] \n", {"{\"a\":1}", 3, 2},
         {"{\"b\":[1,{}]}", 14, 3});
    CUTS("[1,\"x,]\"]", {"1", 1, 1}, {"\"x,]\"", 3, 1});
}

static void brackets_in_strings_do_not_count(void)
{
    CUTS("[{\"a\":\"}],\\\"]\"},{}]", {"{\"a\":\"}],\\\"]\"}", 1, 1}, {"{}", 16, 1});
    CUTS("[{\"a\":\"\\\\\"},{}]", {"{\"a\":\"\\\\\"}", 1, 1}, {"{}", 12, 1});
}

static void an_empty_element_is_a_piece(void)
{
    CUTS("[{},]", {"{}", 1, 1}, {"", 4, 1});
    CUTS("[,{}]", {"", 1, 1}, {"{}", 2, 1});
}

static void a_wrong_bracket_costs_its_element_alone(void)
{
    CUTS("[{\"a\":1]},{\"b\":2}]", {"{\"a\":1]}", 1, 1}, {"{\"b\":2}", 10, 1});
}

static void an_element_that_never_closes_takes_the_rest(void)
{
    CUTS("[{\"a\":1},{\"b\":[2,{\"c\":3}]", {"{\"a\":1}", 1, 1},
         {"{\"b\":[2,{\"c\":3}]", 9, 1});
    CUTS("[{\"a\":1},{\"b\":\"2},{}]", {"{\"a\":1}", 1, 1}, {"{\"b\":\"2},{}]", 9, 1});
    CUTS("[{\"a\":\"\\", {"{\"a\":\"\\", 1, 1});
}

static void an_array_cut_between_elements_is_not_taken_for_whole(void)
{
    CUTS("[", {"", 1, 1});
    CUTS("[{\"a\":1}", {"{\"a\":1}", 1, 1}, {"", 8, 1});
    CUTS("[{\"a\":1},\n", {"{\"a\":1}", 1, 1}, {"", 10, 2});
}

static void what_follows_an_array_is_split_by_lines(void)
{
    CUTS("[{}] \n {\"b\":2}\n", {"{}", 1, 1}, {"{\"b\":2}", 7, 2});
    CUTS("[] x", {"x", 3, 1});
    CUTS("[{}]]", {"{}", 1, 1}, {"]", 4, 1});
}

static void a_frame_may_hold_any_byte(void)
{
    static const char bytes[] = "{\"a\":\0}\n\0\n{}";
    struct gh_frame frame;
    struct gh_piece piece;

    gh_frame_init(&frame, bytes, sizeof bytes - 1);
    CHECK(gh_frame_next(&frame, &piece) && piece.size == 7);
    CHECK(gh_frame_next(&frame, &piece) && piece.size == 1 && piece.offset == 8);
    CHECK(gh_frame_next(&frame, &piece) && piece.size == 2 && piece.line == 3);
    CHECK(!gh_frame_next(&frame, &piece));
}

#define EVENT(id) "{\"id\":\"" id "\",\"ts\":1,\"actor\":\"ann\",\"x\":1}"
#define LONG_EVENT \
    EVENT("0123456789012345678901234567890123456789012345678901234567890123456789")

typedef void frame_init(struct gh_frame *frame, const char *at, size_t size);

/* Both ways give the same pieces and events, `count` of them. */
static void in_one_is_so(frame_init *init, const char *text, uint32_t count)
{
    static struct gh_pair pair;
    struct gh_frame frame, both;
    struct gh_piece piece;
    struct gh_event event;
    struct gh_refused refused;

    if (pair.decoder == NULL && !gh_pair_init(&pair))
        exit(1);
    init(&frame, text, strlen(text));
    init(&both, text, strlen(text));
    while (gh_frame_next(&frame, &piece)) {
        const char *trouble = gh_pair_decode(&pair, &piece);
        trouble = trouble ? trouble : gh_pair_frame(&pair, &both, &piece);
        CHECK(trouble == NULL);
        if (trouble)
            printf("# %s: %s\n", trouble, text);
        count--;
    }
    CHECK(count == 0);
    CHECK(gh_frame_decode(&both, pair.in_one, &piece, &event, &refused) == GH_NEXT_NONE);
    CHECK(both.used == frame.used || both.used == strlen(text));
    CHECK(both.index == frame.index && both.line == frame.line);
    gh_pair_reset(&pair);
}

static void in_one_is_the_same(const char *text, uint32_t count)
{
    in_one_is_so(gh_frame_init, text, count);
}

/* Each line is a piece, whatever it holds. */
static void in_one_is_the_same_with_numbers(void)
{
    in_one_is_so(gh_frame_init_lines, "", 0);
    in_one_is_so(gh_frame_init_lines, "\n\r\n", 2);
    for (int again = 0; again < 2; again++) {
        in_one_is_so(gh_frame_init_lines, EVENT("a"), 1);
        in_one_is_so(gh_frame_init_lines, EVENT("a") "\n", 1);
        in_one_is_so(gh_frame_init_lines, EVENT("a") "\n" LONG_EVENT "\n\n" EVENT("c"), 4);
        in_one_is_so(gh_frame_init_lines, EVENT("a") "\r\n" LONG_EVENT "\r\n" EVENT("c"), 3);
        in_one_is_so(gh_frame_init_lines, "[" EVENT("a") "\n" EVENT("b") "]\n" EVENT("c"), 3);
        in_one_is_so(gh_frame_init_lines,
                     "{\n\"id\":\"a\"\n}\n" EVENT("b") ","
                                                       "\n{",
                     5);
    }
}

static void splitting_and_decoding_in_one_is_the_same(void)
{
    in_one_is_the_same("", 0);
    in_one_is_the_same("\n\r\n", 0);
    for (int again = 0; again < 2; again++) { /* it remembers how keys stood */
        in_one_is_the_same(EVENT("a"), 1);
        in_one_is_the_same(EVENT("a") "\n" LONG_EVENT "\n\n" EVENT("c") "\n", 3);
        in_one_is_the_same("\n" EVENT("a") "\r\n" LONG_EVENT "\r\n" EVENT("c"), 3);
        in_one_is_the_same(EVENT("a") "\r" EVENT("b") "\n" LONG_EVENT "\r", 2);
        in_one_is_the_same(EVENT("a") " \n" LONG_EVENT EVENT("c") "\n \n" EVENT("d"), 3);
        in_one_is_the_same(EVENT("a") "\n" EVENT("b") ",\n" EVENT("c") "\noops\n" EVENT("d"),
                           5);
        in_one_is_the_same("[" EVENT("a") "," LONG_EVENT ",\n" EVENT("c") "]\n" EVENT("d"), 4);
        in_one_is_the_same("{\n\"id\":\"a\"\n}\n" LONG_EVENT "\n" EVENT("c") "\n{", 4);
    }
}

static const struct gh_test tests[] = {
    GH_TEST(a_frame_of_white_space_has_no_piece),
    GH_TEST(one_object_is_one_piece),
    GH_TEST(lines_are_pieces),
    GH_TEST(pretty_printed_objects_follow_each_other),
    GH_TEST(a_broken_line_costs_itself_alone),
    GH_TEST(elements_of_an_array_are_pieces),
    GH_TEST(brackets_in_strings_do_not_count),
    GH_TEST(an_empty_element_is_a_piece),
    GH_TEST(a_wrong_bracket_costs_its_element_alone),
    GH_TEST(an_element_that_never_closes_takes_the_rest),
    GH_TEST(an_array_cut_between_elements_is_not_taken_for_whole),
    GH_TEST(what_follows_an_array_is_split_by_lines),
    GH_TEST(a_frame_may_hold_any_byte),
    GH_TEST(splitting_and_decoding_in_one_is_the_same),
    GH_TEST(in_one_is_the_same_with_numbers),
};
GH_TEST_MAIN(tests)
