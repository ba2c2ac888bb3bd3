#ifndef NEST_CHIREDIS_SHIM_H
#define NEST_CHIREDIS_SHIM_H

#include <stdint.h>
#include <stdlib.h>

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#else
#error "hiredis is missing: apt-get install libhiredis-dev (macOS: brew install hiredis)"
#endif

/* What a reader finds, one after another: an array is followed by its elements. The same for every version of hiredis,
 * whose own callbacks differ in their number and in their types. */
enum {
    NEST_REDIS_NULL,
    NEST_REDIS_INTEGER,
    NEST_REDIS_TEXT,
    NEST_REDIS_ERROR,
    NEST_REDIS_ARRAY,
};

typedef struct nest_redis_part {
    /* An integer's value, or how many elements an array has. */
    long long number;
    /* Where a text stands in what was fed. */
    uint32_t start, length;
    uint8_t kind;
} nest_redis_part;

/* Where parts are laid in a row. Whoever feeds the reader keeps what it feeds, and says where that ends: nothing is copied
 * for a text. */
typedef struct nest_redis_sink {
    nest_redis_part *parts;
    size_t count, capacity;
    size_t end;
    const redisReader *reader;
} nest_redis_sink;

/* The next part; null without memory. */
static inline nest_redis_part *nest_redis_add(const redisReadTask *task, uint8_t kind) {
    nest_redis_sink *sink = (nest_redis_sink *)task->privdata;
    if (sink->count == sink->capacity) {
        size_t capacity = sink->capacity ? sink->capacity * 2 : 16;
        nest_redis_part *parts = (nest_redis_part *)realloc(sink->parts, capacity * sizeof *parts);
        if (!parts) return 0;
        sink->parts = parts;
        sink->capacity = capacity;
    }
    nest_redis_part *part = &sink->parts[sink->count++];
    *part = (nest_redis_part){.kind = kind};
    return part;
}

/* hiredis takes what these return for its object, and null for a lack of memory. */
static inline void *nest_redis_string(const redisReadTask *task, char *bytes, size_t length) {
    nest_redis_part *part = nest_redis_add(task, task->type == REDIS_REPLY_ERROR ? NEST_REDIS_ERROR : NEST_REDIS_TEXT);
    if (!part) return 0;
    const nest_redis_sink *sink = (const nest_redis_sink *)task->privdata;
    /* It stands in the reader's buffer, which ends with what was fed last. */
    part->start = (uint32_t)(sink->end - (size_t)(sink->reader->buf + sink->reader->len - bytes));
    part->length = (uint32_t)length;
    return (void *)1;
}

static inline void *nest_redis_number(const redisReadTask *task, uint8_t kind, long long number) {
    nest_redis_part *part = nest_redis_add(task, kind);
    if (!part) return 0;
    part->number = number;
    return (void *)1;
}

static inline void *nest_redis_integer(const redisReadTask *task, long long number) {
    return nest_redis_number(task, NEST_REDIS_INTEGER, number);
}

static inline void *nest_redis_nil(const redisReadTask *task) { return nest_redis_number(task, NEST_REDIS_NULL, 0); }

static inline void nest_redis_free(void *object) { (void)object; }

#if HIREDIS_MAJOR >= 1
static inline void *nest_redis_array(const redisReadTask *task, size_t count) {
    return nest_redis_number(task, NEST_REDIS_ARRAY, (long long)count);
}

/* RESP3, which is never asked for. Its text stands elsewhere. */
static inline void *nest_redis_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)bytes;
    (void)length;
    return nest_redis_number(task, NEST_REDIS_INTEGER, (long long)value);
}

static inline void *nest_redis_bool(const redisReadTask *task, int value) {
    return nest_redis_number(task, NEST_REDIS_INTEGER, value);
}
#else
static inline void *nest_redis_array(const redisReadTask *task, int count) {
    return nest_redis_number(task, NEST_REDIS_ARRAY, count);
}
#endif

/* A reader that fills `sink`, which must live as long as it. Null without memory. */
static inline redisReader *nest_redis_reader(nest_redis_sink *sink) {
    static redisReplyObjectFunctions functions = {
        .createString = nest_redis_string,
        .createArray = nest_redis_array,
        .createInteger = nest_redis_integer,
        .createNil = nest_redis_nil,
        .freeObject = nest_redis_free,
#if HIREDIS_MAJOR >= 1
        .createDouble = nest_redis_double,
        .createBool = nest_redis_bool,
#endif
    };
    redisReader *reader = redisReaderCreateWithFunctions(&functions);
    if (!reader) return 0;
    reader->privdata = sink;
    sink->reader = reader;
    return reader;
}

/* Lays a copy of so many parts into an empty sink, their texts moved forward by `distance`. 0 without memory. */
static inline int nest_redis_carry(nest_redis_sink *sink, const nest_redis_part *parts, size_t count, size_t distance) {
    nest_redis_part *copy = (nest_redis_part *)malloc(count * sizeof *parts);
    if (!copy) return 0;
    for (size_t i = 0; i < count; i++) {
        copy[i] = parts[i];
        if (parts[i].kind == NEST_REDIS_TEXT || parts[i].kind == NEST_REDIS_ERROR) copy[i].start -= (uint32_t)distance;
    }
    sink->parts = copy;
    sink->count = sink->capacity = count;
    return 1;
}

static inline void nest_redis_free_parts(nest_redis_part *parts) { free(parts); }

/* Takes the next reply: 1 when one is whole, 0 when more bytes are needed, -1 when the bytes are no RESP. */
static inline int nest_redis_next(redisReader *reader) {
    void *reply = 0;
    if (redisReaderGetReply(reader, &reply) != REDIS_OK) return -1;
    return reply != 0;
}

/* Bytes that were fed and belong to no whole part yet. */
static inline size_t nest_redis_unread(const redisReader *reader) { return reader->len - reader->pos; }

static inline const char *nest_redis_error(const redisReader *reader) { return reader->errstr; }

#endif
