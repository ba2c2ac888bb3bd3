// The yardstick over Kafka: counts `user.seen`. Records come in batches; each envelope is scanned once, and the offsets of
// what was handled are committed every half second, as nest-peer does.
// usage: kafka_service PORT GROUP
#include <signal.h>

#include "envelope.h"
#include "kafka_link.h"

#define BATCH 1000
#define COMMIT_EVERY (SECOND / 2)

static volatile sig_atomic_t is_over;

static void end(int signal) { is_over = signal; }

static void count_event(const rd_kafka_message_t *message) {
  struct envelope event = {0};
  const char *bytes = message->payload;
  if (!scan_envelope(bytes, bytes + message->len, &event) || !SLICE_IS(event.pattern, "\"user.seen\"")
      || !event.payload.bytes)
    kafka_fail("no event");
}

int main(int count, char **arguments) {
  if (count != 3) return 2;
  rd_kafka_conf_t *conf = kafka_conf(arguments[1]);
  kafka_set(conf, "group.id", arguments[2]);
  kafka_set(conf, "auto.offset.reset", "earliest");
  kafka_set(conf, "enable.auto.commit", "false");
  kafka_set(conf, "enable.auto.offset.store", "false");
  kafka_set(conf, "session.timeout.ms", "2000");
  kafka_set(conf, "heartbeat.interval.ms", "333");
  kafka_set(conf, "partition.assignment.strategy", "cooperative-sticky");
  kafka_set(conf, "fetch.message.max.bytes", "1048576");
  kafka_set(conf, "queued.max.messages.kbytes", "16384");
  rd_kafka_t *kafka = kafka_new(RD_KAFKA_CONSUMER, conf);
  rd_kafka_poll_set_consumer(kafka);
  rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(1);
  rd_kafka_topic_partition_list_add(topics, EVENTS_TOPIC, RD_KAFKA_PARTITION_UA);
  if (rd_kafka_subscribe(kafka, topics)) kafka_fail("subscribe");
  rd_kafka_topic_partition_list_destroy(topics);
  signal(SIGTERM, end);
  signal(SIGINT, end);
  printf("listening kafka:%s\n", arguments[1]);
  fflush(stdout);
  rd_kafka_queue_t *queue = rd_kafka_queue_get_consumer(kafka);
  rd_kafka_message_t *batch[BATCH];
  uint64_t next_commit = 0;
  while (!is_over) {
    ssize_t taken = rd_kafka_consume_batch_queue(queue, 100, batch, BATCH);
    for (ssize_t i = 0; i < taken; i++) {
      if (!batch[i]->err) {
        count_event(batch[i]);
        rd_kafka_offset_store(batch[i]->rkt, batch[i]->partition, batch[i]->offset);
      }
      rd_kafka_message_destroy(batch[i]);
    }
    uint64_t now = clock_now();
    if (now < next_commit) continue;
    next_commit = now + COMMIT_EVERY;
    rd_kafka_commit(kafka, NULL, 1);
  }
  // Not destroyed: before 2.3 the library aborts when it is ended in the middle of joining.
  rd_kafka_queue_destroy(queue);
  rd_kafka_consumer_close(kafka);
  return 0;
}
