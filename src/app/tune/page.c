/* page.c - placeholder replaced below */
#include "app/tune/print.h"
void gh_tune_page_write(const struct gh_tune_view *view, FILE *out)
{
    (void)view;
    (void)out;
}
