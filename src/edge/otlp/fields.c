/* fields.c - see fields.h. */
#include "edge/otlp/fields.h"

const char *gh_otlp_field_any(const char *at, const char *end, struct gh_wire_field *field)
{
    return gh_field_read(at, end, field);
}
