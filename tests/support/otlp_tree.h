/* otlp_tree.h - what stands in the tree that jansson makes of a request: members by both ways
 * of writing their names, and whether values are what they must be. */
#ifndef GH_OTLP_TREE_H
#define GH_OTLP_TREE_H

#include "goodhart/event.h"

#include <jansson.h>
#include <stdbool.h>

enum { GH_TREE_KEPT = 1 << 16 };
struct gh_tree {
    bool bad;                 /* a value is not what it must be */
    char *kept[GH_TREE_KEPT]; /* texts that were made */
    size_t kept_count;
};
/* Memory of size + 1 bytes, until the caller frees all that is kept. */
char *gh_tree_keep(struct gh_tree *r, size_t size);

/* What a value must be. */
typedef bool gh_tree_check(struct gh_tree *r, json_t *value);
gh_tree_check gh_tree_is_text, gh_tree_is_object, gh_tree_is_list, gh_tree_is_number,
    gh_tree_is_real, gh_tree_is_unsigned, gh_tree_is_choice, gh_tree_is_values,
    gh_tree_is_attributes, gh_tree_any_check;

/* Whether `name` is `snake`, or that in camelCase. */
bool gh_tree_named(const char *name, const char *snake);
/* The last member of the name that is not taken back by a null; all must pass the check. */
json_t *gh_tree_member(struct gh_tree *r, json_t *object, const char *snake,
                       gh_tree_check *legal);

/* The shape of an AnyValue and the member that holds; SHAPES: none does. An integer past 64
 * bits counts as a real. */
enum {
    GH_TREE_TEXT,
    GH_TREE_TRUTH,
    GH_TREE_WHOLE,
    GH_TREE_REAL,
    GH_TREE_ARRAY,
    GH_TREE_KVLIST,
    GH_TREE_BYTES,
    GH_TREE_SHAPES
};
unsigned gh_tree_shape_of(json_t *any, json_t **value);

/* A number or a text that is one, as an integer, else as a real; false: neither. */
bool gh_tree_number_of(json_t *value, bool *whole, int64_t *integer, double *real);
double gh_tree_real_of(json_t *value);
uint64_t gh_tree_unsigned_of(json_t *value); /* 0 for NULL */
/* Bytes of base64, in `to`; false: it is none. */
bool gh_tree_base64(json_t *value, unsigned char *to, size_t *size);
struct gh_text gh_tree_text_of(json_t *value);

#endif
