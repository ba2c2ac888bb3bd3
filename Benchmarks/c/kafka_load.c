// The load over Kafka, by librdkafka, into the topic that nest-peer has made.
//   kafka_load publish PORT WINDOW SECONDS   events, each with its delivery report, a window of them at once
//   kafka_load drain PORT GROUP COUNT PATTERN   writes so many, says `filled`, and watches a group commit them
// Prints a line of JSON.
#include <unistd.h>

#include "kafka_link.h"

static const char *pattern = "user.seen";
static const char event_form[] =
  "{\"kind\":\"emit\",\"pattern\":\"%s\",\"payload\":{\"id\":4711,\"sku\":\"sku-123\",\"quantity\":3,"
  "\"price\":19.99,\"note\":\"nnnnnnnnnnnnnnnnnnn\",\"tags\":[\"a\",\"b\"]}}";

static char event[sizeof event_form + 64];
static size_t event_size;
static uint64_t sent, reported, failed, measured, measure_from, measure_to;
// What comes behind the last record of each partition.
static int64_t ends[PARTITIONS];

static void take_report(rd_kafka_t *kafka, const rd_kafka_message_t *message, void *opaque) {
  (void)kafka, (void)opaque;
  uint64_t now = clock_now();
  reported++;
  if (message->err) failed++;
  else if (now >= measure_from && now < measure_to) measured++;
  if (message->partition >= 0 && message->partition < PARTITIONS && message->offset >= ends[message->partition])
    ends[message->partition] = message->offset + 1;
}

static rd_kafka_t *producer(const char *port, const char *linger) {
  rd_kafka_conf_t *conf = kafka_conf(port);
  kafka_set(conf, "enable.idempotence", "true");
  kafka_set(conf, "partitioner", "murmur2_random");
  kafka_set(conf, "linger.ms", linger);
  rd_kafka_conf_set_dr_msg_cb(conf, take_report);
  return kafka_new(RD_KAFKA_PRODUCER, conf);
}

static void publish_event(rd_kafka_t *kafka) {
  rd_kafka_resp_err_t error = rd_kafka_producev(
    kafka, RD_KAFKA_V_TOPIC(EVENTS_TOPIC), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
    RD_KAFKA_V_VALUE(event, event_size), RD_KAFKA_V_HEADER("nest-pattern", pattern, -1),
    RD_KAFKA_V_END);
  if (error) kafka_fail(rd_kafka_err2str(error));
  sent++;
}

static int run_publish(const char *port, uint64_t window, double seconds) {
  rd_kafka_t *kafka = producer(port, "0");
  measure_from = clock_now() + SECOND / 2;
  measure_to = measure_from + (uint64_t)(seconds * SECOND);
  while (clock_now() < measure_to) {
    while (sent - reported < window) publish_event(kafka);
    rd_kafka_poll(kafka, 100);
  }
  rd_kafka_flush(kafka, 10000);
  printf("{\"rate\":%.1f,\"errors\":%lu}\n", (double)measured / seconds, failed);
  rd_kafka_destroy(kafka);
  return failed > 0 || measured == 0;
}

// ---- draining

static void fill(const char *port, uint64_t count) {
  rd_kafka_t *kafka = producer(port, "5");
  while (sent < count) {
    while (sent < count && sent - reported < 50000) publish_event(kafka);
    rd_kafka_poll(kafka, 10);
  }
  rd_kafka_flush(kafka, 30000);
  rd_kafka_destroy(kafka);
  if (failed || reported != count) kafka_fail("not all were delivered");
}

// How many of the records before the ends the group has not committed; so many as were written when it has nothing.
static int64_t left(rd_kafka_t *kafka, int64_t count) {
  rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
  for (int i = 0; i < PARTITIONS; i++) rd_kafka_topic_partition_list_add(list, EVENTS_TOPIC, i);
  int64_t sum = 0;
  bool is_known = rd_kafka_committed(kafka, list, 5000) == RD_KAFKA_RESP_ERR_NO_ERROR;
  for (int i = 0; i < PARTITIONS; i++) {
    int64_t offset = list->elems[i].offset;
    if (ends[i] > 0) sum += offset < 0 ? ends[i] : ends[i] - offset;
  }
  rd_kafka_topic_partition_list_destroy(list);
  return is_known ? sum : count;
}

static int run_drain(const char *port, const char *group, uint64_t count) {
  fill(port, count);
  rd_kafka_conf_t *conf = kafka_conf(port);
  kafka_set(conf, "group.id", group);
  rd_kafka_t *kafka = kafka_new(RD_KAFKA_CONSUMER, conf);
  int64_t at_first = left(kafka, (int64_t)count), now_left = at_first;
  printf("filled\n");
  fflush(stdout);
  // From the first commit to the last.
  uint64_t from = 0, until = clock_now() + 60 * SECOND;
  int64_t begun = at_first;
  while (now_left > 0 && clock_now() < until) {
    usleep(20000);
    now_left = left(kafka, (int64_t)count);
    if (!from && now_left < at_first) from = clock_now(), begun = now_left;
  }
  double seconds = (double)(clock_now() - from) / SECOND;
  printf("{\"rate\":%.1f,\"counted\":%ld}\n", (double)begun / seconds, begun);
  rd_kafka_destroy(kafka);
  return now_left > 0 || begun == 0;
}

int main(int count, char **arguments) {
  if (count == 6) pattern = arguments[5];
  event_size = (size_t)snprintf(event, sizeof event, event_form, pattern);
  if (count == 5 && strcmp(arguments[1], "publish") == 0)
    return run_publish(arguments[2], strtoul(arguments[3], NULL, 10), atof(arguments[4]));
  if (count == 6 && strcmp(arguments[1], "drain") == 0)
    return run_drain(arguments[2], arguments[3], strtoul(arguments[4], NULL, 10));
  return 2;
}
