/* intake.h - where frames come from: producers push to us (PULL, bound), publishers are
 * listened to (SUB, connected). */
#ifndef GOODHART_EDGE_INTAKE_H
#define GOODHART_EDGE_INTAKE_H

#include "edge/guard.h"

/* Of a multipart message, PULL takes every part as a frame of its own, SUB the last one:
 * what stands before it is its topic. */
enum gh_intake_source { GH_INTAKE_PULL, GH_INTAKE_SUB, GH_INTAKE_SOURCES };

struct gh_intake_frame {
    const char *at;
    size_t size;
    enum gh_intake_source source;
    struct gh_speaker speaker; /* whose connection it came by */
};

struct gh_intake;

/* Bound and connected on success; the caller owns *intake. No endpoint at all is an error, and
 * so is a publisher to listen to where `guard` asks for keys: it has no way to show one, so
 * identity.insecure must allow it. `guard` is lent while the intake lives. */
GH_MUST_USE enum gh_status gh_intake_new(struct gh_intake **intake, void *context,
                                         const struct gh_intake_options *options,
                                         const struct gh_guard *guard, struct gh_error *error);
/* gh_guard_test of the PULL socket. */
GH_MUST_USE enum gh_status gh_intake_test(const struct gh_intake *intake,
                                          struct gh_error *error);
void gh_intake_free(struct gh_intake *intake); /* NULL is legal */

/* Takes the next frame without waiting, the sources in turn. Its bytes stay until
 * gh_intake_release. False: there is none now, or GH_INTAKE_FRAMES or GH_INTAKE_BYTES are
 * held already. */
enum { GH_INTAKE_FRAMES = 256, GH_INTAKE_BYTES = 16777216 };
bool gh_intake_next(struct gh_intake *intake, struct gh_intake_frame *frame);
void gh_intake_release(struct gh_intake *intake);

/* Ends the connections of producers: they keep what they have not handed over. Frames that
 * have arrived here can still be taken; bytes on their way are lost, so let it be quiet
 * first (measured: closing under load before draining lost 1,100 frames of 1,300). */
void gh_intake_close(struct gh_intake *intake);

/* Where it listens, or "" where it does not: the real PULL endpoint, the list for SUB. */
const char *gh_intake_endpoint(const struct gh_intake *intake, enum gh_intake_source source);
/* For gh_socket_wait; NULL where there is none. */
void *gh_intake_socket(const struct gh_intake *intake, enum gh_intake_source source);

#endif
