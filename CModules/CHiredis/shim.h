#ifndef NEST_CHIREDIS_SHIM_H
#define NEST_CHIREDIS_SHIM_H

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#else
#error "hiredis is missing: apt-get install libhiredis-dev (macOS: brew install hiredis)"
#endif

/* What a reader finds, one after another: an array is followed by its elements. The same for every version of hiredis,
 * whose own callbacks differ in their number and in their types. `bytes` are lent for the time of the call. */
typedef void (*nest_redis_part)(void *receiver, int type, const char *bytes, size_t length, long long number);

typedef struct nest_redis_sink {
    nest_redis_part part;
    void *receiver;
} nest_redis_sink;

static inline void *nest_redis_pass(
    const redisReadTask *task, const char *bytes, size_t length, long long number) {
    const nest_redis_sink *sink = (const nest_redis_sink *)task->privdata;
    sink->part(sink->receiver, task->type, bytes, length, number);
    /* hiredis wants an object; whoever parses has none. */
    return (void *)1;
}

static inline void *nest_redis_string(const redisReadTask *task, char *bytes, size_t length) {
    return nest_redis_pass(task, bytes, length, 0);
}

static inline void *nest_redis_integer(const redisReadTask *task, long long number) {
    return nest_redis_pass(task, 0, 0, number);
}

static inline void *nest_redis_nil(const redisReadTask *task) {
    const nest_redis_sink *sink = (const nest_redis_sink *)task->privdata;
    sink->part(sink->receiver, REDIS_REPLY_NIL, 0, 0, 0);
    return (void *)1;
}

static inline void nest_redis_free(void *object) { (void)object; }

#if HIREDIS_MAJOR >= 1
static inline void *nest_redis_array(const redisReadTask *task, size_t count) {
    return nest_redis_pass(task, 0, 0, (long long)count);
}

/* RESP3, which is never asked for. */
static inline void *nest_redis_double(const redisReadTask *task, double value, char *bytes, size_t length) {
    (void)value;
    return nest_redis_pass(task, bytes, length, 0);
}

static inline void *nest_redis_bool(const redisReadTask *task, int value) {
    return nest_redis_pass(task, 0, 0, value);
}
#else
static inline void *nest_redis_array(const redisReadTask *task, int count) {
    return nest_redis_pass(task, 0, 0, count);
}
#endif

/* A reader that tells `sink`, which must live as long as it. Null without memory. */
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
    if (reader) reader->privdata = sink;
    return reader;
}

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
