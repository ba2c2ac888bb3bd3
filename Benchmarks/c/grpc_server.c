// The yardstick for gRPC: what plain C makes of the same call on the same HTTP/2 library. One thread, epoll, one write for
// each burst read. Any call is answered as SendResponse{ok: true, payload_json: what the request's field 2 holds}.
// usage: grpc_server PORT       (0 takes a free port; prints `listening PORT`)
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX_MESSAGE 4096

struct call {
  size_t length, sent;
  uint8_t bytes[MAX_MESSAGE];
};

static int poller;

#define FIELD(name, value)                                                                                            \
  {(uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, sizeof(value) - 1,                                        \
   NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}

static ssize_t read_body(nghttp2_session *session, int32_t id, uint8_t *target, size_t room, uint32_t *flags,
                         nghttp2_data_source *source, void *user) {
  (void)user;
  struct call *call = source->ptr;
  size_t count = call->length - call->sent < room ? call->length - call->sent : room;
  memcpy(target, call->bytes + call->sent, count);
  call->sent += count;
  if (call->sent == call->length) {
    const nghttp2_nv trailers[] = {FIELD("grpc-status", "0")};
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    nghttp2_submit_trailer(session, id, trailers, 1);
  }
  return (ssize_t)count;
}

static size_t read_varint(const uint8_t *bytes, size_t length, size_t *at) {
  size_t value = 0;
  for (int shift = 0; *at < length && shift < 35; shift += 7) {
    uint8_t byte = bytes[(*at)++];
    value |= (size_t)(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

static size_t write_varint(uint8_t *target, size_t value) {
  size_t count = 0;
  for (; value >= 0x80; value >>= 7) target[count++] = (uint8_t)value | 0x80;
  target[count++] = (uint8_t)value;
  return count;
}

// Turns the request in the call into its answer.
static int serve(struct call *call) {
  uint8_t payload[MAX_MESSAGE];
  size_t length = 0, at = 5;
  while (at < call->length) {
    uint8_t tag = call->bytes[at++];
    size_t size = read_varint(call->bytes, call->length, &at);
    if ((tag & 7) != 2 || size > call->length - at) return -1;
    if (tag >> 3 == 2) memcpy(payload, call->bytes + at, length = size);
    at += size;
  }
  uint8_t *body = call->bytes + 5;
  size_t count = 0;
  body[count++] = 0x08, body[count++] = 1, body[count++] = 0x12;
  count += write_varint(body + count, length);
  if (count + length + 5 > MAX_MESSAGE) return -1;
  memcpy(body + count, payload, length);
  count += length;
  call->bytes[0] = 0;
  for (int i = 0; i < 4; i++) call->bytes[1 + i] = (uint8_t)(count >> (24 - 8 * i));
  call->length = count + 5;
  return 0;
}

static int on_begin_headers(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
  (void)user;
  struct call *call = malloc(sizeof *call);
  call->length = call->sent = 0;
  return nghttp2_session_set_stream_user_data(session, frame->hd.stream_id, call);
}

static int on_data(nghttp2_session *session, uint8_t flags, int32_t id, const uint8_t *bytes, size_t count, void *user) {
  (void)flags, (void)user;
  struct call *call = nghttp2_session_get_stream_user_data(session, id);
  if (!call || call->length + count > MAX_MESSAGE) return NGHTTP2_ERR_CALLBACK_FAILURE;
  memcpy(call->bytes + call->length, bytes, count);
  call->length += count;
  return 0;
}

static int on_frame(nghttp2_session *session, const nghttp2_frame *frame, void *user) {
  (void)user;
  if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM) || frame->hd.stream_id == 0) return 0;
  struct call *call = nghttp2_session_get_stream_user_data(session, frame->hd.stream_id);
  if (!call || serve(call) != 0) return NGHTTP2_ERR_CALLBACK_FAILURE;
  const nghttp2_nv headers[] = {FIELD(":status", "200"), FIELD("content-type", "application/grpc")};
  nghttp2_data_provider body = {.source.ptr = call, .read_callback = read_body};
  return nghttp2_submit_response(session, frame->hd.stream_id, headers, 2, &body);
}

static int on_close(nghttp2_session *session, int32_t id, uint32_t code, void *user) {
  (void)code, (void)user;
  free(nghttp2_session_get_stream_user_data(session, id));
  return 0;
}

struct connection {
  int socket;
  nghttp2_session *session;
};

static void end(struct connection *connection) {
  nghttp2_session_del(connection->session);
  close(connection->socket);
  free(connection);
}

// Blocks while the peer takes nothing: the load generator always does.
static int send_all(struct connection *connection) {
  static uint8_t output[1 << 20];
  size_t filled = 0;
  for (;;) {
    const uint8_t *bytes;
    ssize_t count = nghttp2_session_mem_send(connection->session, &bytes);
    if (count < 0) return -1;
    if (count == 0 || filled + (size_t)count > sizeof output) {
      for (size_t sent = 0; sent < filled;) {
        ssize_t written = send(connection->socket, output + sent, filled - sent, MSG_NOSIGNAL);
        if (written < 0) return -1;
        sent += (size_t)written;
      }
      filled = 0;
      if (count == 0) return 0;
    }
    memcpy(output + filled, bytes, (size_t)count);
    filled += (size_t)count;
  }
}

static void accept_one(int listener, nghttp2_session_callbacks *callbacks) {
  struct connection *connection = malloc(sizeof *connection);
  connection->socket = accept(listener, NULL, NULL);
  int one = 1;
  setsockopt(connection->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  nghttp2_session_server_new(&connection->session, callbacks, connection);
  const nghttp2_settings_entry settings[] = {
      {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, 1024}, {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, 256 << 10}};
  nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
  nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0, 64 << 20);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = connection};
  epoll_ctl(poller, EPOLL_CTL_ADD, connection->socket, &event);
  if (send_all(connection) != 0) end(connection);
}

static void receive(struct connection *connection) {
  static uint8_t input[64 << 10];
  ssize_t count = recv(connection->socket, input, sizeof input, 0);
  if (count <= 0 || nghttp2_session_mem_recv(connection->session, input, (size_t)count) < 0 ||
      send_all(connection) != 0)
    end(connection);
}

int main(int count, char **arguments) {
  nghttp2_session_callbacks *callbacks;
  nghttp2_session_callbacks_new(&callbacks);
  nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, on_begin_headers);
  nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, on_data);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, on_frame);
  nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, on_close);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  address.sin_port = htons((uint16_t)(count > 1 ? atoi(arguments[1]) : 0));
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 128) != 0) return 1;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("listening %d\n", ntohs(address.sin_port));
  fflush(stdout);
  poller = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(poller, EPOLL_CTL_ADD, listener, &event);
  for (;;) {
    struct epoll_event events[64];
    int ready = epoll_wait(poller, events, 64, -1);
    for (int i = 0; i < ready; i++) {
      if (events[i].data.ptr) receive(events[i].data.ptr);
      else accept_one(listener, callbacks);
    }
  }
}
