// The yardstick over NATS: answers `echo`, counts `user.created`, tells how many by `events.count`. Each message's
// envelope is scanned once.
// usage: nats_service URL [STREAM]   (with a stream its events are fetched from there and acknowledged one by one)
#define _GNU_SOURCE
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "envelope.h"
#include "nats_loop.h"

#define FETCH 500
#define REPLY_ROOM (64 << 10)

static atomic_long handled;

static bool read_envelope(natsMsg *message, const char *kind, struct envelope *envelope) {
  const char *bytes = natsMsg_GetData(message);
  bool is_whole = scan_envelope(bytes, bytes + natsMsg_GetDataLength(message), envelope);
  return is_whole && slice_is(envelope->kind, kind, strlen(kind)) && envelope->payload.bytes;
}

static size_t put(char *at, const char *bytes, size_t length) {
  memcpy(at, bytes, length);
  return length;
}

#define PUT_LITERAL(at, literal) put(at, literal, sizeof(literal) - 1)

static void answer(natsConnection *connection, natsMsg *message, const char *payload, size_t length) {
  static _Thread_local char reply[REPLY_ROOM];
  if (length > sizeof reply - 64) return;
  size_t size = PUT_LITERAL(reply, "{\"ok\":true,\"payload\":");
  size += put(reply + size, payload, length);
  size += PUT_LITERAL(reply + size, "}");
  natsConnection_Publish(connection, natsMsg_GetReply(message), reply, (int)size);
}

static void echo(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *unused) {
  (void)subscription, (void)unused;
  struct envelope request = {0};
  if (read_envelope(message, "\"send\"", &request))
    answer(connection, message, request.payload.bytes, request.payload.length);
  natsMsg_Destroy(message);
}

static void take_event(natsMsg *message) {
  struct envelope event = {0};
  if (read_envelope(message, "\"emit\"", &event) && SLICE_IS(event.pattern, "\"user.created\""))
    atomic_fetch_add_explicit(&handled, 1, memory_order_relaxed);
}

static void count_event(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *unused) {
  (void)connection, (void)subscription, (void)unused;
  take_event(message);
  natsMsg_Destroy(message);
}

static void tell_count(natsConnection *connection, natsSubscription *subscription, natsMsg *message, void *unused) {
  (void)subscription, (void)unused;
  char payload[64];
  int length = snprintf(payload, sizeof payload, "{\"count\":%ld}", atomic_load(&handled));
  answer(connection, message, payload, (size_t)length);
  natsMsg_Destroy(message);
}

static void subscribe(natsConnection *connection, const char *subject, natsMsgHandler handler) {
  natsSubscription *subscription;
  nats_check(natsConnection_QueueSubscribe(&subscription, connection, subject, "bench", handler, NULL), subject);
  nats_check(natsSubscription_SetPendingLimits(subscription, -1, -1), "limits");
}

static natsSubscription *open_consumer(natsConnection *connection, const char *stream) {
  jsCtx *context;
  jsErrCode error = 0;
  jsSubOptions options;
  natsSubscription *subscription;
  nats_check(natsConnection_JetStream(&context, connection, NULL), "JetStream");
  jsSubOptions_Init(&options);
  options.Stream = stream;
  options.Config.AckPolicy = js_AckExplicit;
  nats_check(js_PullSubscribe(&subscription, context, "user.created", "bench", NULL, &options, &error), "consumer");
  return subscription;
}

static void take_batch(natsSubscription *consumer) {
  jsErrCode error = 0;
  natsMsgList batch = {0};
  natsStatus status = natsSubscription_Fetch(&batch, consumer, FETCH, 1000, &error);
  if (status != NATS_OK && status != NATS_TIMEOUT) nats_check(status, "fetch");
  for (int i = 0; i < batch.Count; i++) {
    take_event(batch.Msgs[i]);
    nats_check(natsMsg_Ack(batch.Msgs[i], NULL), "ack");
  }
  natsMsgList_Destroy(&batch);
}

int main(int argc, char **argv) {
  if (argc < 2 || argc > 3) {
    fprintf(stderr, "usage: nats_service URL [STREAM]\n");
    return 2;
  }
  natsConnection *connection = nats_connect(argv[1]);
  subscribe(connection, "echo", echo);
  subscribe(connection, "events.count", tell_count);
  if (argc == 2) subscribe(connection, "user.created", count_event);
  nats_check(natsConnection_Flush(connection), "flush");
  natsSubscription *consumer = argc == 3 ? open_consumer(connection, argv[2]) : NULL;
  printf("listening %s\n", argv[1]);
  fflush(stdout);
  while (consumer) take_batch(consumer);
  for (;;) pause();
}
