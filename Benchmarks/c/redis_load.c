// The load in C: a closed loop, a fixed number in flight. Requests are answered on a channel of ours, events by Redis
// itself when it has them. What is to be sent after a burst of answers is sent in one write.
#define _GNU_SOURCE
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "envelope.h"
#include "histogram.h"
#include "redis_link.h"

#define SECOND 1000000000ull
#define PAYLOAD                                                                                        \
  "{\"id\":4711,\"sku\":\"sku-123\",\"quantity\":3,\"price\":19.99,\"note\":\"nnnnnnnnnnnnnnnnnnnnnnn\"," \
  "\"tags\":[\"a\",\"b\"]}"

struct slot {
  uint64_t round, sent_at;
};

static struct link commands, answers;
static const char *stream;
static char channel[64];
static struct slot *slots;
static size_t in_flight;
static struct histogram latencies;
static uint64_t now, measure_from, measure_to;
static size_t waiting;

static uint64_t clock_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

// ---- sending

static void queue_request(size_t place) {
  struct slot *slot = &slots[place];
  char envelope[512];
  int length = snprintf(
    envelope, sizeof envelope,
    "{\"kind\":\"send\",\"pattern\":\"echo.message\",\"payload\":" PAYLOAD
    ",\"reply\":\"%s\",\"correlation_id\":\"%lu\",\"headers\":{\"nest-timeout-ms\":\"5000\"}}",
    channel, (unsigned long)(slot->round * in_flight + place));
  const char *words[] = {"XADD", stream, "*", "m", envelope};
  const size_t lengths[] = {4, strlen(stream), 1, 1, (size_t)length};
  slot->sent_at = now;
  link_queue(&commands, 5, words, lengths);
  waiting++;
}

static void queue_event(size_t place) {
  static const char envelope[] = "{\"kind\":\"emit\",\"pattern\":\"user.created\",\"payload\":" PAYLOAD "}";
  static unsigned long last;
  char id[64];
  int length = snprintf(id, sizeof id, "%s-%lu", channel, ++last);
  const char *words[] = {"XADD", stream, "*", "m", envelope, "nest-message-id", id};
  const size_t lengths[] = {4, strlen(stream), 1, 1, sizeof envelope - 1, 15, (size_t)length};
  slots[place].sent_at = now;
  link_queue(&commands, 7, words, lengths);
  waiting++;
}

// ---- answers

static void count(size_t place) {
  waiting--;
  if (now >= measure_from && now < measure_to) histogram_add(&latencies, now - slots[place].sent_at);
}

static void take_answer(const redisReply *message) {
  const redisReply *body = message->element[2];
  struct envelope answer = {0};
  uint64_t id = 0;
  if (scan_envelope(body->str, body->str + body->len, &answer) && answer.id.bytes)
    id = strtoull(answer.id.bytes + 1, NULL, 10);
  struct slot *slot = &slots[id % in_flight];
  if (!SLICE_IS(answer.ok, "true") || slot->round != id / in_flight) {
    fprintf(stderr, "an answer to nothing asked: %s\n", body->str);
    exit(1);
  }
  count(id % in_flight);
  slot->round++;
  if (now < measure_to) queue_request(id % in_flight);
}

static void take_burst_of_answers(void) {
  redisReply *message = link_read(&answers);
  now = clock_now();
  for (; message; message = link_read_buffered(&answers)) {
    take_answer(message);
    freeReplyObject(message);
  }
  link_flush(&commands);
  link_settle(&commands);
}

// Redis confirms in the order of the commands.
static void take_burst_of_confirmations(void) {
  static size_t place;
  redisReply *confirmation = link_read(&commands);
  now = clock_now();
  for (; confirmation; confirmation = link_read_buffered(&commands)) {
    if (confirmation->type != REDIS_REPLY_STRING) link_fail(&commands, "not confirmed");
    freeReplyObject(confirmation);
    commands.unanswered--;
    count(place);
    if (now < measure_to) queue_event(place);
    place = (place + 1) % in_flight;
  }
  link_flush(&commands);
}

// ---- the run

static void subscribe(void) {
  snprintf(channel, sizeof channel, "reply.%d.%lx", (int)getpid(), (unsigned long)now);
  LINK_WORDS(&answers, "SUBSCRIBE", channel);
  freeReplyObject(link_read(&answers));
}

static void run(bool with_events) {
  for (size_t place = 0; place < in_flight; place++) with_events ? queue_event(place) : queue_request(place);
  link_flush(&commands);
  if (!with_events) link_settle(&commands);
  while (waiting > 0) with_events ? take_burst_of_confirmations() : take_burst_of_answers();
}

static double microseconds(double nanoseconds) { return nanoseconds / 1000; }

static void report(double seconds) {
  printf(
    "{\"rate\":%.1f,\"requests\":%lu,\"errors\":0,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n",
    (double)latencies.count / seconds, (unsigned long)latencies.count,
    microseconds(histogram_percentile(&latencies, 0.5)), microseconds(histogram_percentile(&latencies, 0.9)),
    microseconds(histogram_percentile(&latencies, 0.99)), microseconds((double)latencies.longest));
}

int main(int argc, char **argv) {
  if (argc != 6) {
    fprintf(stderr, "usage: redis_load PORT STREAM requests|events IN_FLIGHT SECONDS\n");
    return 2;
  }
  stream = argv[2];
  in_flight = strtoul(argv[4], NULL, 10);
  double seconds = atof(argv[5]);
  slots = calloc(in_flight, sizeof *slots);
  commands = link_open("127.0.0.1", atoi(argv[1]));
  answers = link_open("127.0.0.1", atoi(argv[1]));
  now = clock_now();
  measure_from = now + SECOND / 2;
  measure_to = measure_from + (uint64_t)(seconds * SECOND);
  subscribe();
  run(strcmp(argv[3], "events") == 0);
  report(seconds);
  return 0;
}
