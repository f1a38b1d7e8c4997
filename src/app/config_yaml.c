/* config_yaml.c - a YAML document of two levels, group and option, into a configuration.
 *
 * The document is read as a tree, so that one mistake does not hide the next. */
#include "app/config_yaml.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { OPTIONS_MAX = 64 };
struct reader {
    struct gh_yaml yaml;
    struct gh_option_place place; /* the option being read */
    const struct gh_option_group *group;
    size_t seen[OPTIONS_MAX]; /* options of that group, by line */
};

void gh_yaml_tell(struct gh_problems *problems, yaml_mark_t mark, const char *format, ...)
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

void gh_yaml_starve(struct gh_problems *problems, yaml_mark_t mark)
{
    problems->starved = true;
    gh_yaml_tell(problems, mark, "out of memory");
}

const char *gh_yaml_text(const yaml_node_t *node)
{
    return (const char *)node->data.scalar.value;
}

const char *gh_yaml_name(const struct gh_yaml *yaml, const yaml_node_t *key)
{
    if (key->type == YAML_SCALAR_NODE && strlen(gh_yaml_text(key)) == key->data.scalar.length)
        return gh_yaml_text(key);
    gh_yaml_tell(yaml->problems, key->start_mark, "a name is expected here");
    return NULL;
}

bool gh_yaml_null(const yaml_node_t *node)
{
    return node->type == YAML_SCALAR_NODE &&
           node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!gh_yaml_text(node)[0] || !strcmp(gh_yaml_text(node), "~") ||
            !strcmp(gh_yaml_text(node), "null"));
}

bool gh_yaml_again(const struct gh_yaml *yaml, size_t *seen, size_t row, const yaml_node_t *key,
                   const char *name)
{
    if (!seen[row]) {
        seen[row] = key->start_mark.line + 1;
        return false;
    }
    gh_yaml_tell(yaml->problems, key->start_mark, "%s: given twice, first in line %zu", name,
                 seen[row]);
    return true;
}

bool gh_yaml_untagged(const yaml_node_t *node)
{
    const char *tag = (const char *)node->tag;

    return !strcmp(tag, YAML_STR_TAG) || !strcmp(tag, YAML_SEQ_TAG) ||
           !strcmp(tag, YAML_MAP_TAG);
}

struct gh_scalar gh_yaml_scalar(const yaml_node_t *node)
{
    const bool plain = node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;

    return (struct gh_scalar){gh_yaml_text(node), node->data.scalar.length,
                              plain ? GH_NOTATION_PLAIN : GH_NOTATION_QUOTED};
}

void gh_yaml_origin(const struct gh_yaml *yaml, yaml_mark_t mark,
                    struct gh_option_origin *origin)
{
    char file[GH_ORIGIN_SIZE - 64];

    gh_text_fit(yaml->problems->file, strlen(yaml->problems->file), file, sizeof(file));
    origin->layer = GH_LAYER_FILE;
    snprintf(origin->text, sizeof(origin->text), "%s:%zu:%zu", file, mark.line + 1,
             mark.column + 1);
}

bool gh_yaml_value(const struct gh_yaml *yaml, const char *name, const struct gh_option *option,
                   const yaml_node_t *node, union gh_value *value)
{
    char problem[GH_PROBLEM_SIZE];

    if (node->type != YAML_SCALAR_NODE) {
        gh_value_legal(option, false, problem, sizeof(problem));
        gh_yaml_tell(yaml->problems, node->start_mark, "%s: %s", name, problem);
    } else if (!gh_yaml_untagged(node)) {
        gh_yaml_tell(yaml->problems, node->start_mark, "%s: tags are not known here", name);
    } else if (!gh_value_read(option, gh_yaml_scalar(node), value, problem)) {
        gh_yaml_tell(yaml->problems, node->start_mark, "%s: %s", name, problem);
    } else {
        return true;
    }
    return false;
}

/* Appends an item to a list separated by commas; false: told. */
static bool item_append(const struct reader *r, const char *name, const yaml_node_t *item,
                        struct gh_option_text *list)
{
    union gh_value one;
    size_t used = strlen(list->text);
    char problem[GH_PROBLEM_SIZE];

    if (item->type != YAML_SCALAR_NODE || !gh_yaml_untagged(item)) {
        snprintf(problem, sizeof(problem), "must be a list of texts");
    } else if (gh_value_read(&gh_option_free_text, gh_yaml_scalar(item), &one, problem)) {
        if (!one.text.text[0] || strchr(one.text.text, ','))
            snprintf(problem, sizeof(problem), "an item must not be empty or hold a comma");
        else if (used + strlen(one.text.text) + 2 > sizeof(list->text))
            snprintf(problem, sizeof(problem), "a list must be at most %d bytes in all",
                     GH_OPTION_TEXT_SIZE - 1);
        else {
            if (used)
                list->text[used++] = ',';
            memcpy(list->text + used, one.text.text, strlen(one.text.text) + 1);
            return true;
        }
    }
    gh_yaml_tell(r->yaml.problems, item->start_mark, "%s: %s", name, problem);
    return false;
}

static bool sequence_read(const struct reader *r, const char *name, const yaml_node_t *node,
                          struct gh_option_text *list)
{
    *list = (struct gh_option_text){{0}};
    for (const yaml_node_item_t *i = node->data.sequence.items.start;
         i < node->data.sequence.items.top; i++)
        if (!item_append(r, name, yaml_document_get_node(r->yaml.document, *i), list))
            return false;
    return true;
}

static void value_read(struct reader *r, const char *name, const yaml_node_t *key,
                       const yaml_node_t *node)
{
    const struct gh_option *option = gh_option_at(r->place);
    const bool list = node->type == YAML_SEQUENCE_NODE && option->type == GH_OPTION_TEXT &&
                      gh_yaml_untagged(node);
    struct gh_option_origin origin;
    union gh_value value;

    if (list ? !sequence_read(r, name, node, &value.text)
             : !gh_yaml_value(&r->yaml, name, option, node, &value))
        return;
    gh_yaml_origin(&r->yaml, key->start_mark, &origin);
    if (!gh_said_take(r->yaml.config, r->place, &value, &origin))
        gh_yaml_starve(r->yaml.problems, key->start_mark);
}

static void option_read(struct reader *r, const yaml_node_t *key, const yaml_node_t *value)
{
    const char *name = gh_yaml_name(&r->yaml, key);
    const struct gh_option *option = name ? gh_option_find(r->group, name) : NULL;
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE], full[2 * GH_CLEAN_SIZE];

    if (!name)
        return;
    snprintf(full, sizeof(full), "%s.%s", r->group->name,
             gh_text_clean(name, strlen(name), shown));
    if (!option) {
        gh_yaml_tell(r->yaml.problems, key->start_mark, "%s: unknown option%s", full,
                     gh_name_hint(r->group, name, hint));
        return;
    }
    r->place.option = (size_t)(option - r->group->options);
    if (!gh_yaml_again(&r->yaml, r->seen, r->place.option, key, full))
        value_read(r, full, key, value);
}

static void group_read(struct reader *r, const yaml_node_t *node, size_t index)
{
    r->group = gh_config_group_at(index);
    r->place.group = index;
    memset(r->seen, 0, sizeof(r->seen));
    assert(r->group->count <= OPTIONS_MAX);
    if (gh_yaml_null(node))
        return;
    if (node->type != YAML_MAPPING_NODE || !gh_yaml_untagged(node)) {
        gh_yaml_tell(r->yaml.problems, node->start_mark, "%s: must be a mapping of options",
                     r->group->name);
        return;
    }
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top; pair++)
        option_read(r, yaml_document_get_node(r->yaml.document, pair->key),
                    yaml_document_get_node(r->yaml.document, pair->value));
}

/* One member of the document: a group, or what teams and roles have of their own. */
static void member_read(struct reader *r, size_t *seen, const yaml_node_t *key,
                        const yaml_node_t *value)
{
    const size_t groups = gh_config_group_count();
    const char *name = gh_yaml_name(&r->yaml, key);
    char hint[GH_HINT_SIZE], shown[GH_CLEAN_SIZE];

    if (!name)
        return;
    const bool overrides = !strcmp(name, "overrides");
    const size_t index = gh_group_find(name);
    if (index == groups && !overrides)
        gh_yaml_tell(r->yaml.problems, key->start_mark, "%s: unknown group of options%s",
                     gh_text_clean(name, strlen(name), shown), gh_name_hint(NULL, name, hint));
    else if (gh_yaml_again(&r->yaml, seen, index, key, name))
        return;
    else if (overrides)
        gh_yaml_overrides(&r->yaml, value);
    else
        group_read(r, value, index);
}

static void root_read(struct reader *r, const yaml_node_t *root)
{
    size_t seen[GH_CONFIG_GROUPS_MAX + 1] = {0};

    if (gh_yaml_null(root))
        return;
    if (root->type != YAML_MAPPING_NODE || !gh_yaml_untagged(root)) {
        gh_yaml_tell(r->yaml.problems, root->start_mark,
                     "must be a mapping of groups of options");
        return;
    }
    for (const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
         pair < root->data.mapping.pairs.top; pair++)
        member_read(r, seen, yaml_document_get_node(r->yaml.document, pair->key),
                    yaml_document_get_node(r->yaml.document, pair->value));
}

/* libyaml knows no place for bytes that it cannot read but their offset. */
static yaml_mark_t offset_mark(struct gh_text text, size_t offset)
{
    yaml_mark_t mark = {.index = offset};

    for (size_t i = 0; i < offset && i < text.size; i++) {
        const bool first = ((unsigned char)text.at[i] & 0xc0) != 0x80;

        mark.line += text.at[i] == '\n';
        mark.column = text.at[i] == '\n' ? 0 : mark.column + first;
    }
    return mark;
}

/* Where a key begins that has no colon, or a quote that is not closed: libyaml finds either
 * only further down. */
static yaml_mark_t problem_mark(const yaml_parser_t *parser)
{
    const char *context = parser->context ? parser->context : "";
    const bool opened = strstr(context, "simple key") || strstr(context, "quoted scalar");

    return opened ? parser->context_mark : parser->problem_mark;
}

static void syntax_tell(struct gh_problems *problems, const yaml_parser_t *parser,
                        struct gh_text text)
{
    const char *why = parser->problem ? parser->problem : "cannot be read";
    const size_t index = parser->problem_mark.index;

    if (parser->error == YAML_MEMORY_ERROR)
        gh_yaml_starve(problems, parser->mark);
    else if (parser->error == YAML_READER_ERROR)
        gh_yaml_tell(problems, offset_mark(text, parser->problem_offset),
                     "byte %zu: must be YAML in UTF-8: %s", parser->problem_offset, why);
    else
        gh_yaml_tell(problems, problem_mark(parser), "must be YAML: %s%s", why,
                     index < text.size && text.at[index] == '\t' ? ": a tab; indent with spaces"
                                                                 : "");
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

/* A value after which something wrong is found further down, but which was itself meant
 * otherwise: a quote over several lines, or a word that stands where options should. */
struct suspect {
    yaml_mark_t at;
    size_t line; /* where the event before ended */
    const char *question;
};

static void suspect_note(struct suspect *suspect, const yaml_event_t *event)
{
    const bool scalar = event->type == YAML_SCALAR_EVENT;
    const bool plain = scalar && event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    const bool folded = scalar && event->end_mark.line > event->start_mark.line;

    suspect->question = folded && !plain ? "is this quote closed?"
                        : plain && event->start_mark.line > suspect->line
                            ? "is a colon with a blank missing here?"
                            : NULL;
    suspect->at = event->start_mark;
    suspect->line = event->end_mark.line;
}

static void misread_tell(struct gh_problems *problems, const yaml_parser_t *parser,
                         struct gh_text text, const struct suspect *suspect)
{
    if (suspect->question && parser->error == YAML_PARSER_ERROR &&
        suspect->at.line < parser->problem_mark.line)
        gh_yaml_tell(problems, suspect->at, "must be YAML: %s", suspect->question);
    else
        syntax_tell(problems, parser, text);
}

static bool shape_check(yaml_parser_t *parser, struct gh_text text,
                        struct gh_problems *problems)
{
    struct suspect suspect = {.question = NULL};
    int depth = 0, anchors = 0;
    bool ended = false, fine = true;

    while (fine && !ended) {
        yaml_event_t event;

        if (!yaml_parser_parse(parser, &event)) {
            misread_tell(problems, parser, text, &suspect);
            return false;
        }
        suspect_note(&suspect, &event);
        fine = event_count(&event, &depth, &anchors);
        ended = event.type == YAML_STREAM_END_EVENT;
        if (!fine)
            gh_yaml_tell(problems, event.start_mark,
                         depth > DEPTH_MAX ? "must be nested at most %d deep"
                                           : "must have at most %d anchors",
                         depth > DEPTH_MAX ? DEPTH_MAX : ANCHORS_MAX);
        yaml_event_delete(&event);
    }
    return fine;
}

static void documents_read(struct gh_config *config, yaml_parser_t *parser, struct gh_text text,
                           struct gh_problems *problems)
{
    yaml_document_t document, second;
    struct reader r = {.yaml = {config, problems, &document}};
    const yaml_node_t *root;

    if (!yaml_parser_load(parser, &document)) {
        syntax_tell(problems, parser, text);
        return;
    }
    root = yaml_document_get_root_node(&document);
    if (root)
        root_read(&r, root);
    if (!root)
        goto out;
    if (!yaml_parser_load(parser, &second)) {
        syntax_tell(problems, parser, text);
        goto out;
    }
    root = yaml_document_get_root_node(&second);
    if (root)
        gh_yaml_tell(problems, root->start_mark, "a second document: there must be one");
    yaml_document_delete(&second);
out:
    yaml_document_delete(&document);
}

static bool parser_start(yaml_parser_t *parser, struct gh_text text,
                         struct gh_problems *problems)
{
    if (!yaml_parser_initialize(parser)) {
        gh_yaml_starve(problems, (yaml_mark_t){0});
        return false;
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)text.at, text.size);
    return true;
}

void gh_yaml_read(struct gh_config *config, const char *at, size_t size,
                  struct gh_problems *problems)
{
    const struct gh_text text = {at, (uint32_t)size};
    yaml_parser_t parser;
    bool fine;

    if (size > GH_CONFIG_FILE_BYTES_MAX) {
        gh_yaml_tell(problems, (yaml_mark_t){0}, "must be at most %d bytes",
                     GH_CONFIG_FILE_BYTES_MAX);
        return;
    }
    if (!parser_start(&parser, text, problems))
        return;
    fine = shape_check(&parser, text, problems);
    yaml_parser_delete(&parser);
    if (!fine || !parser_start(&parser, text, problems))
        return;
    documents_read(config, &parser, text, problems);
    yaml_parser_delete(&parser);
}
