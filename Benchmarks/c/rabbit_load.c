// The load over RabbitMQ, by librabbitmq, into the queues that nest-peer has declared.
//   rabbit_load requests PORT IN_FLIGHT SECONDS   a closed loop of requests to `echo`, answered by direct reply-to
//   rabbit_load publish PORT WINDOW SECONDS       events, persistent and confirmed, a window of them at once
//   rabbit_load fill PORT COUNT                   the same until so many are there
//   rabbit_load drain PORT COUNT                  watches a service take so many, and tells how fast
//   rabbit_load clear PORT                        empties the queues
// Prints one line of JSON; times in microseconds.
#define _GNU_SOURCE
#include <time.h>
#include <unistd.h>

#include "envelope.h"
#include "histogram.h"
#include "rabbit_link.h"

#define SECOND 1000000000ull
#define WARMUP (SECOND / 2)
#define BODY_ROOM 512

static amqp_connection_state_t broker;
static uint64_t measure_from, measure_to;

static uint64_t clock_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void set_window(double seconds) {
  measure_from = clock_now() + WARMUP;
  measure_to = measure_from + (uint64_t)(seconds * SECOND);
}

static bool is_measured(uint64_t now) { return now >= measure_from && now < measure_to; }

// ---- bodies

// 100 bytes, the payload of the other benchmarks.
static const char payload[] =
  "{\"id\":4711,\"sku\":\"sku-123\",\"quantity\":3,\"price\":19.99,\"note\":"
  "\"nnnnnnnnnnnnnnnnnnn\",\"tags\":[\"a\",\"b\"]}";

static size_t put(char *at, const char *bytes, size_t length) {
  memcpy(at, bytes, length);
  return length;
}

#define PUT_LITERAL(at, literal) put(at, literal, sizeof(literal) - 1)

static size_t write_request(char *body) {
  size_t size = PUT_LITERAL(body, "{\"kind\":\"send\",\"pattern\":\"echo\",\"payload\":");
  size += put(body + size, payload, sizeof payload - 1);
  return size + PUT_LITERAL(body + size, ",\"headers\":{\"nest-timeout-ms\":\"5000\"}}");
}

static size_t write_event(char *body) {
  size_t size = PUT_LITERAL(body, "{\"kind\":\"emit\",\"pattern\":\"user.created\",\"payload\":");
  size += put(body + size, payload, sizeof payload - 1);
  return size + PUT_LITERAL(body + size, "}");
}

// What stands beside every message of ours: a type, a number, an id, and that it is kept.
static amqp_basic_properties_t properties_of(uint64_t number, char *digits, char *id) {
  sprintf(digits, "%lu", number);
  sprintf(id, "%011x%011lx", getpid(), number);
  return (amqp_basic_properties_t){
    ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG | AMQP_BASIC_CORRELATION_ID_FLAG
              | AMQP_BASIC_MESSAGE_ID_FLAG,
    .content_type = amqp_cstring_bytes("application/json"),
    .delivery_mode = 2,
    .correlation_id = amqp_cstring_bytes(digits),
    .message_id = amqp_cstring_bytes(id)};
}

// ---- requests

static struct {
  uint64_t *sent_at;
  struct histogram latencies;
  uint64_t errors, waiting;
} requests;

static void send_request(uint64_t place) {
  char body[BODY_ROOM], digits[24], id[40];
  amqp_basic_properties_t properties = properties_of(place, digits, id);
  properties._flags |= AMQP_BASIC_REPLY_TO_FLAG | AMQP_BASIC_EXPIRATION_FLAG;
  properties.reply_to = amqp_cstring_bytes(REPLY_TO);
  properties.expiration = amqp_cstring_bytes("5000");
  requests.sent_at[place] = clock_now();
  amqp_bytes_t bytes = {write_request(body), body};
  rabbit_check(
    amqp_basic_publish(
      broker, CHANNEL, amqp_empty_bytes, amqp_cstring_bytes(REQUESTS_QUEUE), 1, 0, &properties, bytes),
    "request");
}

static bool is_good(amqp_bytes_t body) {
  struct envelope answer = {0};
  const char *bytes = body.bytes;
  return scan_envelope(bytes, bytes + body.len, &answer) && SLICE_IS(answer.ok, "true")
         && slice_is(answer.payload, payload, sizeof payload - 1);
}

static void take_answer(const amqp_message_t *message) {
  char digits[24] = {0};
  amqp_bytes_t number = message->properties.correlation_id;
  memcpy(digits, number.bytes, number.len < sizeof digits ? number.len : sizeof digits - 1);
  uint64_t place = strtoul(digits, NULL, 10), now = clock_now();
  if (!is_good(message->body)) requests.errors++;
  else if (is_measured(now)) histogram_add(&requests.latencies, now - requests.sent_at[place]);
  if (now < measure_to) send_request(place);
  else requests.waiting--;
}

static int run_requests(uint64_t in_flight, double seconds) {
  requests.sent_at = calloc(in_flight, sizeof *requests.sent_at);
  requests.waiting = in_flight;
  rabbit_consume(broker, REPLY_TO, false);
  set_window(seconds);
  for (uint64_t place = 0; place < in_flight; place++) send_request(place);
  while (requests.waiting > 0) {
    amqp_envelope_t answer;
    amqp_maybe_release_buffers(broker);
    if (amqp_consume_message(broker, &answer, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) rabbit_fail("read");
    take_answer(&answer.message);
    amqp_destroy_envelope(&answer);
  }
  struct histogram *latencies = &requests.latencies;
  printf(
    "{\"rate\":%.1f,\"requests\":%lu,\"errors\":%lu,\"p50\":%.2f,\"p99\":%.2f}\n", (double)latencies->count / seconds,
    latencies->count, requests.errors, histogram_percentile(latencies, 0.5) / 1e3,
    histogram_percentile(latencies, 0.99) / 1e3);
  return requests.errors > 0 || latencies->count == 0;
}

// ---- events

// Window of both sides: no more than 65536.
static uint64_t sent, confirmed;

static void publish_event(void) {
  char body[BODY_ROOM], digits[24], id[40];
  amqp_basic_properties_t properties = properties_of(++sent, digits, id);
  amqp_bytes_t bytes = {write_event(body), body};
  rabbit_check(
    amqp_basic_publish(
      broker, CHANNEL, amqp_cstring_bytes(EVENTS_EXCHANGE), amqp_cstring_bytes("user.created"), 1, 0, &properties,
      bytes),
    "event");
}

// A quorum queue confirms in bursts, single numbers and all up to one, not always in order.
static void take_frame(void) {
  amqp_frame_t frame;
  amqp_maybe_release_buffers(broker);
  rabbit_check(amqp_simple_wait_frame(broker, &frame), "read");
  if (frame.frame_type != AMQP_FRAME_METHOD || frame.payload.method.id != AMQP_BASIC_ACK_METHOD)
    rabbit_fail("a confirmation");
  static uint64_t first = 1;
  static bool is_out_of_turn[1 << 16];
  amqp_basic_ack_t *ack = frame.payload.method.decoded;
  if (!ack->multiple) {
    is_out_of_turn[ack->delivery_tag & 0xFFFF] = true;
    confirmed++;
  } else {
    for (uint64_t number = first; number <= ack->delivery_tag; number++)
      if (!is_out_of_turn[number & 0xFFFF]) is_out_of_turn[number & 0xFFFF] = true, confirmed++;
  }
  while (first <= sent && is_out_of_turn[first & 0xFFFF]) is_out_of_turn[first++ & 0xFFFF] = false;
}

static void fill_window(uint64_t window) {
  while (sent - confirmed < window) publish_event();
  do take_frame();
  while (rabbit_has_more(broker));
}

static void confirm_all(void) {
  while (confirmed < sent) take_frame();
}

static int run_publish(uint64_t window, double seconds) {
  set_window(seconds);
  while (clock_now() < measure_from) fill_window(window);
  uint64_t before = confirmed, start = clock_now();
  while (clock_now() < measure_to) fill_window(window);
  double took = (double)(clock_now() - start) / SECOND;
  uint64_t count = confirmed - before;
  confirm_all();
  printf("{\"rate\":%.1f,\"confirmed\":%lu}\n", (double)count / took, count);
  return count == 0;
}

static int run_fill(uint64_t count) {
  while (sent + 512 < count) fill_window(512);
  while (sent < count) publish_event();
  confirm_all();
  while (rabbit_depth(broker, EVENTS_QUEUE) < (long)count) usleep(2000);
  printf("{\"filled\":%lu}\n", count);
  return 0;
}

static int run_drain(long count) {
  long first = 0, left = count;
  uint64_t from = 0, to = 0;
  while (left > count / 10) {
    usleep(5000);
    left = rabbit_depth(broker, EVENTS_QUEUE);
    to = clock_now();
    if (left < count - count / 10 && from == 0) first = left, from = to;
  }
  printf("{\"rate\":%.1f,\"counted\":%ld}\n", (double)(first - left) * 1e9 / (double)(to - from), first - left);
  return first < count / 2;
}

static int run_clear(void) {
  const char *queues[] = {EVENTS_QUEUE, REQUESTS_QUEUE};
  for (int i = 0; i < 2; i++) {
    amqp_queue_purge(broker, CHANNEL, amqp_cstring_bytes(queues[i]));
    rabbit_check_reply(broker, queues[i]);
  }
  printf("{\"cleared\":2}\n");
  return 0;
}

static int usage(void) {
  fprintf(
    stderr,
    "usage: rabbit_load requests PORT IN_FLIGHT SECONDS | publish PORT WINDOW SECONDS | fill PORT COUNT\n"
    "       rabbit_load drain PORT COUNT | clear PORT\n");
  return 2;
}

int main(int argc, char **argv) {
  if (argc < 3) return usage();
  const char *what = argv[1];
  broker = rabbit_connect(atoi(argv[2]));
  if (strcmp(what, "requests") == 0 && argc == 5) return run_requests(strtoul(argv[3], NULL, 10), atof(argv[4]));
  if (strcmp(what, "clear") == 0) return run_clear();
  if (strcmp(what, "drain") == 0 && argc == 4) return run_drain(atol(argv[3]));
  amqp_confirm_select(broker, CHANNEL);
  rabbit_check_reply(broker, "confirmations");
  if (strcmp(what, "fill") == 0 && argc == 4) return run_fill(strtoul(argv[3], NULL, 10));
  if (strcmp(what, "publish") == 0 && argc == 5) return run_publish(strtoul(argv[3], NULL, 10), atof(argv[4]));
  return usage();
}
