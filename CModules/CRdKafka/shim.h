#ifndef NEST_CRDKAFKA_SHIM_H
#define NEST_CRDKAFKA_SHIM_H

#if __has_include(<librdkafka/rdkafka.h>)
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#else
#error "the Kafka C client is missing: apt-get install librdkafka-dev (macOS: brew install librdkafka)"
#endif

#endif
