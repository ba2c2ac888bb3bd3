// Finds the fields of a line in one pass. Values are skipped, not parsed: a yardstick, not a validator.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct slice {
  const char *bytes;
  size_t length;
};

struct envelope {
  struct slice id, kind, pattern, payload, ok, reply, correlation;
};

static inline bool slice_is(struct slice slice, const char *text, size_t length) {
  return slice.length == length && memcmp(slice.bytes, text, length) == 0;
}

#define SLICE_IS(slice, literal) slice_is(slice, literal, sizeof(literal) - 1)

static inline bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n'; }

static inline const char *skip_space(const char *at, const char *end) {
  while (at < end && is_space(*at)) at++;
  return at;
}

// Behind the closing quote; null when there is none.
static inline const char *skip_string(const char *at, const char *end) {
  at++;
  while (at < end) {
    if (*at == '\\') at += 2;
    else if (*at == '"') return at + 1;
    else at++;
  }
  return NULL;
}

static inline const char *skip_container(const char *at, const char *end) {
  int depth = 0;
  while (at < end) {
    char byte = *at;
    if (byte == '"') {
      at = skip_string(at, end);
      if (!at) return NULL;
      continue;
    }
    if (byte == '{' || byte == '[') depth++;
    else if ((byte == '}' || byte == ']') && --depth == 0) return at + 1;
    at++;
  }
  return NULL;
}

static inline const char *skip_scalar(const char *at, const char *end) {
  const char *start = at;
  while (at < end && *at != ',' && *at != '}' && *at != ']' && !is_space(*at)) at++;
  return at > start ? at : NULL;
}

static inline const char *skip_value(const char *at, const char *end) {
  if (at >= end) return NULL;
  if (*at == '"') return skip_string(at, end);
  if (*at == '{' || *at == '[') return skip_container(at, end);
  return skip_scalar(at, end);
}

// Which field a name with its quotes is; null for one we do not know.
static inline struct slice *envelope_field(struct envelope *envelope, const char *name, size_t length) {
  switch (length) {
    case 4:
      if (memcmp(name, "\"id\"", 4) == 0) return &envelope->id;
      return memcmp(name, "\"ok\"", 4) == 0 ? &envelope->ok : NULL;
    case 6:
      return memcmp(name, "\"kind\"", 6) == 0 ? &envelope->kind : NULL;
    case 7:
      return memcmp(name, "\"reply\"", 7) == 0 ? &envelope->reply : NULL;
    case 16:
      return memcmp(name, "\"correlation_id\"", 16) == 0 ? &envelope->correlation : NULL;
    case 9:
      if (memcmp(name, "\"pattern\"", 9) == 0) return &envelope->pattern;
      return memcmp(name, "\"payload\"", 9) == 0 ? &envelope->payload : NULL;
    default:
      return NULL;
  }
}

// Reads `"name": value`; behind it, or null. A field that stands twice is a fault.
static inline const char *scan_member(const char *at, const char *end, struct envelope *envelope) {
  if (at >= end || *at != '"') return NULL;
  const char *name_end = skip_string(at, end);
  if (!name_end) return NULL;
  const char *colon = skip_space(name_end, end);
  if (colon >= end || *colon != ':') return NULL;
  const char *value = skip_space(colon + 1, end);
  const char *value_end = skip_value(value, end);
  struct slice *field = value_end ? envelope_field(envelope, at, name_end - at) : NULL;
  if (field && field->bytes) return NULL;
  if (field) *field = (struct slice){value, value_end - value};
  return value_end;
}

// True when the bytes are one object and nothing else. Fields found before a fault are left in `envelope`.
static inline bool scan_envelope(const char *at, const char *end, struct envelope *envelope) {
  at = skip_space(at, end);
  if (at >= end || *at != '{') return false;
  do {
    at = scan_member(skip_space(at + 1, end), end, envelope);
    if (!at) return false;
    at = skip_space(at, end);
  } while (at < end && *at == ',');
  if (at >= end || *at != '}') return false;
  return skip_space(at + 1, end) == end;
}
