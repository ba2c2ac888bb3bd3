#ifndef NEST_CZLIB_SHIM_H
#define NEST_CZLIB_SHIM_H

#if __has_include(<zlib.h>)
#include <zlib.h>
#else
#error "zlib is missing: apt-get install zlib1g-dev (macOS: part of the system's SDK)"
#endif

// These are macros, which Swift does not see. 16 beside the window's size: gzip, and nothing else.
static inline int nest_zlib_inflate_begin(z_stream *stream) { return inflateInit2(stream, MAX_WBITS + 16); }

static inline int nest_zlib_deflate_begin(z_stream *stream) {
    return deflateInit2(stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
