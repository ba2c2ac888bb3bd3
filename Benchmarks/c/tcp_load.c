// The load: a closed loop of requests, a fixed number in flight on each connection. One thread, epoll, one write for
// each burst of answers. Every answer must carry an id that is waiting for one, and `"ok":true`.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "buffer.h"
#include "envelope.h"
#include "histogram.h"

#define SECOND 1000000000ull
#define DRAIN_TIME (5 * SECOND)
#define MAX_SHOWN_FAULTS 5

struct options {
  const char *host, *port, *pattern;
  size_t connections, in_flight, payload_bytes;
  double seconds, warmup;
};

// One request in flight; its id is round * in_flight + its place.
struct slot {
  uint64_t round, sent_at;
  bool is_waiting;
};

struct connection {
  int socket;
  struct buffer in, out;
  struct slot *slots;
  bool is_writing;
};

static struct options options = {.pattern = "echo", .payload_bytes = 100, .warmup = 0.5};
static int poller;
static char *request_tail;  // what stands behind the id in every request
static size_t request_tail_length;
static struct histogram latencies;
static uint64_t now, measure_from, measure_to;
static uint64_t waiting, errors;

static int fail(const char *what) {
  perror(what);
  exit(1);
}

static uint64_t clock_now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * SECOND + (uint64_t)time.tv_nsec;
}

static void count_error(const char *what, const char *line, size_t length) {
  if (errors++ < MAX_SHOWN_FAULTS) fprintf(stderr, "%s: %.*s\n", what, (int)(length < 300 ? length : 300), line);
}

// ---- requests

static void put_id(struct buffer *out, uint64_t id) {
  char digits[20];
  int at = sizeof digits;
  do digits[--at] = '0' + (char)(id % 10);
  while (id /= 10);
  buffer_put(out, digits + at, sizeof digits - at);
}

static void queue_request(struct connection *connection, size_t place) {
  struct slot *slot = &connection->slots[place];
  slot->sent_at = now;
  slot->is_waiting = true;
  waiting++;
  buffer_reserve(&connection->out, request_tail_length + 32);
  buffer_put(&connection->out, "{\"id\":\"", 7);
  put_id(&connection->out, slot->round * options.in_flight + place);
  buffer_put(&connection->out, request_tail, request_tail_length);
}

static void wait_for_writing(struct connection *connection, bool is_writing) {
  if (connection->is_writing == is_writing) return;
  connection->is_writing = is_writing;
  struct epoll_event event = {.events = EPOLLIN | (is_writing ? EPOLLOUT : 0), .data.ptr = connection};
  epoll_ctl(poller, EPOLL_CTL_MOD, connection->socket, &event);
}

static void flush_connection(struct connection *connection) {
  struct buffer *out = &connection->out;
  while (buffer_length(out) > 0) {
    ssize_t written = send(connection->socket, buffer_front(out), buffer_length(out), MSG_NOSIGNAL);
    if (written < 0 && errno == EAGAIN) return wait_for_writing(connection, true);
    if (written < 0) fail("send");
    buffer_drop(out, (size_t)written);
  }
  wait_for_writing(connection, false);
}

// ---- answers

static bool has_prefix(const char **at, const char *end, const char *prefix, size_t length) {
  if ((size_t)(end - *at) < length || memcmp(*at, prefix, length) != 0) return false;
  *at += length;
  return true;
}

#define HAS_PREFIX(at, end, literal) has_prefix(at, end, literal, sizeof(literal) - 1)

static uint64_t take_digits(const char **at, const char *end) {
  uint64_t value = 0;
  while (*at < end && **at >= '0' && **at <= '9') value = value * 10 + (uint64_t)(*(*at)++ - '0');
  return value;
}

// The order fields usually come in; false when they come in another.
static bool read_usual_answer(const char *at, const char *end, uint64_t *id) {
  if (!HAS_PREFIX(&at, end, "{\"id\":\"")) return false;
  *id = take_digits(&at, end);
  return HAS_PREFIX(&at, end, "\",\"ok\":true,\"payload\":") && end > at + 1 && end[-1] == '}';
}

static bool read_any_answer(const char *at, const char *end, uint64_t *id, bool *is_good) {
  struct envelope answer = {0};
  if (!scan_envelope(at, end, &answer) || answer.id.length < 3 || answer.id.bytes[0] != '"') return false;
  *is_good = SLICE_IS(answer.ok, "true") && answer.payload.bytes;
  const char *digits = answer.id.bytes + 1;
  *id = take_digits(&digits, end);
  return *digits == '"';
}

// The slot that waits for this answer; null when none does.
static struct slot *answered_slot(struct connection *connection, uint64_t id) {
  struct slot *slot = &connection->slots[id % options.in_flight];
  return slot->is_waiting && slot->round == id / options.in_flight ? slot : NULL;
}

// A good answer makes room for the next request; a slot whose answer was bad stays empty.
static void take_answer(struct connection *connection, const char *line, const char *end) {
  uint64_t id = 0;
  bool is_good = true;
  bool is_read = read_usual_answer(line, end, &id) || read_any_answer(line, end, &id, &is_good);
  struct slot *slot = is_read ? answered_slot(connection, id) : NULL;
  if (!slot) return count_error("an answer to nothing asked", line, (size_t)(end - line));
  slot->is_waiting = false;
  slot->round++;
  waiting--;
  if (!is_good) return count_error("not a good answer", line, (size_t)(end - line));
  if (now >= measure_from && now < measure_to) histogram_add(&latencies, now - slot->sent_at);
  if (now < measure_to) queue_request(connection, (size_t)(slot - connection->slots));
}

static void take_answers(struct connection *connection) {
  struct buffer *in = &connection->in;
  const char *start = buffer_front(in), *end = in->bytes + in->end, *newline;
  while ((newline = memchr(start, '\n', (size_t)(end - start)))) {
    take_answer(connection, start, newline);
    start = newline + 1;
  }
  buffer_drop(in, (size_t)(start - buffer_front(in)));
}

static void read_connection(struct connection *connection) {
  struct buffer *in = &connection->in;
  buffer_reserve(in, 1);
  ssize_t count = read(connection->socket, in->bytes + in->end, in->capacity - in->end);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) fail("read");
  if (count == 0) {
    fprintf(stderr, "the server closed a connection\n");
    exit(1);
  }
  in->end += (size_t)count;
  now = clock_now();
  take_answers(connection);
  flush_connection(connection);
}

// ---- the run

static struct addrinfo *resolve(void) {
  struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found;
  int status = getaddrinfo(options.host, options.port, &hints, &found);
  if (status == 0) return found;
  fprintf(stderr, "%s:%s: %s\n", options.host, options.port, gai_strerror(status));
  exit(1);
}

static void open_connection(struct connection *connection, const struct addrinfo *address) {
  int on = 1;
  connection->socket = socket(address->ai_family, SOCK_STREAM, 0);
  if (connect(connection->socket, address->ai_addr, address->ai_addrlen) < 0) fail("connect");
  setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  fcntl(connection->socket, F_SETFL, O_NONBLOCK);
  connection->slots = calloc(options.in_flight, sizeof *connection->slots);
  if (!connection->slots) fail("calloc");
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event);
}

static void poll_once(void) {
  struct epoll_event events[64];
  int count = epoll_wait(poller, events, 64, 100);
  for (int i = 0; i < count; i++) {
    struct connection *connection = events[i].data.ptr;
    if (events[i].events & EPOLLOUT) flush_connection(connection);
    if (events[i].events & ~(uint32_t)EPOLLOUT) read_connection(connection);
  }
  if (count <= 0) now = clock_now();
}

static void start(struct connection *connections) {
  now = clock_now();
  measure_from = now + (uint64_t)(options.warmup * SECOND);
  measure_to = measure_from + (uint64_t)(options.seconds * SECOND);
  for (size_t i = 0; i < options.connections; i++) {
    for (size_t place = 0; place < options.in_flight; place++) queue_request(&connections[i], place);
    flush_connection(&connections[i]);
  }
}

// Sends until time is up, then waits for what is still to be answered; what never is, is an error.
static void run(void) {
  while (waiting > 0 && now < measure_to + DRAIN_TIME) poll_once();
  if (waiting == 0) return;
  fprintf(stderr, "%lu requests were not answered\n", (unsigned long)waiting);
  errors += waiting;
}

static double microseconds(double nanoseconds) { return nanoseconds / 1000; }

static void report(void) {
  printf(
    "{\"rate\":%.1f,\"requests\":%lu,\"errors\":%lu,\"p50\":%.2f,\"p90\":%.2f,\"p99\":%.2f,\"max\":%.2f}\n",
    (double)latencies.count / options.seconds, (unsigned long)latencies.count, (unsigned long)errors,
    microseconds(histogram_percentile(&latencies, 0.5)), microseconds(histogram_percentile(&latencies, 0.9)),
    microseconds(histogram_percentile(&latencies, 0.99)), microseconds((double)latencies.longest));
}

// ---- options

// An object of about that size, the rest in its note.
static void make_request_tail(void) {
  const char *head = "{\"id\":4711,\"sku\":\"sku-123\",\"quantity\":3,\"price\":19.99,\"note\":\"";
  const char *tail = "\",\"tags\":[\"a\",\"b\"]}";
  size_t bare = strlen(head) + strlen(tail);
  size_t note = options.payload_bytes > bare ? options.payload_bytes - bare : 0;
  char *padding = malloc(note + 1);
  if (!padding) fail("malloc");
  memset(padding, 'n', note);
  padding[note] = 0;
  int length = asprintf(
    &request_tail, "\",\"kind\":\"send\",\"pattern\":\"%s\",\"payload\":%s%s%s}\n", options.pattern, head, padding,
    tail);
  if (length < 0) fail("asprintf");
  request_tail_length = (size_t)length;
  free(padding);
}

static int usage(void) {
  fprintf(
    stderr,
    "usage: tcp_load HOST PORT CONNECTIONS IN_FLIGHT_PER_CONNECTION SECONDS\n"
    "                [--pattern echo] [--typed] [--payload-bytes 100] [--warmup SECONDS]\n"
    "--typed is --pattern echo.typed. Prints one line of JSON; times in microseconds.\n");
  exit(2);
}

static void read_flags(int argc, char **argv) {
  static const struct option flags[] = {
    {"pattern", required_argument, NULL, 'p'},
    {"payload-bytes", required_argument, NULL, 'b'},
    {"warmup", required_argument, NULL, 'w'},
    {"typed", no_argument, NULL, 't'},
    {0},
  };
  int flag;
  while ((flag = getopt_long(argc, argv, "", flags, NULL)) != -1) {
    if (flag == 'p') options.pattern = optarg;
    else if (flag == 'b') options.payload_bytes = strtoul(optarg, NULL, 10);
    else if (flag == 'w') options.warmup = atof(optarg);
    else if (flag == 't') options.pattern = "echo.typed";
    else usage();
  }
}

static void read_options(int argc, char **argv) {
  read_flags(argc, argv);
  if (argc - optind != 5) usage();
  options.host = argv[optind];
  options.port = argv[optind + 1];
  options.connections = strtoul(argv[optind + 2], NULL, 10);
  options.in_flight = strtoul(argv[optind + 3], NULL, 10);
  options.seconds = atof(argv[optind + 4]);
  if (options.connections < 1 || options.in_flight < 1 || options.seconds <= 0) usage();
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  make_request_tail();
  poller = epoll_create1(0);
  struct connection *connections = calloc(options.connections, sizeof *connections);
  if (!connections) fail("calloc");
  struct addrinfo *address = resolve();
  for (size_t i = 0; i < options.connections; i++) open_connection(&connections[i], address);
  start(connections);
  run();
  report();
  return errors > 0 || latencies.count == 0;
}
