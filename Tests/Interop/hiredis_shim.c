// What the shim finds in a burst, whichever hiredis it is built with. Prints one line; Scripts/hiredis12.sh compares.
#include <stdio.h>
#include <string.h>

#include "../../CModules/CHiredis/shim.h"

static char fed[1 << 12];
static nest_redis_sink sink;

static int feed(redisReader *reader, const char *bytes, size_t length) {
  int found = 0, next = 0;
  memcpy(fed + sink.end, bytes, length);
  sink.end += length;
  if (redisReaderFeed(reader, bytes, length) != REDIS_OK) return -1;
  while ((next = nest_redis_next(reader)) == 1) found++;
  return next < 0 ? next : found;
}

// Every part, and its text where the shim says that it stands in what was fed.
static void show(void) {
  for (size_t i = 0; i < sink.count; i++) {
    const nest_redis_part *part = &sink.parts[i];
    printf(" %d:%.*s:%lld", part->kind, (int)part->length, fed + part->start, part->number);
  }
}

int main(void) {
  static const char burst[] =
    "+OK\r\n:-42\r\n$5\r\nh\r\nlo\r\n$-1\r\n*-1\r\n*0\r\n-ERR no\r\n*2\r\n*1\r\n*2\r\n$1\r\na\r\n*1\r\n$1\r\nm\r\n:7\r\n";
  redisReader *reader = nest_redis_reader(&sink);
  int replies = 0;
  for (size_t i = 0; i < sizeof burst - 1; i++) replies += feed(reader, burst + i, 1);
  show();
  printf(" | %d replies, %zu bytes left", replies, nest_redis_unread(reader));
  int strange = feed(reader, "HTTP/1.1\r\n", 10);
  printf(", then %d: %s\n", strange, *nest_redis_error(reader) ? "an error" : "none");
  redisReaderFree(reader);
  nest_redis_free_parts(sink.parts);
  fprintf(stderr, "hiredis %d.%d.%d\n", HIREDIS_MAJOR, HIREDIS_MINOR, HIREDIS_PATCH);
  return 0;
}
