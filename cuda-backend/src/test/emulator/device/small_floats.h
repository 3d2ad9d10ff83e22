// The 16-bit float types and their conversions, which round to nearest, ties to even. There is no
// arithmetic in them: kernels compute in F32.
#pragma once

struct alignas(2) __half {
  unsigned short bits;
};
struct alignas(2) __nv_bfloat16 {
  unsigned short bits;
};
struct alignas(4) __half2 {
  __half x, y;
};
struct alignas(4) __nv_bfloat162 {
  __nv_bfloat16 x, y;
};
using half = __half;
using half2 = __half2;
using nv_bfloat16 = __nv_bfloat16;
using nv_bfloat162 = __nv_bfloat162;

static inline unsigned short __half_as_ushort(__half h) { return h.bits; }
static inline __half __ushort_as_half(unsigned short bits) { return {bits}; }
static inline unsigned short __bfloat16_as_ushort(__nv_bfloat16 b) { return b.bits; }
static inline __nv_bfloat16 __ushort_as_bfloat16(unsigned short bits) { return {bits}; }

// Rounds to a float whose last bit also says whether anything was lost, so that rounding that float
// again to fewer bits gives what rounding the double at once would.
static inline float emulator_round_to_odd(double x) {
  float near = (float)x;
  if (x != x || (double)near == x || isinf(near)) {
    // Beyond the range of F32, and so of the 16-bit types.
    return near;
  }
  unsigned bits = __float_as_uint(near);
  if (fabs((double)near) > fabs(x)) {
    bits--;
  }
  return __uint_as_float(bits | 1);
}

static inline float __bfloat162float(__nv_bfloat16 b) {
  return __uint_as_float((unsigned)b.bits << 16);
}

static inline __nv_bfloat16 __float2bfloat16_rn(float x) {
  unsigned bits = __float_as_uint(x);
  if (x != x) {
    return {0x7fff};
  }
  return {(unsigned short)((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

static inline float __half2float(__half h) {
  unsigned magnitude = h.bits & 0x7fff;
  unsigned sign = (unsigned)(h.bits & 0x8000) << 16;
  if (magnitude >= 0x7c00) {
    return __uint_as_float(sign | 0x7f800000 | (magnitude & 0x3ff) << 13);
  }
  // The exponent's bias is 112 less than that of F32; the product also turns subnormals to normals.
  float value = __uint_as_float(magnitude << 13) * 0x1p112f;
  return __uint_as_float(sign | __float_as_uint(value));
}

static inline __half __float2half_rn(float x) {
  unsigned bits = __float_as_uint(x);
  unsigned sign = bits >> 16 & 0x8000;
  unsigned magnitude = bits & 0x7fffffff;
  if (x != x) {
    return {0x7fff};
  }
  if (magnitude >= 0x477ff000) {
    // From 65520 on, half-way to what would follow the largest number.
    return {(unsigned short)(sign | 0x7c00)};
  }
  if (magnitude < 0x38800000) {
    // Subnormal: adding 1/2 leaves the units of 2^-24 in the last bits, rounded by the addition.
    float shifted = __uint_as_float(magnitude) + 0.5f;
    return {(unsigned short)(sign | (__float_as_uint(shifted) - 0x3f000000))};
  }
  unsigned rounded = magnitude + 0xfff + (magnitude >> 13 & 1);
  return {(unsigned short)(sign | (rounded - 0x38000000) >> 13)};
}

static inline __half __float2half(float x) { return __float2half_rn(x); }
static inline __half __double2half(double x) { return __float2half_rn(emulator_round_to_odd(x)); }
static inline __nv_bfloat16 __float2bfloat16(float x) { return __float2bfloat16_rn(x); }
static inline __nv_bfloat16 __double2bfloat16(double x) {
  return __float2bfloat16_rn(emulator_round_to_odd(x));
}

static inline float2 __half22float2(__half2 h) { return {__half2float(h.x), __half2float(h.y)}; }
static inline __half2 __floats2half2_rn(float x, float y) {
  return {__float2half_rn(x), __float2half_rn(y)};
}
static inline __half2 __float22half2_rn(float2 v) { return __floats2half2_rn(v.x, v.y); }
static inline float2 __bfloat1622float2(__nv_bfloat162 b) {
  return {__bfloat162float(b.x), __bfloat162float(b.y)};
}
static inline __nv_bfloat162 __floats2bfloat162_rn(float x, float y) {
  return {__float2bfloat16_rn(x), __float2bfloat16_rn(y)};
}
static inline __nv_bfloat162 __float22bfloat162_rn(float2 v) {
  return __floats2bfloat162_rn(v.x, v.y);
}
