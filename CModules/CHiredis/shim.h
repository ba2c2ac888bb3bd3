#ifndef NEST_CHIREDIS_SHIM_H
#define NEST_CHIREDIS_SHIM_H

#if __has_include(<hiredis/hiredis.h>)
#include <hiredis/hiredis.h>
#include <hiredis/read.h>
#else
#error "hiredis is missing: apt-get install libhiredis-dev (macOS: brew install hiredis)"
#endif

#endif
