// Bytes that come in at one end and leave at the other, in memory that grows.
#pragma once

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct buffer {
  char *bytes;
  size_t start, end, capacity;
};

static inline size_t buffer_length(const struct buffer *buffer) { return buffer->end - buffer->start; }

static inline const char *buffer_front(const struct buffer *buffer) { return buffer->bytes + buffer->start; }

static inline void buffer_drop(struct buffer *buffer, size_t count) {
  buffer->start += count;
  if (buffer->start == buffer->end) buffer->start = buffer->end = 0;
}

static inline void buffer_grow(struct buffer *buffer, size_t needed) {
  size_t capacity = buffer->capacity ? buffer->capacity : 64 << 10;
  while (capacity < needed) capacity *= 2;
  buffer->bytes = realloc(buffer->bytes, capacity);
  if (!buffer->bytes) {
    perror("realloc");
    exit(1);
  }
  buffer->capacity = capacity;
}

// Makes room for `count` more bytes behind the end.
static inline void buffer_reserve(struct buffer *buffer, size_t count) {
  if (buffer->capacity - buffer->end >= count) return;
  size_t length = buffer_length(buffer);
  if (buffer->start > 0) memmove(buffer->bytes, buffer->bytes + buffer->start, length);
  buffer->start = 0;
  buffer->end = length;
  if (buffer->capacity - length < count) buffer_grow(buffer, length + count);
}

// Into memory that was reserved before.
static inline void buffer_put(struct buffer *buffer, const char *bytes, size_t count) {
  memcpy(buffer->bytes + buffer->end, bytes, count);
  buffer->end += count;
}

static inline void buffer_free(struct buffer *buffer) {
  free(buffer->bytes);
  *buffer = (struct buffer){0};
}
