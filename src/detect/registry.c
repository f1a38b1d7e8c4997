/* registry.c - the list of detectors, made from registry.def. */
#include "detect/registry.h"

#define GH_DETECTOR(name) &gh_detector_##name,
const struct gh_detector *const gh_detectors[] = {
#include "detect/registry.def"
};
#undef GH_DETECTOR

const uint32_t gh_detector_count = sizeof gh_detectors / sizeof *gh_detectors;
