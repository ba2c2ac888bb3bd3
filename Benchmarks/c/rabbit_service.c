// The yardstick over RabbitMQ: answers `echo` over a second connection, counts `user.created`. Each message's envelope is
// scanned once; what one read has brought is acknowledged together.
// usage: rabbit_service PORT requests|events PREFETCH
#define _GNU_SOURCE
#include "envelope.h"
#include "rabbit_link.h"

#define REPLY_ROOM (64 << 10)

static amqp_connection_state_t consuming, publishing;
static long handled;

static size_t put(char *at, const char *bytes, size_t length) {
  memcpy(at, bytes, length);
  return length;
}

#define PUT_LITERAL(at, literal) put(at, literal, sizeof(literal) - 1)

static bool read_envelope(amqp_bytes_t body, const char *kind, struct envelope *envelope) {
  const char *bytes = body.bytes;
  bool is_whole = scan_envelope(bytes, bytes + body.len, envelope);
  return is_whole && slice_is(envelope->kind, kind, strlen(kind)) && envelope->payload.bytes;
}

static void answer(const amqp_message_t *message) {
  static char reply[REPLY_ROOM];
  struct envelope request = {0};
  if (!read_envelope(message->body, "\"send\"", &request) || request.payload.length > sizeof reply - 64)
    rabbit_fail("an envelope");
  size_t size = PUT_LITERAL(reply, "{\"ok\":true,\"payload\":");
  size += put(reply + size, request.payload.bytes, request.payload.length);
  size += PUT_LITERAL(reply + size, "}");
  amqp_basic_properties_t properties = {
    ._flags = AMQP_BASIC_CORRELATION_ID_FLAG | AMQP_BASIC_CONTENT_TYPE_FLAG,
    .correlation_id = message->properties.correlation_id,
    .content_type = amqp_cstring_bytes("application/json")};
  amqp_bytes_t body = {size, reply};
  rabbit_check(
    amqp_basic_publish(
      publishing, CHANNEL, amqp_empty_bytes, message->properties.reply_to, 0, 0, &properties, body),
    "answer");
}

static void count_event(const amqp_message_t *message) {
  struct envelope event = {0};
  if (!read_envelope(message->body, "\"emit\"", &event) || !SLICE_IS(event.pattern, "\"user.created\""))
    rabbit_fail("an event");
  handled++;
}

// Takes messages for ever. A burst is acknowledged at its end, or when it is half of what the broker sends ahead.
static void serve(void (*take)(const amqp_message_t *), long prefetch) {
  long unsettled = 0;
  for (;;) {
    amqp_envelope_t delivery;
    amqp_maybe_release_buffers(consuming);
    if (amqp_consume_message(consuming, &delivery, NULL, 0).reply_type != AMQP_RESPONSE_NORMAL) rabbit_fail("read");
    take(&delivery.message);
    unsettled++;
    if (!rabbit_has_more(consuming) || unsettled * 2 >= prefetch) {
      rabbit_check(amqp_basic_ack(consuming, CHANNEL, delivery.delivery_tag, unsettled > 1), "acknowledgement");
      unsettled = 0;
    }
    amqp_destroy_envelope(&delivery);
  }
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: rabbit_service PORT requests|events PREFETCH\n");
    return 2;
  }
  int port = atoi(argv[1]);
  bool answers = strcmp(argv[2], "requests") == 0;
  consuming = rabbit_connect(port);
  publishing = rabbit_connect(port);
  amqp_basic_qos(consuming, CHANNEL, 0, (uint16_t)atoi(argv[3]), 0);
  rabbit_check_reply(consuming, "prefetch");
  rabbit_consume(consuming, answers ? REQUESTS_QUEUE : EVENTS_QUEUE, true);
  printf("listening %d\n", port);
  fflush(stdout);
  serve(answers ? answer : count_event, atol(argv[3]));
}
