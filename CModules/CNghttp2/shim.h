#ifndef NEST_CNGHTTP2_SHIM_H
#define NEST_CNGHTTP2_SHIM_H

#include <stdbool.h>
#include <string.h>

#if __has_include(<nghttp2/nghttp2.h>)
#include <nghttp2/nghttp2.h>
#else
#error "nghttp2 is missing: apt-get install libnghttp2-dev (macOS: brew install libnghttp2)"
#endif

// Since 1.57, and in what distributions have brought back to their older versions: asked for at run time.
extern void nghttp2_option_set_stream_reset_rate_limit(nghttp2_option *option, uint64_t burst, uint64_t rate)
    __attribute__((weak));

// The library ends connections whose peer gives up more calls than this; we count ourselves.
static inline void nest_nghttp2_lift_reset_limit(nghttp2_option *option) {
    if (nghttp2_option_set_stream_reset_rate_limit)
        nghttp2_option_set_stream_reset_rate_limit(option, 1u << 30, 1u << 30);
}

// Header names are compared some dozen times for each call.
static inline bool nest_bytes_are_equal(const uint8_t *one, const uint8_t *other, size_t count) {
    return memcmp(one, other, count) == 0;
}

#define NEST_NGHTTP2_FIELD(name, value)                                                                               \
    (nghttp2_nv){(uint8_t *)(name), (uint8_t *)(value), sizeof(name) - 1, sizeof(value) - 1,                                      \
     NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}

// What calls are answered with; nothing of it is copied.
static inline int nest_nghttp2_submit_reply(nghttp2_session *session, int32_t id,
                                            const nghttp2_data_provider *body, bool is_compressed,
                                            bool names_encodings) {
    nghttp2_nv fields[4] = {NEST_NGHTTP2_FIELD(":status", "200"),
                            NEST_NGHTTP2_FIELD("content-type", "application/grpc")};
    size_t count = 2;
    if (is_compressed) fields[count++] = NEST_NGHTTP2_FIELD("grpc-encoding", "gzip");
    if (names_encodings) fields[count++] = NEST_NGHTTP2_FIELD("grpc-accept-encoding", "identity,gzip");
    return nghttp2_submit_response(session, id, fields, count, body);
}

static inline int nest_nghttp2_submit_ok(nghttp2_session *session, int32_t id) {
    const nghttp2_nv fields[] = {NEST_NGHTTP2_FIELD("grpc-status", "0")};
    return nghttp2_submit_trailer(session, id, fields, 1);
}

#endif
