// What processors do with vectors and Swift's SIMD types do not compile to.
#pragma once

typedef float zhinao_float8 __attribute__((ext_vector_type(8)));
typedef int zhinao_int8 __attribute__((ext_vector_type(8)));
typedef unsigned zhinao_word8 __attribute__((ext_vector_type(8)));
typedef unsigned short zhinao_short8 __attribute__((ext_vector_type(8)));
typedef short zhinao_short16 __attribute__((ext_vector_type(16)));
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

// The larger of each two whole numbers, and the largest of eight.
static inline zhinao_int8 zhinao_larger(zhinao_int8 x, zhinao_int8 y) { return x > y ? x : y; }

static inline int zhinao_largest(zhinao_int8 x) { return __builtin_reduce_max(x); }

// The lower halves of eight words.
static inline zhinao_short8 zhinao_low_halves(zhinao_word8 x) {
  return __builtin_convertvector(x, zhinao_short8);
}

// Of sixteen whole numbers each two neighbours' products, and the two added.
static inline zhinao_int8 zhinao_pair_products(zhinao_short16 x, zhinao_short16 y) {
#ifdef __AVX2__
  return __builtin_ia32_pmaddwd256(x, y);
#else
  return __builtin_convertvector(x.even, zhinao_int8) * __builtin_convertvector(y.even, zhinao_int8)
      + __builtin_convertvector(x.odd, zhinao_int8) * __builtin_convertvector(y.odd, zhinao_int8);
#endif
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

// Eight bfloat16 numbers as float32, whose upper halves they are.
static inline zhinao_float8 zhinao_widened(zhinao_short8 x) {
  return (zhinao_float8)(__builtin_convertvector(x, zhinao_word8) << 16);
}

static inline zhinao_float8 zhinao_brain_floats(const void *source) {
  zhinao_short8 numbers;
  __builtin_memcpy(&numbers, source, sizeof numbers);
  return zhinao_widened(numbers);
}

// Eight bfloat16 numbers of each of eight rows that lie `stride` numbers apart, as float32: the k-th of all rows go to
// target[16 k] and the seven places behind it.
//
// Row by row the numbers' addresses are six bits, the row's and the column's; laying rows i and i + 4 into each other turns
// them by one, and three times by half a turn.
static inline void zhinao_turn_brain_floats(
    const unsigned short *source, long stride, float *target) {
  zhinao_short8 rows[8], next[8];
#pragma unroll
  for (int i = 0; i < 8; i++) __builtin_memcpy(&rows[i], source + i * stride, sizeof rows[i]);
#pragma unroll
  for (int turn = 0; turn < 3; turn++) {
#pragma unroll
    for (int i = 0; i < 4; i++) {
      next[2 * i] = __builtin_shufflevector(rows[i], rows[i + 4], 0, 8, 1, 9, 2, 10, 3, 11);
      next[2 * i + 1] = __builtin_shufflevector(rows[i], rows[i + 4], 4, 12, 5, 13, 6, 14, 7, 15);
    }
#pragma unroll
    for (int i = 0; i < 8; i++) rows[i] = next[i];
  }
#pragma unroll
  for (int i = 0; i < 8; i++) {
    zhinao_float8 numbers = zhinao_widened(rows[i]);
    __builtin_memcpy(target + 16 * i, &numbers, sizeof numbers);
  }
}

// Asks for a line of memory that will be read soon; any address will do.
static inline void zhinao_prefetch(const void *address) { __builtin_prefetch(address, 0, 2); }

// Says that a loop waits for another processor.
static inline void zhinao_pause(void) { __builtin_ia32_pause(); }
