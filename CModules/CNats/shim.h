#ifndef NEST_CNATS_SHIM_H
#define NEST_CNATS_SHIM_H

#if __has_include(<nats/nats.h>)
#include <nats/nats.h>
#else
#error "the NATS C client is missing: apt-get install libnats-dev (macOS: brew install cnats)"
#endif

#endif
