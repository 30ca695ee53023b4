// What processors do with vectors and Swift's SIMD types do not compile to.
#pragma once

typedef float zhinao_float8 __attribute__((ext_vector_type(8)));
typedef int zhinao_int8 __attribute__((ext_vector_type(8)));
typedef _Float16 zhinao_half8 __attribute__((ext_vector_type(8)));

// Eight square roots, each rounded correctly. `SIMD8.squareRoot()` takes them one by one.
static inline zhinao_float8 zhinao_square_roots(zhinao_float8 x) {
  return __builtin_elementwise_sqrt(x);
}

// The smaller and the larger of each two numbers, x where it is none. Swift's masked replacements take
// the halves of a vector apart.
static inline zhinao_float8 zhinao_at_most(zhinao_float8 x, zhinao_float8 limit) {
  return limit < x ? limit : x;
}

static inline zhinao_float8 zhinao_at_least(zhinao_float8 x, zhinao_float8 limit) {
  return limit > x ? limit : x;
}

// Eight whole numbers, or half-precision numbers in memory, as float32. Swift converts one by one.
static inline zhinao_float8 zhinao_floats(zhinao_int8 x) {
  return __builtin_convertvector(x, zhinao_float8);
}

static inline zhinao_float8 zhinao_halves(const void *source) {
  zhinao_half8 halves;
  __builtin_memcpy(&halves, source, sizeof halves);
  return __builtin_convertvector(halves, zhinao_float8);
}

// Asks for a line of memory that will be read soon; any address will do.
static inline void zhinao_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

// Says that a loop waits for another processor.
static inline void zhinao_pause(void) { __builtin_ia32_pause(); }
