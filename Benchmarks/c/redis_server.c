// The service in C: reads its group's entries in batches and acknowledges each batch with one command. Requests are
// answered by what they name, events are only counted. One thread, two connections: one reads, the other writes.
#define _GNU_SOURCE
#include <signal.h>
#include <stdbool.h>

#include "envelope.h"
#include "redis_link.h"

#define BATCH 128
#define GROUP "c"
#define CONSUMER "c1"

static volatile sig_atomic_t has_ended;
static struct link reading, writing;
static const char *stream;
static unsigned long handled;

static void end(int signal) {
  (void)signal;
  has_ended = 1;
}

static void ask_for_entries(void) {
  LINK_WORDS(
    &reading, "XREADGROUP", "GROUP", GROUP, CONSUMER, "COUNT", "128", "BLOCK", "1000", "STREAMS", stream, ">");
  link_flush(&reading);
}

// The value of the field `m` of an entry: the envelope.
static const redisReply *message_of(const redisReply *entry) {
  const redisReply *fields = entry->element[1];
  for (size_t i = 0; i + 1 < fields->elements; i += 2)
    if (strcmp(fields->element[i]->str, "m") == 0) return fields->element[i + 1];
  fprintf(stderr, "an entry without m\n");
  exit(1);
}

static void answer(const redisReply *message) {
  struct envelope request = {0};
  const char *end = message->str + message->len;
  if (!scan_envelope(message->str, end, &request) || !request.reply.bytes || !request.correlation.bytes) {
    fprintf(stderr, "not a request: %s\n", message->str);
    exit(1);
  }
  char body[65536], channel[256];
  int length = snprintf(
    body, sizeof body, "{\"id\":%.*s,\"ok\":true,\"payload\":%.*s}", (int)request.correlation.length,
    request.correlation.bytes, (int)request.payload.length, request.payload.bytes);
  snprintf(channel, sizeof channel, "%.*s", (int)request.reply.length - 2, request.reply.bytes + 1);
  const char *words[] = {"PUBLISH", channel, body};
  const size_t lengths[] = {7, strlen(channel), (size_t)length};
  link_queue(&writing, 3, words, lengths);
}

// A command with the ids of all entries behind its words.
static void queue_with_ids(const redisReply *entries, size_t count, const char **first) {
  const char *words[BATCH + 3];
  size_t lengths[BATCH + 3];
  for (size_t i = 0; i < count; i++) {
    words[i] = first[i];
    lengths[i] = strlen(first[i]);
  }
  for (size_t i = 0; i < entries->elements; i++) {
    words[i + count] = entries->element[i]->element[0]->str;
    lengths[i + count] = entries->element[i]->element[0]->len;
  }
  link_queue(&writing, (int)(entries->elements + count), words, lengths);
}

// Nobody else reads a request: it is deleted as well.
static void acknowledge(const redisReply *entries, bool deletes) {
  queue_with_ids(entries, 3, (const char *[]){"XACK", stream, GROUP});
  if (deletes) queue_with_ids(entries, 2, (const char *[]){"XDEL", stream});
}

// While a batch is handled, the next one is under way.
static void serve(bool answers) {
  ask_for_entries();
  while (!has_ended) {
    redisReply *batch = link_read(&reading);
    ask_for_entries();
    if (batch->type == REDIS_REPLY_ARRAY) {
      const redisReply *entries = batch->element[0]->element[1];
      for (size_t i = 0; answers && i < entries->elements; i++) answer(message_of(entries->element[i]));
      acknowledge(entries, answers);
      link_flush(&writing);
      link_settle(&writing);
      handled += entries->elements;
    }
    freeReplyObject(batch);
  }
}

// The group may be there already.
static void make_group(void) {
  LINK_WORDS(&writing, "XGROUP", "DESTROY", stream, GROUP);
  LINK_WORDS(&writing, "XGROUP", "CREATE", stream, GROUP, "$", "MKSTREAM");
  void *reply = NULL;
  if (redisGetReply(writing.context, &reply) != REDIS_OK) link_fail(&writing, "XGROUP");
  freeReplyObject(reply);
  freeReplyObject(link_read(&writing));
  writing.unanswered = 0;
}

int main(int argc, char **argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: redis_server PORT STREAM requests|events\n");
    return 2;
  }
  signal(SIGTERM, end);
  stream = argv[2];
  reading = link_open("127.0.0.1", atoi(argv[1]));
  writing = link_open("127.0.0.1", atoi(argv[1]));
  make_group();
  printf("listening\n");
  fflush(stdout);
  serve(strcmp(argv[3], "requests") == 0);
  printf("{\"handled\":%lu}\n", handled);
  return 0;
}
