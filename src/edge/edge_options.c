/* edge_options.c - the rows of the shell's options. */
#include "edge/edge_options.h"

static const struct gh_option intake_rows[] = {
    GH_INTAKE_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_intake_options)};
static const struct gh_option durable_rows[] = {
    GH_DURABLE_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_durable_options)};
static const struct gh_option alerts_rows[] = {
    GH_ALERTS_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_alerts_options)};
static const struct gh_option control_rows[] = {
    GH_CONTROL_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_control_options)};
static const struct gh_option identity_rows[] = {
    GH_IDENTITY_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_identity_options)};
static const struct gh_option http_rows[] = {
    GH_HTTP_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_http_options)};
static const struct gh_option otlp_rows[] = {
    GH_OTLP_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_otlp_options)};
static const struct gh_option web_rows[] = {
    GH_WEB_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_web_options)};
static const struct gh_option hooks_rows[] = {
    GH_HOOKS_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_hooks_options)};
static const struct gh_option sinks_rows[] = {
    GH_SINKS_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_sinks_options)};
static const struct gh_option service_rows[] = {
    GH_SERVICE_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_service_options)};
static const struct gh_option log_rows[] = {
    GH_LOG_OPTIONS(GH_OPTION_ROW, GH_OPTION_TEXT_ROW, struct gh_log_options)};

#define GROUP(name, summary)                                                       \
    {                                                                              \
#name, summary, name##_rows, sizeof(name##_rows) / sizeof(name##_rows[0]), \
            sizeof(struct gh_##name##_options)                                     \
    }

static const struct gh_option_group groups[] = {
    GROUP(intake, "where events come in"),
    GROUP(durable, "where producers hand events over and hear that they are kept"),
    GROUP(alerts, "where changes of findings go out"),
    GROUP(control, "where settings are changed while the service runs"),
    GROUP(identity, "who may send and listen"),
    GROUP(http, "what all HTTP addresses have in common"),
    GROUP(otlp, "where events come in over HTTP"),
    GROUP(web, "what operators ask over HTTP"),
    GROUP(hooks, "what GitHub, GitLab and other services tell by webhook"),
    GROUP(sinks, "where alerts are told besides: Alertmanager, Slack, webhook, mail"),
    GROUP(service, "the program as a whole"),
    GROUP(log, "what the service says while it runs"),
};

const struct gh_option_group *gh_edge_groups(size_t *count)
{
    *count = sizeof(groups) / sizeof(groups[0]);
    return groups;
}
