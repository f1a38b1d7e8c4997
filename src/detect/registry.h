/* registry.h - declares every detector of registry.def. */
#ifndef GOODHART_DETECT_REGISTRY_H
#define GOODHART_DETECT_REGISTRY_H

#include "detect/detector.h"

enum { GH_DETECTORS_MAX = 16 };

#define GH_DETECTOR(name) extern const struct gh_detector gh_detector_##name;
#include "detect/registry.def"
#undef GH_DETECTOR

#endif
