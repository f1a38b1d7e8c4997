/* main.c - reads the command line, runs the command, tells what went wrong. */
#include "app/command.h"
#include "edge/operate/metrics.h"
#include "edge/operate/note.h"

#include "stat/law.h"

#ifndef GH_REVISION
#define GH_REVISION ""
#endif

static enum gh_status command_run(struct gh_arguments *arguments, struct gh_error *error)
{
    enum gh_status status = gh_command_config(arguments, error);

    if (status == GH_OK)
        status = arguments->command->run(arguments, error);
    gh_config_free(arguments->config);
    return status;
}

static enum gh_status request_serve(struct gh_arguments *arguments, enum gh_request request,
                                    struct gh_error *error)
{
    switch (request) {
    case GH_REQUEST_HELP:
        gh_help_print(stdout, arguments->command);
        return GH_OK;
    case GH_REQUEST_VERSION:
        printf("goodhart " GH_VERSION "%s\n", GH_REVISION[0] ? " (" GH_REVISION ")" : "");
        return GH_OK;
    case GH_REQUEST_NOTHING:
        gh_help_print(stderr, NULL);
        return GH_EUSAGE;
    case GH_REQUEST_RUN:
        break;
    }
    return command_run(arguments, error);
}

int main(int argc, char **argv)
{
    struct gh_arguments arguments;
    struct gh_error error = {0};
    enum gh_request request;

    gh_law_init();
    gh_label_revision(GH_REVISION);
    enum gh_status status = gh_command_parse(&arguments, &request, argc, argv, &error);

    if (status == GH_OK)
        status = request_serve(&arguments, request, &error);
    /* A full disk shows only here when the output is short. */
    if (fflush(stdout) && status == GH_OK)
        status = gh_error_set(&error, GH_EIO, "standard output: could not be written");
    if (error.text[0])
        gh_note(GH_NOTE_failed, "%s", error.text);
    if (status == GH_EUSAGE && error.text[0])
        fprintf(stderr, "goodhart: 'goodhart help%s%s' shows what is possible\n",
                arguments.command ? " " : "", arguments.command ? arguments.command->name : "");
    return gh_status_exit(status);
}
