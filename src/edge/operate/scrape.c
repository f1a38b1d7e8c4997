/* scrape.c - see scrape.h. */
#include "edge/operate/scrape.h"

#include "edge/operate/metrics.h"

#include <stdlib.h>
#include <string.h>

void gh_http_scrape(void *context, struct gh_http_request *request)
{
    const bool open = gh_metrics_open_wanted(gh_http_header(request, "Accept"));
    char *text = gh_metrics_text(context, open);
    if (!text) {
        gh_http_say(request, 503, "out of memory");
        return;
    }
    gh_http_answer(request, &(struct gh_http_reply){.status = 200,
                                                    .type = gh_metrics_content_type(open),
                                                    .body = text,
                                                    .size = strlen(text)});
    free(text);
}
