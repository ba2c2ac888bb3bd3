// Latencies in nanoseconds, in buckets at most 3 % wide: the exponent, and the five bits behind the leading one.
#pragma once

#include <stdint.h>

#define HISTOGRAM_FINE 32

struct histogram {
  uint64_t buckets[64 * HISTOGRAM_FINE];
  uint64_t count, longest;
};

static inline int histogram_bucket(uint64_t value) {
  if (value < HISTOGRAM_FINE) return (int)value;
  int exponent = 63 - __builtin_clzll(value);
  return (exponent - 4) * HISTOGRAM_FINE + (int)(value >> (exponent - 5)) - HISTOGRAM_FINE;
}

static inline double histogram_middle(int bucket) {
  if (bucket < HISTOGRAM_FINE) return bucket;
  uint64_t width = 1ull << (bucket / HISTOGRAM_FINE - 1);
  return (double)((bucket % HISTOGRAM_FINE + HISTOGRAM_FINE) * width) + (double)width / 2;
}

static inline void histogram_add(struct histogram *histogram, uint64_t value) {
  histogram->buckets[histogram_bucket(value)]++;
  histogram->count++;
  if (value > histogram->longest) histogram->longest = value;
}

// The value that `share` of all values do not exceed; 0 without values.
static inline double histogram_percentile(const struct histogram *histogram, double share) {
  double rest = (double)histogram->count * share;
  for (int bucket = 0; bucket < 64 * HISTOGRAM_FINE; bucket++) {
    rest -= (double)histogram->buckets[bucket];
    if (rest <= 0 && histogram->buckets[bucket] > 0) return histogram_middle(bucket);
  }
  return 0;
}
