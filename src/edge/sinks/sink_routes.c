/* sink_routes.c - see sink_routes.h. The file is small, so it is read as a tree. */
#include "edge/sinks/sink_routes.h"

#include "edge/text_file.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

enum { NAME_MAX_BYTES = 64, TEXT_MAX_BYTES = 4096 };

#define MEMBER_NAME(member) #member,
static const char *const member_names[GH_ROUTE_MEMBERS] = {GH_ROUTE_MEMBER_LIST(MEMBER_NAME)};
static const char shape[] = "the file is one mapping, routes: a list, and nothing else";

struct reader {
    struct gh_sink_routes *routes;
    yaml_document_t document;
    struct gh_error *error;
};

void gh_sink_route_place(const struct gh_sink_routes *routes, const struct gh_sink_route *route,
                         enum gh_route_member member, char place[GH_ROUTE_PLACE_SIZE])
{
    const struct gh_route_value *value = &route->value[member];
    const char *name = route->value[GH_ROUTE_name].text;
    const bool there = value->line > 0;

    snprintf(place, GH_ROUTE_PLACE_SIZE, "%.256s:%zu:%zu: route %zu%s%.*s%s: %s", routes->path,
             there ? value->line : route->line, there ? value->column : route->column,
             (size_t)(route - routes->route) + 1, name ? " (" : "", NAME_MAX_BYTES,
             name ? name : "", name ? ")" : "", member_names[member]);
}

static enum gh_status refuse_at(const struct reader *r, yaml_mark_t mark, const char *what)
{
    return gh_error_set(r->error, GH_ECONFIG, "%s:%zu:%zu: %s", r->routes->path, mark.line + 1,
                        mark.column + 1, what);
}

static enum gh_status refuse_member(const struct reader *r, const struct gh_sink_route *route,
                                    enum gh_route_member member, const char *what)
{
    char place[GH_ROUTE_PLACE_SIZE];

    gh_sink_route_place(r->routes, route, member, place);
    return gh_error_set(r->error, GH_ECONFIG, "%s: %s", place, what);
}

static enum gh_status refuse_memory(const struct reader *r)
{
    return gh_error_set(r->error, GH_EMEMORY, "%s: out of memory", r->routes->path);
}

/* One text that a person can have meant: not nothing, no tag that makes it something else, and
 * no sign that would shape a list or a header. */
static bool text_legal(const yaml_node_t *node)
{
    const char *text = (const char *)node->data.scalar.value;
    const size_t size = node->data.scalar.length;

    if (node->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
        (!strcmp(text, "~") || !strcmp(text, "null")))
        return false;
    if (strcmp((const char *)node->tag, YAML_STR_TAG) != 0 || size == 0 ||
        size > TEXT_MAX_BYTES || text[0] == ' ' || text[size - 1] == ' ')
        return false;
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return true;
}

/* Adds a text to a list; an element has no comma, for those stand between them. */
static enum gh_status text_add(const struct reader *r, struct gh_sink_route *route,
                               enum gh_route_member member, const yaml_node_t *node)
{
    struct gh_route_value *value = &route->value[member];
    char *before = value->text;

    if (node->type != YAML_SCALAR_NODE || !text_legal(node))
        return refuse_member(r, route, member, "a text, or a list of texts");
    const char *text = (const char *)node->data.scalar.value;
    if ((before || member == GH_ROUTE_teams) && strchr(text, ','))
        return refuse_member(r, route, member, "a text of a list: without a comma");
    value->text = NULL;
    if (asprintf(&value->text, "%s%s%s", before ? before : "", before ? "," : "", text) < 0)
        value->text = NULL;
    free(before);
    return value->text ? GH_OK : refuse_memory(r);
}

static bool list_allowed(enum gh_route_member member)
{
    return member == GH_ROUTE_address || member == GH_ROUTE_teams || member == GH_ROUTE_tracks;
}

static enum gh_status value_read(struct reader *r, struct gh_sink_route *route,
                                 enum gh_route_member member, const yaml_node_t *node)
{
    enum gh_status status = GH_OK;

    if (node->type != YAML_SEQUENCE_NODE)
        return text_add(r, route, member, node);
    if (!list_allowed(member) ||
        node->data.sequence.items.start == node->data.sequence.items.top)
        return refuse_member(r, route, member,
                             list_allowed(member) ? "a list of texts, not empty" : "a text");
    for (const yaml_node_item_t *item = node->data.sequence.items.start;
         item < node->data.sequence.items.top && status == GH_OK; item++)
        status = text_add(r, route, member, yaml_document_get_node(&r->document, *item));
    return status;
}

/* GH_ROUTE_MEMBERS: there is no such member. */
static enum gh_route_member member_find(const yaml_node_t *key)
{
    unsigned member = 0;

    while (member < GH_ROUTE_MEMBERS &&
           (key->type != YAML_SCALAR_NODE ||
            strcmp((const char *)key->data.scalar.value, member_names[member]) != 0))
        member++;
    return (enum gh_route_member)member;
}

static enum gh_status member_read(struct reader *r, struct gh_sink_route *route,
                                  const yaml_node_pair_t *pair)
{
    const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);
    const yaml_node_t *node = yaml_document_get_node(&r->document, pair->value);
    const enum gh_route_member member = member_find(key);

    if (member == GH_ROUTE_MEMBERS)
        return refuse_at(r, key->start_mark,
                         "no such member of a route: name, sink, secret, address, teams, "
                         "severity, tracks, actor");
    struct gh_route_value *value = &route->value[member];
    if (value->line > 0)
        return refuse_at(r, key->start_mark, "this member of the route is there already");
    value->line = node->start_mark.line + 1;
    value->column = node->start_mark.column + 1;
    return value_read(r, route, member, node);
}

static enum gh_status name_check(const struct reader *r, const struct gh_sink_route *route)
{
    const char *name = route->value[GH_ROUTE_name].text;

    if (!name || strlen(name) > NAME_MAX_BYTES ||
        name[strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_")] != '\0')
        return refuse_member(r, route, GH_ROUTE_name, "1 to 64 of a-z 0-9 - _");
    for (const struct gh_sink_route *other = r->routes->route; other < route; other++)
        if (!strcmp(other->value[GH_ROUTE_name].text, name))
            return refuse_member(r, route, GH_ROUTE_name, "another route is called so");
    return GH_OK;
}

static enum gh_status route_read(struct reader *r, const yaml_node_t *node)
{
    struct gh_sink_routes *routes = r->routes;
    enum gh_status status = GH_OK;

    if (node->type != YAML_MAPPING_NODE)
        return refuse_at(r, node->start_mark, "a route is a mapping, - name: ...");
    if (routes->count == GH_SINK_ROUTES_MAX)
        return refuse_at(r, node->start_mark, "more than 56 routes: at most 56");
    struct gh_sink_route *route = &routes->route[routes->count++];
    route->line = node->start_mark.line + 1;
    route->column = node->start_mark.column + 1;
    for (const yaml_node_pair_t *pair = node->data.mapping.pairs.start;
         pair < node->data.mapping.pairs.top && status == GH_OK; pair++)
        status = member_read(r, route, pair);
    if (status == GH_OK)
        status = name_check(r, route);
    if (status == GH_OK && !route->value[GH_ROUTE_sink].text)
        status = refuse_member(r, route, GH_ROUTE_sink, "slack, webhook or mail");
    return status;
}

static enum gh_status root_read(struct reader *r)
{
    static const yaml_mark_t start = {0, 0, 0};
    const yaml_node_t *root = yaml_document_get_root_node(&r->document);
    enum gh_status status = GH_OK;

    if (!root || root->type != YAML_MAPPING_NODE)
        return refuse_at(r, root ? root->start_mark : start, shape);
    const yaml_node_pair_t *pair = root->data.mapping.pairs.start;
    if (root->data.mapping.pairs.top != pair + 1)
        return refuse_at(r, root->start_mark, shape);
    const yaml_node_t *key = yaml_document_get_node(&r->document, pair->key);
    const yaml_node_t *list = yaml_document_get_node(&r->document, pair->value);
    if (key->type != YAML_SCALAR_NODE ||
        strcmp((const char *)key->data.scalar.value, "routes") != 0 ||
        list->type != YAML_SEQUENCE_NODE)
        return refuse_at(r, key->start_mark, shape);
    for (const yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top && status == GH_OK; item++)
        status = route_read(r, yaml_document_get_node(&r->document, *item));
    return status;
}

/* The next document of the file; one that is not there has no root. */
static enum gh_status document_load(struct reader *r, yaml_parser_t *parser)
{
    char what[160];

    if (yaml_parser_load(parser, &r->document))
        return GH_OK;
    if (parser->error == YAML_MEMORY_ERROR)
        return refuse_memory(r);
    snprintf(what, sizeof what, "must be YAML or JSON in UTF-8: %s",
             parser->problem ? parser->problem : "cannot be read");
    return refuse_at(
        r, parser->error == YAML_READER_ERROR ? parser->mark : parser->problem_mark, what);
}

static enum gh_status text_read(struct reader *r, const char *text)
{
    yaml_parser_t parser;

    if (!yaml_parser_initialize(&parser))
        return refuse_memory(r);
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser, (const unsigned char *)text, strlen(text));
    enum gh_status status = document_load(r, &parser);
    if (status == GH_OK) {
        status = root_read(r);
        yaml_document_delete(&r->document);
    }
    if (status == GH_OK && (status = document_load(r, &parser)) == GH_OK) {
        const yaml_node_t *more = yaml_document_get_root_node(&r->document);
        if (more)
            status = refuse_at(r, more->start_mark, shape);
        yaml_document_delete(&r->document);
    }
    yaml_parser_delete(&parser);
    return status;
}

enum gh_status gh_sink_routes_read(struct gh_sink_routes **routes, const char *path,
                                   struct gh_error *error)
{
    struct reader r = {.routes = calloc(1, sizeof(struct gh_sink_routes)), .error = error};
    char *text = NULL;

    if (!r.routes)
        return gh_error_set(error, GH_EMEMORY, "sinks.routes: out of memory");
    r.routes->path = path;
    enum gh_status status = gh_text_file_read(&text, path, "sinks.routes", error);
    if (status == GH_OK)
        status = text_read(&r, text);
    free(text);
    if (status == GH_OK)
        *routes = r.routes;
    else
        gh_sink_routes_free(r.routes);
    return status;
}

void gh_sink_routes_free(struct gh_sink_routes *routes)
{
    for (size_t i = 0; routes && i < routes->count; i++)
        for (unsigned m = 0; m < GH_ROUTE_MEMBERS; m++)
            free(routes->route[i].value[m].text);
    free(routes);
}
