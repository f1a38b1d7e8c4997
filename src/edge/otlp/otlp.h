/* otlp.h - requests of OpenTelemetry exporters (OTLP/HTTP 1.11, logs, traces, metrics) become
 * told records, and what the exporter hears. Bytes in, records out: no socket, no clock.
 *
 * A log record and a span are one record each; a data point of a gauge or a sum too. One of a
 * histogram is two, of the names METRIC.count and METRIC.sum. Own attributes stand before those
 * of the scope, those before the resource's. The name of a log record is its eventName, else
 * its attribute event.name, else its body where that is text. Its time is timeUnixNano, else
 * observedTimeUnixNano. Attributes of bytes are told as text in base64, lists as `a.0`, `a.b`.
 *
 * Prompts and answers may be among the attributes. They are lent like all else. */
#ifndef GOODHART_EDGE_OTLP_H
#define GOODHART_EDGE_OTLP_H

#include "edge/fields/told.h"
#include "goodhart/error.h"

#include <stddef.h>

enum gh_otlp_signal { GH_OTLP_LOGS, GH_OTLP_TRACES, GH_OTLP_METRICS };

enum {
    GH_OTLP_DEPTH_MAX = 64, /* of messages inside messages */
    /* What a request may need of memory, as a multiple of its size, and besides. */
    GH_OTLP_MEMORY_TIMES = 16,
    GH_OTLP_MEMORY_MORE = 64 << 10,
    /* Fields of one record: own; of scope and resource together; of one list. */
    GH_OTLP_OWN_MAX = 1024,
    GH_OTLP_SHARED_MAX = 256,
    GH_OTLP_LEAVES_MAX = 64
};

/* Memory of one thread. It is kept from request to request, up to a few MiB. */
struct gh_otlp_reader;
GH_MUST_USE struct gh_otlp_reader *gh_otlp_reader_new(void); /* NULL: memory */
void gh_otlp_reader_free(struct gh_otlp_reader *reader);     /* NULL is legal */

/* Unpacked: no gzip. Nothing of it is changed or kept. */
struct gh_otlp_request {
    enum gh_otlp_signal signal;
    bool json; /* else protobuf */
    const char *body;
    size_t size;
};

/* Hears of each record; all in it holds for the call. false: stop, the rest finds no room. */
struct gh_otlp_taker {
    bool (*take)(void *context, const struct gh_told *told);
    void *context;
};

struct gh_otlp_counts {
    uint64_t told;
    uint64_t refused;        /* records that were not told */
    const char *why;         /* the first of them was not, a phrase; NULL: none */
    uint64_t fields_dropped; /* beyond the bounds above, or a number that is not finite */
};

/* Nothing is told of a request that is wrong as a whole: it is read to its end first. *counts
 * is set in any case. Errors:
 *   GH_EFORMAT  it is no such request: "byte 17: what: legal values"
 *   GH_ELIMIT   it is too deep, or would need more memory than its size allows
 *   GH_EFULL    `take` said false; what it took before stays taken
 *   GH_EMEMORY what was told before it stays told */
GH_MUST_USE enum gh_status gh_otlp_read(struct gh_otlp_reader *reader,
                                        const struct gh_otlp_request *request,
                                        const struct gh_otlp_taker *taker,
                                        struct gh_otlp_counts *counts, struct gh_error *error);

/* Codes of google.rpc.Code, for replies of HTTP status 400 and above. */
enum gh_otlp_code {
    GH_OTLP_DONE = 0,
    GH_OTLP_INVALID = 3,      /* 400 */
    GH_OTLP_FORBIDDEN = 7,    /* 403 */
    GH_OTLP_EXHAUSTED = 8,    /* 413, 429 */
    GH_OTLP_INTERNAL = 13,    /* 500 */
    GH_OTLP_UNAVAILABLE = 14, /* 503 */
    GH_OTLP_UNKNOWN_KEY = 16  /* 401 */
};

/* With code 0: done, or done but for `rejected` records and why (`text`; with 0 rejected a
 * warning). Else what is wrong. */
struct gh_otlp_answer {
    enum gh_otlp_signal signal;
    bool json;
    enum gh_otlp_code code;
    uint64_t rejected;
    const char *text; /* NULL: none; cut after some 500 bytes */
};

/* Writes the reply's body in the encoding of the request, and returns its size: 0 for one in
 * protobuf that says that all is done. */
enum { GH_OTLP_REPLY_MAX = 4096 };
size_t gh_otlp_reply(const struct gh_otlp_answer *answer, char to[GH_OTLP_REPLY_MAX]);

/* "application/json", "application/x-protobuf" */
const char *gh_otlp_content_type(bool json);

#endif
