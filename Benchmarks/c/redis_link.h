// A connection to Redis with hiredis: commands are queued, written together, and their answers read in order.
#pragma once

#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct link {
  redisContext *context;
  size_t unanswered;  // commands whose answers are still to be read
};

static inline void link_fail(const struct link *link, const char *what) {
  fprintf(stderr, "%s: %s\n", what, link->context ? link->context->errstr : "no memory");
  exit(1);
}

static inline struct link link_open(const char *host, int port) {
  struct link link = {.context = redisConnect(host, port)};
  if (!link.context || link.context->err) link_fail(&link, "connect");
  return link;
}

static inline void link_queue(struct link *link, int count, const char **words, const size_t *lengths) {
  if (redisAppendCommandArgv(link->context, count, words, lengths) != REDIS_OK) link_fail(link, "command");
  link->unanswered++;
}

static inline void link_flush(struct link *link) {
  int is_done = 0;
  while (!is_done)
    if (redisBufferWrite(link->context, &is_done) != REDIS_OK) link_fail(link, "write");
}

// The next answer; waits for it. An error that Redis answers ends the program.
static inline redisReply *link_read(struct link *link) {
  void *reply = NULL;
  if (redisGetReply(link->context, &reply) != REDIS_OK) link_fail(link, "read");
  redisReply *answer = reply;
  if (answer->type == REDIS_REPLY_ERROR) {
    fprintf(stderr, "redis: %s\n", answer->str);
    exit(1);
  }
  return answer;
}

// An answer that has been read with others already; null when there is none.
static inline redisReply *link_read_buffered(struct link *link) {
  void *reply = NULL;
  if (redisReaderGetReply(link->context->reader, &reply) != REDIS_OK) link_fail(link, "read");
  return reply;
}

// Reads the answers of all that was queued, and looks at none but for errors.
static inline void link_settle(struct link *link) {
  for (; link->unanswered > 0; link->unanswered--) freeReplyObject(link_read(link));
}

#define LINK_WORDS(link, ...)                                              \
  do {                                                                     \
    const char *words[] = {__VA_ARGS__};                                   \
    link_queue(link, (int)(sizeof words / sizeof *words), words, NULL);    \
  } while (0)
