// What the programs over Kafka share: librdkafka's instances, set as nest-peer sets its own.
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define EVENTS_TOPIC "nest.events"
#define PARTITIONS 6
#define SECOND 1000000000ull

static inline uint64_t clock_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static inline void kafka_fail(const char *what) {
  fprintf(stderr, "kafka: %s\n", what);
  exit(1);
}

static inline void kafka_set(rd_kafka_conf_t *conf, const char *name, const char *value) {
  char reason[256];
  if (rd_kafka_conf_set(conf, name, value, reason, sizeof reason) != RD_KAFKA_CONF_OK) kafka_fail(reason);
}

static inline rd_kafka_conf_t *kafka_conf(const char *port) {
  char broker[64];
  snprintf(broker, sizeof broker, "127.0.0.1:%s", port);
  rd_kafka_conf_t *conf = rd_kafka_conf_new();
  kafka_set(conf, "bootstrap.servers", broker);
  return conf;
}

static inline rd_kafka_t *kafka_new(rd_kafka_type_t type, rd_kafka_conf_t *conf) {
  char reason[256];
  rd_kafka_t *kafka = rd_kafka_new(type, conf, reason, sizeof reason);
  if (!kafka) kafka_fail(reason);
  return kafka;
}
