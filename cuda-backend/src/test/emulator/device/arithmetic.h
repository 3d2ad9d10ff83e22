// Arithmetic, bit and load functions. Float results are those of IEEE: a / b and sqrt round
// correctly, subnormals stay, nothing is contracted (-ffp-contract=off). CUDA's fast
// approximations (__expf, __fdividef ...) are absent: their results differ from GPU to GPU.
#pragma once

template <class To, class From>
static inline To emulator_bits(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

static inline int __float_as_int(float x) { return emulator_bits<int>(x); }
static inline unsigned __float_as_uint(float x) { return emulator_bits<unsigned>(x); }
static inline float __int_as_float(int x) { return emulator_bits<float>(x); }
static inline float __uint_as_float(unsigned x) { return emulator_bits<float>(x); }
static inline long long __double_as_longlong(double x) { return emulator_bits<long long>(x); }
static inline double __longlong_as_double(long long x) { return emulator_bits<double>(x); }
static inline int __double2loint(double x) { return (int)emulator_bits<uint64_t>(x); }
static inline int __double2hiint(double x) { return (int)(emulator_bits<uint64_t>(x) >> 32); }
static inline double __hiloint2double(int high, int low) {
  return emulator_bits<double>((uint64_t)(unsigned)high << 32 | (unsigned)low);
}

static inline int __popc(unsigned x) { return __builtin_popcount(x); }
static inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
static inline int __clz(int x) { return x ? __builtin_clz((unsigned)x) : 32; }
static inline int __clzll(long long x) { return x ? __builtin_clzll((unsigned long long)x) : 64; }
static inline int __ffs(int x) { return __builtin_ffs(x); }
static inline int __ffsll(long long x) { return __builtin_ffsll(x); }
static inline unsigned __brev(unsigned x) {
  unsigned reversed = 0;
  for (int i = 0; i < 32; i++) {
    reversed |= (x >> i & 1) << (31 - i);
  }
  return reversed;
}
static inline unsigned __funnelshift_l(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)((((uint64_t)high << 32 | low) << (shift & 31)) >> 32);
}
static inline unsigned __funnelshift_r(unsigned low, unsigned high, unsigned shift) {
  return (unsigned)(((uint64_t)high << 32 | low) >> (shift & 31));
}
static inline unsigned __byte_perm(unsigned x, unsigned y, unsigned selector) {
  uint64_t bytes = (uint64_t)y << 32 | x;
  unsigned result = 0;
  for (int i = 0; i < 4; i++) {
    unsigned select = selector >> (4 * i);
    unsigned byte = (unsigned)(bytes >> (8 * (select & 7))) & 0xff;
    if (select & 8) {
      byte = byte & 0x80 ? 0xff : 0;
    }
    result |= byte << (8 * i);
  }
  return result;
}

static inline int __mulhi(int a, int b) { return (int)(((int64_t)a * b) >> 32); }
static inline unsigned __umulhi(unsigned a, unsigned b) {
  return (unsigned)(((uint64_t)a * b) >> 32);
}
static inline long long __mul64hi(long long a, long long b) {
  return (long long)(((__int128)a * b) >> 64);
}
static inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
  return (unsigned long long)(((unsigned __int128)a * b) >> 64);
}

// Of floats, a NaN gives way to a number, as fmin and fmax have it.
static inline float min(float a, float b) { return fminf(a, b); }
static inline float max(float a, float b) { return fmaxf(a, b); }
static inline double min(double a, double b) { return fmin(a, b); }
static inline double max(double a, double b) { return fmax(a, b); }
template <class A, class B>
static inline std::common_type_t<A, B> min(A a, B b) {
  using T = std::common_type_t<A, B>;
  static_assert(std::is_integral_v<T>, "min: give both operands the same type");
  return (T)a < (T)b ? (T)a : (T)b;
}
template <class A, class B>
static inline std::common_type_t<A, B> max(A a, B b) {
  using T = std::common_type_t<A, B>;
  static_assert(std::is_integral_v<T>, "max: give both operands the same type");
  return (T)a > (T)b ? (T)a : (T)b;
}

static inline float rsqrtf(float x) { return (float)(1.0 / sqrt((double)x)); }
static inline double rsqrt(double x) { return 1.0 / sqrt(x); }
static inline float __saturatef(float x) { return x >= 1.0f ? 1.0f : x > 0.0f ? x : 0.0f; }

static inline float __fadd_rn(float a, float b) { return a + b; }
static inline float __fsub_rn(float a, float b) { return a - b; }
static inline float __fmul_rn(float a, float b) { return a * b; }
static inline float __fdiv_rn(float a, float b) { return a / b; }
static inline float __frcp_rn(float a) { return 1.0f / a; }
static inline float __fsqrt_rn(float a) { return sqrtf(a); }
static inline float __fmaf_rn(float a, float b, float c) { return fmaf(a, b, c); }
static inline double __dadd_rn(double a, double b) { return a + b; }
static inline double __dsub_rn(double a, double b) { return a - b; }
static inline double __dmul_rn(double a, double b) { return a * b; }
static inline double __ddiv_rn(double a, double b) { return a / b; }
static inline double __drcp_rn(double a) { return 1.0 / a; }
static inline double __dsqrt_rn(double a) { return sqrt(a); }
static inline double __fma_rn(double a, double b, double c) { return fma(a, b, c); }

// Conversions to integers hold at the ends of the range and turn NaN into 0, as the instructions
// of a GPU do (64-bit ones turn NaN into the lowest value).
template <class To, class From>
static inline To emulator_to_integer(From rounded) {
  constexpr bool wide = sizeof(To) == 8;
  constexpr To lowest = std::is_signed_v<To> ? (To)((To)1 << (8 * sizeof(To) - 1)) : 0;
  constexpr To highest = (To)~lowest;
  if (rounded != rounded) {
    return wide ? (To)((To)1 << (8 * sizeof(To) - 1)) : 0;
  }
  // Both limits are powers of two and thus exact.
  constexpr From limit =
      (From)(std::is_signed_v<To> ? 1 : 2) * (From)((uint64_t)1 << (8 * sizeof(To) - 1));
  if (rounded >= limit) {
    return highest;
  }
  return rounded <= (From)lowest ? lowest : (To)rounded;
}

#define EMULATOR_TO_INTEGER(NAME, FROM, TO)                                              \
  static inline TO NAME##_rn(FROM x) { return emulator_to_integer<TO, FROM>(rint(x)); }  \
  static inline TO NAME##_rz(FROM x) { return emulator_to_integer<TO, FROM>(trunc(x)); } \
  static inline TO NAME##_rd(FROM x) { return emulator_to_integer<TO, FROM>(floor(x)); } \
  static inline TO NAME##_ru(FROM x) { return emulator_to_integer<TO, FROM>(ceil(x)); }
EMULATOR_TO_INTEGER(__float2int, float, int)
EMULATOR_TO_INTEGER(__float2uint, float, unsigned)
EMULATOR_TO_INTEGER(__float2ll, float, long long)
EMULATOR_TO_INTEGER(__float2ull, float, unsigned long long)
EMULATOR_TO_INTEGER(__double2int, double, int)
EMULATOR_TO_INTEGER(__double2uint, double, unsigned)
EMULATOR_TO_INTEGER(__double2ll, double, long long)
EMULATOR_TO_INTEGER(__double2ull, double, unsigned long long)
static inline float __int2float_rn(int x) { return (float)x; }
static inline float __uint2float_rn(unsigned x) { return (float)x; }
static inline float __ll2float_rn(long long x) { return (float)x; }
static inline float __ull2float_rn(unsigned long long x) { return (float)x; }
static inline double __int2double_rn(int x) { return x; }
static inline double __uint2double_rn(unsigned x) { return x; }
static inline double __ll2double_rn(long long x) { return (double)x; }
static inline double __ull2double_rn(unsigned long long x) { return (double)x; }
static inline float __double2float_rn(double x) { return (float)x; }

#define EMULATOR_LOAD(NAME)          \
  template <class T>                 \
  static inline T NAME(const T* p) { \
    return *p;                       \
  }
EMULATOR_LOAD(__ldg)
EMULATOR_LOAD(__ldca)
EMULATOR_LOAD(__ldcg)
EMULATOR_LOAD(__ldcs)
EMULATOR_LOAD(__ldcv)
EMULATOR_LOAD(__ldlu)

#define EMULATOR_STORE(NAME)                                   \
  template <class T>                                           \
  static inline void NAME(T* p, std::common_type_t<T> value) { \
    *p = value;                                                \
  }
EMULATOR_STORE(__stwb)
EMULATOR_STORE(__stcg)
EMULATOR_STORE(__stcs)
EMULATOR_STORE(__stwt)
