/* report.c - stub */
#include "app/fit/fit.h"
enum gh_status gh_fit_report(const struct gh_fit *fit, const struct gh_fit_result *r, FILE *out)
{
    (void)fit; (void)r; (void)out;
    return GH_OK;
}
