/* config_yaml.c - a YAML document of two levels, group and option, into a configuration.
 *
 * The document is read as a tree, so that one mistake does not hide the next. */
#include "app/config_inside.h"
#include "app/config_value.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { OPTIONS_MAX = 64 };
struct reader {
    struct gh_config *config;
    struct gh_problems *problems;
    yaml_document_t *document;
    const struct gh_option_group *group; /* being read */
    unsigned char *values;               /* of that group */
    bool seen[OPTIONS_MAX];              /* options of that group */
};

__attribute__((format(printf, 3, 4))) static void
tell(struct gh_problems *problems, yaml_mark_t mark, const char *format, ...)
{
    char text[sizeof(((struct gh_error *)0)->text)], what[384];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(what, sizeof(what), format, arguments);
    va_end(arguments);
    snprintf(text, sizeof(text), "%s:%zu:%zu: %s", problems->file, mark.line + 1,
             mark.column + 1, what);
    problems->count++;
    problems->report(problems->context, text);
}

static const char *scalar_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

/* A key as a name; NULL (and told) when it is not a plain word. */
static const char *key_name(const struct reader *r, const yaml_node_t *key)
{
    if (key->type == YAML_SCALAR_NODE && strlen(scalar_text(key)) == key->data.scalar.length)
        return scalar_text(key);
    tell(r->problems, key->start_mark, "a name is expected here");
    return NULL;
}

static bool is_null(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!scalar_text(node)[0] || !strcmp(scalar_text(node), "~") ||
            !strcmp(scalar_text(node), "null"));
}

/* True when `row` was there before; the first wins, the second is told. */
static bool seen_before(bool *seen, size_t row)
{
    const bool before = seen[row];

    seen[row] = true;
    return before;
}

static bool tag_is_default(const yaml_node_t *node)
{
    const char *tag = (const char *)node->tag;

    return !strcmp(tag, YAML_STR_TAG) || !strcmp(tag, YAML_SEQ_TAG) ||
           !strcmp(tag, YAML_MAP_TAG);
}

static struct gh_scalar scalar_of(const yaml_node_t *node)
{
    const bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    return (struct gh_scalar){scalar_text(node), node->data.scalar.length,
                              plain ? GH_NOTATION_PLAIN : GH_NOTATION_QUOTED};
}

static void scalar_read(const struct reader *r, const struct gh_option *option,
                        const yaml_node_t *node)
{
    char problem[GH_PROBLEM_SIZE];

    if (!tag_is_default(node))
        tell(r->problems, node->start_mark, "%s.%s: tags are not known here", r->group->name,
             option->name);
    else if (!gh_value_read(option, scalar_of(node), r->values + option->offset, problem))
        tell(r->problems, node->start_mark, "%s.%s: %s", r->group->name, option->name, problem);
}

/* Appends an item to a list separated by commas; false: told. */
static bool item_append(const struct reader *r, const struct gh_option *option,
                        const yaml_node_t *item, struct gh_option_text *list)
{
    struct gh_option_text one;
    size_t used = strlen(list->text);
    char problem[GH_PROBLEM_SIZE];

    if (item->type != YAML_SCALAR_NODE || !tag_is_default(item)) {
        snprintf(problem, sizeof(problem), "must be a list of texts");
    } else if (gh_value_read(option, scalar_of(item), &one, problem)) {
        if (!one.text[0] || strchr(one.text, ','))
            snprintf(problem, sizeof(problem), "an item must not be empty or hold a comma");
        else if (used + strlen(one.text) + 2 > sizeof(list->text))
            snprintf(problem, sizeof(problem), "a list must be at most %d bytes in all",
                     GH_OPTION_TEXT_SIZE - 1);
        else {
            if (used)
                list->text[used++] = ',';
            memcpy(list->text + used, one.text, strlen(one.text) + 1);
            return true;
        }
    }
    tell(r->problems, item->start_mark, "%s.%s: %s", r->group->name, option->name, problem);
    return false;
}

static void sequence_read(const struct reader *r, const struct gh_option *option,
                          const yaml_node_t *node)
{
    struct gh_option_text list = {{0}};

    for (const yaml_node_item_t *i = node->data.sequence.items.start;
         i < node->data.sequence.items.top; i++)
        if (!item_append(r, option, yaml_document_get_node(r->document, *i), &list))
            return;
    *(struct gh_option_text *)(void *)(r->values + option->offset) = list;
}

static void option_read(struct reader *r, const yaml_node_t *key, const yaml_node_t *value)
{
    const char *name = key_name(r, key);
    const struct gh_option *option = name ? gh_option_find(r->group, name) : NULL;
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE], legal[GH_PROBLEM_SIZE];

    if (!name)
        return;
    if (!option) {
        tell(r->problems, key->start_mark, "%s.%s: unknown option%s", r->group->name,
             gh_text_clean(name, strlen(name), shown), gh_name_hint(r->group, name, hint));
    } else if (seen_before(r->seen, (size_t)(option - r->group->options))) {
        tell(r->problems, key->start_mark, "%s.%s: given twice", r->group->name, option->name);
    } else if (value->type == YAML_SCALAR_NODE) {
        scalar_read(r, option, value);
    } else if (value->type == YAML_SEQUENCE_NODE && option->type == GH_OPTION_TEXT &&
               tag_is_default(value)) {
        sequence_read(r, option, value);
    } else {
        gh_value_legal(option, false, legal, sizeof(legal));
        tell(r->problems, value->start_mark, "%s.%s: %s", r->group->name, option->name, legal);
    }
}

static void group_read(struct reader *r, const yaml_node_t *node, size_t index)
{
    r->group = gh_config_group_at(index);
    r->values = r->config->value[index];
    memset(r->seen, 0, sizeof(r->seen));
    assert(r->group->count <= OPTIONS_MAX);
    if (is_null(node))
        return;
    if (node->type != YAML_MAPPING_NODE || !tag_is_default(node)) {
        tell(r->problems, node->start_mark, "%s: must be a mapping of options", r->group->name);
        return;
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++)
        option_read(r, yaml_document_get_node(r->document, pair->key),
                    yaml_document_get_node(r->document, pair->value));
}

static void root_read(struct reader *r, const yaml_node_t *root)
{
    bool seen[GH_CONFIG_GROUPS_MAX] = {false};
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE];

    if (is_null(root))
        return;
    if (root->type != YAML_MAPPING_NODE || !tag_is_default(root)) {
        tell(r->problems, root->start_mark, "must be a mapping of groups of options");
        return;
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++) {
        const yaml_node_t *key = yaml_document_get_node(r->document, pair->key);
        const char *name = key_name(r, key);
        const size_t index = name ? gh_group_find(name) : 0;

        if (!name)
            continue;
        if (index == gh_config_group_count())
            tell(r->problems, key->start_mark, "%s: unknown group of options%s",
                 gh_text_clean(name, strlen(name), shown), gh_name_hint(NULL, name, hint));
        else if (seen_before(seen, index))
            tell(r->problems, key->start_mark, "%s: given twice", name);
        else
            group_read(r, yaml_document_get_node(r->document, pair->value), index);
    }
}

/* libyaml knows no place for bytes that are not UTF-8 but their offset. */
static void syntax_tell(struct gh_problems *problems, const yaml_parser_t *parser)
{
    const char *why = parser->problem ? parser->problem : "cannot be read";

    problems->starved |= parser->error == YAML_MEMORY_ERROR;
    if (parser->error == YAML_MEMORY_ERROR)
        tell(problems, parser->mark, "out of memory");
    else if (parser->error == YAML_READER_ERROR)
        tell(problems, parser->mark, "byte %zu: must be YAML in UTF-8: %s",
             parser->problem_offset, why);
    else
        tell(problems, parser->problem_mark, "must be YAML: %s", why);
}

/* libyaml takes time that grows with the square of depth and of anchors, so both are
 * bounded before it builds a tree. False: told. */
enum { DEPTH_MAX = 8, ANCHORS_MAX = 64 };
static bool event_count(const yaml_event_t *event, int *depth, int *anchors)
{
    const unsigned char *anchor = NULL;

    if (event->type == YAML_MAPPING_START_EVENT) {
        ++*depth;
        anchor = event->data.mapping_start.anchor;
    } else if (event->type == YAML_SEQUENCE_START_EVENT) {
        ++*depth;
        anchor = event->data.sequence_start.anchor;
    } else if (event->type == YAML_MAPPING_END_EVENT ||
               event->type == YAML_SEQUENCE_END_EVENT) {
        --*depth;
    } else if (event->type == YAML_SCALAR_EVENT) {
        anchor = event->data.scalar.anchor;
    }
    *anchors += anchor != NULL;
    return *depth <= DEPTH_MAX && *anchors <= ANCHORS_MAX;
}

static bool shape_check(yaml_parser_t *parser, struct gh_problems *problems)
{
    int depth = 0, anchors = 0;
    bool ended = false, fine = true;

    while (fine && !ended) {
        yaml_event_t event;

        if (!yaml_parser_parse(parser, &event)) {
            syntax_tell(problems, parser);
            return false;
        }
        fine = event_count(&event, &depth, &anchors);
        ended = event.type == YAML_STREAM_END_EVENT;
        if (!fine)
            tell(problems, event.start_mark,
                 depth > DEPTH_MAX ? "must be nested at most %d deep"
                                   : "must have at most %d anchors",
                 depth > DEPTH_MAX ? DEPTH_MAX : ANCHORS_MAX);
        yaml_event_delete(&event);
    }
    return fine;
}

static void documents_read(struct gh_config *config, yaml_parser_t *parser,
                           struct gh_problems *problems)
{
    yaml_document_t document, second;
    struct reader r = {.config = config, .problems = problems, .document = &document};
    const yaml_node_t *root;

    if (!yaml_parser_load(parser, &document)) {
        syntax_tell(problems, parser);
        return;
    }
    root = yaml_document_get_root_node(&document);
    if (root)
        root_read(&r, root);
    if (!root)
        goto out;
    if (!yaml_parser_load(parser, &second)) {
        syntax_tell(problems, parser);
        goto out;
    }
    root = yaml_document_get_root_node(&second);
    if (root)
        tell(problems, root->start_mark, "a second document: there must be one");
    yaml_document_delete(&second);
out:
    yaml_document_delete(&document);
}

static bool parser_start(yaml_parser_t *parser, const char *at, size_t size,
                         struct gh_problems *problems)
{
    if (!yaml_parser_initialize(parser)) {
        problems->starved = true;
        tell(problems, (yaml_mark_t){0}, "out of memory");
        return false;
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)at, size);
    return true;
}

void gh_yaml_read(struct gh_config *config, const char *at, size_t size,
                  struct gh_problems *problems)
{
    yaml_parser_t parser;
    bool fine;

    if (size > GH_CONFIG_FILE_BYTES_MAX) {
        tell(problems, (yaml_mark_t){0}, "must be at most %d bytes", GH_CONFIG_FILE_BYTES_MAX);
        return;
    }
    if (!parser_start(&parser, at, size, problems))
        return;
    fine = shape_check(&parser, problems);
    yaml_parser_delete(&parser);
    if (!fine || !parser_start(&parser, at, size, problems))
        return;
    documents_read(config, &parser, problems);
    yaml_parser_delete(&parser);
}
