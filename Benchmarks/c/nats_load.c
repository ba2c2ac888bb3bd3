// The load over NATS, by the C client with the flags the transport uses.
//   nats_load requests URL IN_FLIGHT SECONDS   a closed loop of requests to `echo`, each with a reply subject of its own
//   nats_load reused URL IN_FLIGHT SECONDS     the same with as many reply subjects as are in flight, again and again
//   nats_load events URL SECONDS               events to whoever counts them, never more than a window ahead
//   nats_load publish URL WINDOW SECONDS       events into a stream, confirmed, a window of them at once
//   nats_load fill URL COUNT                   the same until the stream has so many
//   nats_load drain URL COUNT                  watches a service count so many, and tells how fast
//   nats_load stream URL NAME                  makes the stream anew
// Prints one line of JSON; times in microseconds.
#define _GNU_SOURCE
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "envelope.h"
#include "histogram.h"
#include "nats_loop.h"

#define SECOND 1000000000ull
#define WARMUP (SECOND / 2)
#define EVENTS_AHEAD 50000
#define EVENTS_AT_ONCE 500
#define BODY_ROOM 512

static natsConnection *connection;
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

static int fault(const char *what) {
  fprintf(stderr, "%s\n", what);
  exit(1);
}

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

static int write_request(char *body) {
  size_t size = PUT_LITERAL(body, "{\"kind\":\"send\",\"pattern\":\"echo\",\"payload\":");
  size += put(body + size, payload, sizeof payload - 1);
  size += PUT_LITERAL(body + size, ",\"headers\":{\"nest-timeout-ms\":\"5000\"}}");
  return (int)size;
}

static int write_event(char *body) {
  size_t size = PUT_LITERAL(body, "{\"kind\":\"emit\",\"pattern\":\"user.created\",\"payload\":");
  size += put(body + size, payload, sizeof payload - 1);
  size += PUT_LITERAL(body + size, "}");
  return (int)size;
}

// ---- requests

// A reply's subject is used once, as cnats and we have it: were it used again, a second answer to the last request would
// be taken for the next one's.
#define PLACE_BITS 20

static struct {
  char inbox[64];
  size_t prefix;
  uint64_t *sent_at;
  uint64_t *turns;
  bool reuses;
  struct histogram latencies;
  uint64_t errors;
  atomic_long waiting;
  sem_t done;
} requests;

static void send_request(size_t place) {
  char reply[96], body[BODY_ROOM];
  unsigned long number = (requests.reuses ? 0 : requests.turns[place]++) << PLACE_BITS | place;
  snprintf(reply, sizeof reply, "%.*s%lu", (int)requests.prefix, requests.inbox, number);
  requests.sent_at[place] = clock_now();
  nats_check(natsConnection_PublishRequest(connection, "echo", reply, body, write_request(body)), "request");
}

static bool is_good(natsMsg *message) {
  struct envelope answer = {0};
  const char *bytes = natsMsg_GetData(message);
  return scan_envelope(bytes, bytes + natsMsg_GetDataLength(message), &answer) && SLICE_IS(answer.ok, "true")
         && slice_is(answer.payload, payload, sizeof payload - 1);
}

static void take_answer(natsConnection *unused, natsSubscription *subscription, natsMsg *message, void *data) {
  (void)unused, (void)subscription, (void)data;
  size_t place = strtoul(natsMsg_GetSubject(message) + requests.prefix, NULL, 10) & ((1ul << PLACE_BITS) - 1);
  uint64_t now = clock_now();
  if (!is_good(message)) requests.errors++;
  else if (now >= measure_from && now < measure_to)
    histogram_add(&requests.latencies, now - requests.sent_at[place]);
  natsMsg_Destroy(message);
  if (now < measure_to) send_request(place);
  else if (atomic_fetch_sub(&requests.waiting, 1) == 1) sem_post(&requests.done);
}

static void report_requests(double seconds) {
  struct histogram *latencies = &requests.latencies;
  printf(
    "{\"rate\":%.1f,\"requests\":%lu,\"errors\":%lu,\"p50\":%.2f,\"p99\":%.2f}\n", (double)latencies->count / seconds,
    (unsigned long)latencies->count, (unsigned long)requests.errors, histogram_percentile(latencies, 0.5) / 1000,
    histogram_percentile(latencies, 0.99) / 1000);
}

static int run_requests(size_t in_flight, double seconds) {
  natsSubscription *subscription;
  natsInbox *inbox;
  nats_check(natsInbox_Create(&inbox), "inbox");
  requests.prefix = (size_t)snprintf(requests.inbox, sizeof requests.inbox, "%s.*", inbox) - 1;
  requests.sent_at = calloc(in_flight, sizeof *requests.sent_at);
  requests.turns = calloc(in_flight, sizeof *requests.turns);
  requests.waiting = (long)in_flight;
  sem_init(&requests.done, 0, 0);
  nats_check(natsConnection_Subscribe(&subscription, connection, requests.inbox, take_answer, NULL), "subscribe");
  nats_check(natsConnection_Flush(connection), "flush");
  set_window(seconds);
  for (size_t place = 0; place < in_flight; place++) send_request(place);
  sem_wait(&requests.done);
  report_requests(seconds);
  return requests.errors > 0 || requests.latencies.count == 0;
}

// ---- events

static long read_count(natsMsg *answer) {
  char text[BODY_ROOM] = {0};
  size_t length = (size_t)natsMsg_GetDataLength(answer);
  memcpy(text, natsMsg_GetData(answer), length < sizeof text ? length : sizeof text - 1);
  const char *count = strstr(text, "\"count\":");
  return count ? strtol(count + 8, NULL, 10) : -1;
}

// How many events the service has counted; -1 when it is not there yet.
static long handled_count(void) {
  static const char body[] = "{\"kind\":\"send\",\"pattern\":\"events.count\",\"payload\":null}";
  natsMsg *answer;
  if (natsConnection_Request(&answer, connection, "events.count", body, sizeof body - 1, 5000) != NATS_OK) return -1;
  long count = read_count(answer);
  natsMsg_Destroy(answer);
  return count;
}

static struct {
  atomic_long handled;
  atomic_bool is_asked;
  sem_t answered;
  char inbox[64];
} counting;

static void ask_count(void) {
  static const char body[] = "{\"kind\":\"send\",\"pattern\":\"events.count\",\"payload\":null}";
  if (atomic_exchange(&counting.is_asked, true)) return;
  nats_check(
    natsConnection_PublishRequest(connection, "events.count", counting.inbox, body, sizeof body - 1), "count");
}

static void take_count(natsConnection *unused, natsSubscription *subscription, natsMsg *message, void *data) {
  (void)unused, (void)subscription, (void)data;
  long count = read_count(message);
  natsMsg_Destroy(message);
  if (count < 0) fault("the service does not count");
  atomic_store(&counting.handled, count);
  atomic_store(&counting.is_asked, false);
  sem_post(&counting.answered);
}

// The count comes while events are being published: a publisher that waited for it would find the service idle.
static void begin_counting(void) {
  natsSubscription *subscription;
  natsInbox *inbox;
  nats_check(natsInbox_Create(&inbox), "inbox");
  snprintf(counting.inbox, sizeof counting.inbox, "%s", inbox);
  sem_init(&counting.answered, 0, 0);
  nats_check(natsConnection_Subscribe(&subscription, connection, counting.inbox, take_count, NULL), "subscribe");
  nats_check(natsConnection_Flush(connection), "flush");
}

static void wait_for_room(long sent) {
  while (sent - atomic_load(&counting.handled) > EVENTS_AHEAD - EVENTS_AT_ONCE) {
    ask_count();
    struct timespec limit;
    clock_gettime(CLOCK_REALTIME, &limit);
    limit.tv_sec += 5;
    if (sem_timedwait(&counting.answered, &limit) != 0) fault("the service does not count");
  }
}

static void publish_events(void) {
  char body[BODY_ROOM];
  for (int i = 0; i < EVENTS_AT_ONCE; i++)
    nats_check(natsConnection_Publish(connection, "user.created", body, write_event(body)), "event");
}

static int run_events(double seconds) {
  long base = handled_count(), sent = base, first = -1, last = base;
  uint64_t from = 0, to = 0;
  if (base < 0) fault("the service does not count");
  begin_counting();
  atomic_store(&counting.handled, base);
  set_window(seconds);
  do {
    publish_events();
    sent += EVENTS_AT_ONCE;
    if (sent % (EVENTS_AHEAD / 10) == 0) ask_count();
    wait_for_room(sent);
    long handled = atomic_load(&counting.handled);
    to = clock_now();
    // Counted from one answer to another.
    if (handled != last && to >= measure_from) {
      last = handled;
      if (first < 0) first = handled, from = to;
    }
  } while (to < measure_to || last == first);
  double took = (double)(to - from) / SECOND;
  while (handled_count() < sent && clock_now() < to + 5 * SECOND) usleep(1000);
  long lost = sent - handled_count();
  printf("{\"rate\":%.1f,\"lost\":%ld}\n", (double)(last - first) / took, lost);
  return lost > 0;
}

// ---- a stream

static jsCtx *open_stream(int window) {
  jsCtx *context;
  jsOptions options;
  jsOptions_Init(&options);
  options.PublishAsync.MaxPending = window;
  options.PublishAsync.StallWait = 10000;  // milliseconds
  nats_check(natsConnection_JetStream(&context, connection, &options), "JetStream");
  return context;
}

static void publish_kept(jsCtx *context, long number) {
  char body[BODY_ROOM], id[32];
  natsMsg *message;
  snprintf(id, sizeof id, "%011x%011lx", getpid(), number);
  nats_check(natsMsg_Create(&message, "user.created", NULL, body, write_event(body)), "message");
  nats_check(natsMsgHeader_Set(message, "Nats-Msg-Id", id), "header");
  nats_check(js_PublishMsgAsync(context, &message, NULL), "publish");
}

static void complete(jsCtx *context) {
  jsPubOptions options;
  jsPubOptions_Init(&options);
  options.MaxWait = 5000;
  nats_check(js_PublishAsyncComplete(context, &options), "confirmations");
}

static int run_publish(int window, double seconds) {
  jsCtx *context = open_stream(window);
  long number = 0, before = 0;
  set_window(seconds);
  while (clock_now() < measure_from) publish_kept(context, number++);
  before = number;
  while (clock_now() < measure_to) publish_kept(context, number++);
  double took = (double)(clock_now() - measure_from) / SECOND;
  complete(context);
  printf("{\"rate\":%.1f}\n", (double)(number - before) / took);
  return 0;
}

static int run_fill(long count) {
  jsCtx *context = open_stream(512);
  for (long number = 0; number < count; number++) publish_kept(context, number);
  complete(context);
  printf("{\"filled\":%ld}\n", count);
  return 0;
}

static int run_drain(long count) {
  long first = 0, last = 0;
  uint64_t from = 0, to = 0;
  do {
    usleep(2000);
    last = handled_count();
    to = clock_now();
    if (last > count / 10 && from == 0) first = last, from = to;
  } while (last < count - count / 10);
  printf("{\"rate\":%.1f,\"counted\":%ld}\n", (double)(last - first) * 1e9 / (double)(to - from), last - first);
  return first > count / 2;
}

static int make_stream(const char *name) {
  jsCtx *context = open_stream(512);
  jsErrCode error = 0;
  jsStreamConfig config;
  const char *subjects[] = {"user.created", "flaky.event"};
  js_DeleteStream(context, name, NULL, &error);
  jsStreamConfig_Init(&config);
  config.Name = name;
  config.Subjects = subjects;
  config.SubjectsLen = 2;
  config.Storage = js_FileStorage;
  config.Duplicates = (int64_t)(120 * SECOND);
  nats_check(js_AddStream(NULL, context, &config, NULL, &error), "stream");
  printf("{\"stream\":\"%s\"}\n", name);
  return 0;
}

static int usage(void) {
  fprintf(
    stderr,
    "usage: nats_load requests|reused URL IN_FLIGHT SECONDS | events URL SECONDS | publish URL WINDOW SECONDS\n"
    "       nats_load fill URL COUNT | drain URL COUNT | stream URL NAME\n");
  return 2;
}

int main(int argc, char **argv) {
  if (argc < 4) return usage();
  const char *what = argv[1];
  connection = nats_connect(argv[2]);
  requests.reuses = strcmp(what, "reused") == 0;
  if ((strcmp(what, "requests") == 0 || requests.reuses) && argc == 5) return run_requests(strtoul(argv[3], NULL, 10), atof(argv[4]));
  if (strcmp(what, "events") == 0) return run_events(atof(argv[3]));
  if (strcmp(what, "publish") == 0 && argc == 5) return run_publish(atoi(argv[3]), atof(argv[4]));
  if (strcmp(what, "fill") == 0) return run_fill(atol(argv[3]));
  if (strcmp(what, "drain") == 0) return run_drain(atol(argv[3]));
  if (strcmp(what, "stream") == 0) return make_stream(argv[3]);
  return usage();
}
