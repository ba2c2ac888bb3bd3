// The yardstick: what a plain C server makes of the same wire. One thread, epoll, one write for each burst read.
// usage: tcp_server PORT        (0 takes a free port; prints `listening PORT`)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "buffer.h"
#include "envelope.h"

#define MAX_LINE (8 << 20)

struct connection {
  int socket;
  struct buffer in, out;
  bool is_writing;  // waits until the peer takes what is in `out`, and reads nothing meanwhile
  bool is_closing;  // nothing more is read; closes when `out` is written
};

static int poller;

static void watch(struct connection *connection, int operation, uint32_t events) {
  struct epoll_event event = {.events = events, .data.ptr = connection};
  epoll_ctl(poller, operation, connection->socket, &event);
}

#define PUT_LITERAL(out, literal) buffer_put(out, literal, sizeof(literal) - 1)

static inline void put_head(struct buffer *out, struct slice id) {
  PUT_LITERAL(out, "{\"id\":");
  if (id.bytes) buffer_put(out, id.bytes, id.length);
  else PUT_LITERAL(out, "\"0\"");
}

static void answer_echo(struct buffer *out, const struct envelope *request) {
  buffer_reserve(out, request->id.length + request->payload.length + 64);
  put_head(out, request->id);
  PUT_LITERAL(out, ",\"ok\":true,\"payload\":");
  buffer_put(out, request->payload.bytes, request->payload.length);
  PUT_LITERAL(out, "}\n");
}

static void answer_malformed(struct buffer *out, const struct envelope *request) {
  buffer_reserve(out, request->id.length + 128);
  put_head(out, request->id);
  PUT_LITERAL(out, ",\"ok\":false,\"error\":{\"message\":\"invalid request\",\"code\":\"invalid_message\"}}\n");
}

static void answer_unknown(struct buffer *out, const struct envelope *request) {
  buffer_reserve(out, request->id.length + request->pattern.length + 128);
  put_head(out, request->id);
  PUT_LITERAL(out, ",\"ok\":false,\"error\":{\"message\":\"no microservice handler for pattern `");
  buffer_put(out, request->pattern.bytes + 1, request->pattern.length - 2);
  PUT_LITERAL(out, "`\",\"code\":\"no_handler\"}}\n");
}

static bool is_string(struct slice slice) { return slice.length >= 2 && slice.bytes[0] == '"'; }

static void serve_line(struct buffer *out, const char *start, const char *end) {
  struct envelope request = {0};
  bool is_whole = scan_envelope(start, end, &request);
  if (!is_string(request.id)) request.id = (struct slice){0};
  bool is_event = SLICE_IS(request.kind, "\"emit\"");
  bool is_known = is_event || SLICE_IS(request.kind, "\"send\"");
  if (!is_whole || !is_known || !is_string(request.pattern) || !request.payload.bytes) {
    answer_malformed(out, &request);
  } else if (is_event) {
    return;
  } else if (SLICE_IS(request.pattern, "\"echo\"")) {
    answer_echo(out, &request);
  } else {
    answer_unknown(out, &request);
  }
}

static void serve_lines(struct connection *connection) {
  struct buffer *in = &connection->in;
  const char *start = buffer_front(in), *end = in->bytes + in->end, *newline;
  while ((newline = memchr(start, '\n', end - start))) {
    serve_line(&connection->out, start, newline);
    start = newline + 1;
  }
  buffer_drop(in, start - buffer_front(in));
}

static void serve_rest(struct connection *connection) {
  struct buffer *in = &connection->in;
  connection->is_closing = true;
  if (buffer_length(in) > 0) serve_line(&connection->out, buffer_front(in), in->bytes + in->end);
}

static void close_connection(struct connection *connection) {
  close(connection->socket);
  buffer_free(&connection->in);
  buffer_free(&connection->out);
  free(connection);
}

static void wait_for_writing(struct connection *connection, bool is_writing) {
  if (connection->is_writing == is_writing) return;
  connection->is_writing = is_writing;
  watch(connection, EPOLL_CTL_MOD, is_writing ? EPOLLOUT : EPOLLIN);
}

// Writes what it can, and closes when that was the last of it.
static void flush_connection(struct connection *connection) {
  struct buffer *out = &connection->out;
  while (buffer_length(out) > 0) {
    ssize_t written = send(connection->socket, buffer_front(out), buffer_length(out), MSG_NOSIGNAL);
    if (written < 0 && errno == EAGAIN) return wait_for_writing(connection, true);
    if (written < 0) return close_connection(connection);
    buffer_drop(out, written);
  }
  if (connection->is_closing) return close_connection(connection);
  wait_for_writing(connection, false);
}

static void read_connection(struct connection *connection) {
  struct buffer *in = &connection->in;
  buffer_reserve(in, 1);
  ssize_t count = read(connection->socket, in->bytes + in->end, in->capacity - in->end);
  if (count < 0 && errno == EAGAIN) return;
  if (count < 0) return close_connection(connection);
  in->end += count;
  if (count == 0) serve_rest(connection);
  else serve_lines(connection);
  if (buffer_length(in) > MAX_LINE) serve_rest(connection);
  flush_connection(connection);
}

static void accept_connection(int listener) {
  int socket = accept4(listener, NULL, NULL, SOCK_NONBLOCK), on = 1;
  if (socket < 0) return;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  struct connection *connection = calloc(1, sizeof *connection);
  if (!connection) exit(1);
  connection->socket = socket;
  watch(connection, EPOLL_CTL_ADD, EPOLLIN);
}

static int fail(const char *what) {
  perror(what);
  exit(1);
}

static int listen_on(int port) {
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {
    .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  if (bind(listener, (struct sockaddr *)&address, sizeof address) < 0) return fail("bind");
  if (listen(listener, 1024) < 0) return fail("listen");
  socklen_t size = sizeof address;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  return listener;
}

static void serve_forever(int listener) {
  struct epoll_event events[64];
  for (;;) {
    int count = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < count; i++) {
      struct connection *connection = events[i].data.ptr;
      if (!connection) accept_connection(listener);
      else if (connection->is_writing) flush_connection(connection);
      else read_connection(connection);
    }
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: tcp_server PORT\n");
    return 2;
  }
  poller = epoll_create1(0);
  int listener = listen_on(atoi(argv[1]));
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event) < 0) return fail("epoll_ctl");
  serve_forever(listener);
}
