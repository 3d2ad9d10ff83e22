// The functions that the op table's expressions call, one per type: q_<name>_<type>. What each
// does is said beside the row of the table (dev.quern.spi.Op).

// ---- floats

Q_FUNCTION float q_abs_f32(float a) {
  return fabs(a);
}

Q_FUNCTION float q_sign_f32(float a) {
  return a > 0.0f ? 1.0f : a < 0.0f ? -1.0f : a;
}

Q_FUNCTION float q_sqrt_f32(float a) {
  return sqrt(a);
}

Q_FUNCTION float q_floor_f32(float a) {
  return floor(a);
}

Q_FUNCTION float q_ceil_f32(float a) {
  return ceil(a);
}

Q_FUNCTION float q_rint_f32(float a) {
  return rint(a);
}

Q_FUNCTION float q_trunc_f32(float a) {
  return trunc(a);
}

Q_FUNCTION bool q_isinf_f32(float a) {
  return fabs(a) == INFINITY;
}

Q_FUNCTION float q_div_f32(float a, float b) {
  return a / b;
}

// Of equal numbers only zeros can differ, in the sign.
Q_FUNCTION float q_max_f32(float a, float b) {
  float m = a > b ? a : b;
  m = a == b ? q_float(q_bits(a) & q_bits(b)) : m;
  return a != a ? a : m;
}

Q_FUNCTION float q_min_f32(float a, float b) {
  float m = a < b ? a : b;
  m = a == b ? q_float(q_bits(a) | q_bits(b)) : m;
  return a != a ? a : m;
}

Q_FUNCTION float q_clamp_f32(float a, float b, float c) {
  return q_min_f32(q_max_f32(a, b), c);
}

// Exact, one bit of the quotient at a time: implementations of fmod differ.
Q_FUNCTION float q_fmod_f32(float a, float b) {
  float x = fabs(a);
  float y = fabs(b);
  if (!(x < INFINITY) || !(y > 0.0f)) {
    return NAN;
  }
  if (x < y) {
    return a;
  }
  int e = q_bits(x) >> 23;
  int f = q_bits(y) >> 23;
  uint m = e == 0 ? q_bits(x) : (q_bits(x) & 0x7fffff) | 0x800000;
  uint n = f == 0 ? q_bits(y) : (q_bits(y) & 0x7fffff) | 0x800000;
  e = e == 0 ? 1 : e;
  f = f == 0 ? 1 : f;
  for (m = m % n; e > f; e--) {
    m = m + m;
    m = m >= n ? m - n : m;
  }
  float r = (float)m * 0x1p-23f * q_float(f << 23);
  return q_float(q_bits(r) | (q_bits(a) & Q_SIGN));
}

Q_FUNCTION float q_mod_f32(float a, float b) {
  float r = q_fmod_f32(a, b);
  float s = (r < 0.0f) != (b < 0.0f) ? r + b : r;
  return r == 0.0f ? q_float((q_bits(r) & 0x7fffffff) | (q_bits(b) & Q_SIGN)) : s;
}

// ---- doubles: the device's own functions

#ifdef FLOAT64

Q_FUNCTION double q_abs_f64(double a) {
  return fabs(a);
}

Q_FUNCTION double q_sign_f64(double a) {
  return a > 0.0 ? 1.0 : a < 0.0 ? -1.0 : a;
}

Q_FUNCTION double q_sqrt_f64(double a) {
  return sqrt(a);
}

Q_FUNCTION double q_exp_f64(double a) {
  return exp(a);
}

Q_FUNCTION double q_expm1_f64(double a) {
  return expm1(a);
}

Q_FUNCTION double q_log_f64(double a) {
  return log(a);
}

// Some drivers lose the least numbers.
Q_FUNCTION double q_log1p_f64(double a) {
  return fabs(a) < 0x1p-54 ? a : log1p(a);
}

Q_FUNCTION double q_tanh_f64(double a) {
  return tanh(a);
}

// The exponent is never positive, so that nothing overflows.
Q_FUNCTION double q_sigmoid_f64(double a) {
  double e = exp(-fabs(a));
  return (a < 0.0 ? e : 1.0) / (1.0 + e);
}

Q_FUNCTION double q_erf_f64(double a) {
  return erf(a);
}

Q_FUNCTION double q_softplus_f64(double a) {
  double y = (a > 0.0 ? a : 0.0) + log1p(exp(-fabs(a)));
  return a != a ? a : y;
}

Q_FUNCTION double q_sin_f64(double a) {
  return sin(a);
}

Q_FUNCTION double q_cos_f64(double a) {
  return cos(a);
}

Q_FUNCTION double q_tan_f64(double a) {
  return tan(a);
}

Q_FUNCTION double q_asin_f64(double a) {
  return asin(a);
}

Q_FUNCTION double q_acos_f64(double a) {
  return acos(a);
}

Q_FUNCTION double q_atan_f64(double a) {
  return atan(a);
}

Q_FUNCTION double q_sinh_f64(double a) {
  return sinh(a);
}

Q_FUNCTION double q_cosh_f64(double a) {
  return cosh(a);
}

Q_FUNCTION double q_asinh_f64(double a) {
  return asinh(a);
}

Q_FUNCTION double q_acosh_f64(double a) {
  return acosh(a);
}

Q_FUNCTION double q_atanh_f64(double a) {
  return atanh(a);
}

Q_FUNCTION double q_floor_f64(double a) {
  return floor(a);
}

Q_FUNCTION double q_ceil_f64(double a) {
  return ceil(a);
}

Q_FUNCTION double q_rint_f64(double a) {
  return rint(a);
}

Q_FUNCTION double q_trunc_f64(double a) {
  return trunc(a);
}

Q_FUNCTION bool q_isinf_f64(double a) {
  return fabs(a) == INFINITY;
}

Q_FUNCTION double q_div_f64(double a, double b) {
  return a / b;
}

Q_FUNCTION double q_pow_f64(double a, double b) {
  return pow(a, b);
}

Q_FUNCTION double q_max_f64(double a, double b) {
  double m = a > b ? a : b;
  m = a == b && a == 0.0 ? a + b : m;
  return a != a ? a : m;
}

// -0 + -0 is -0, any other sum of zeros +0: so the lesser zero is the negated sum of the negated.
Q_FUNCTION double q_min_f64(double a, double b) {
  double m = a < b ? a : b;
  m = a == b && a == 0.0 ? -(-a + -b) : m;
  return a != a ? a : m;
}

Q_FUNCTION double q_clamp_f64(double a, double b, double c) {
  return q_min_f64(q_max_f64(a, b), c);
}

Q_FUNCTION double q_fmod_f64(double a, double b) {
  return fmod(a, b);
}

Q_FUNCTION double q_mod_f64(double a, double b) {
  double r = fmod(a, b);
  double s = (r < 0.0) != (b < 0.0) ? r + b : r;
  return r == 0.0 ? copysign(0.0, b) : s;
}

#endif

// ---- integers: they wrap, which C leaves open for signed ones, hence the casts

#define Q_INTEGERS(T, U, S)                                           \
  Q_FUNCTION T q_abs_##S(T a) {                                       \
    return a < 0 ? (T)(0 - (U)a) : a;                                 \
  }                                                                   \
  Q_FUNCTION T q_sign_##S(T a) {                                      \
    return (a > 0) - (a < 0);                                         \
  }                                                                   \
  Q_FUNCTION T q_floor_##S(T a) {                                     \
    return a;                                                         \
  }                                                                   \
  Q_FUNCTION T q_ceil_##S(T a) {                                      \
    return a;                                                         \
  }                                                                   \
  Q_FUNCTION T q_rint_##S(T a) {                                      \
    return a;                                                         \
  }                                                                   \
  Q_FUNCTION T q_trunc_##S(T a) {                                     \
    return a;                                                         \
  }                                                                   \
  Q_FUNCTION bool q_isinf_##S(T a) {                                  \
    return false;                                                     \
  }                                                                   \
  /* dividing the least integer by -1 overflows: a trap on some processors */ \
  Q_FUNCTION T q_div_##S(T a, T b) {                                  \
    T d = b == 0 || b == -1 ? 1 : b;                                  \
    T q = a / d;                                                      \
    return b == 0 ? 0 : b == -1 ? (T)(0 - (U)a) : q;                  \
  }                                                                   \
  Q_FUNCTION T q_fmod_##S(T a, T b) {                                 \
    T d = b == 0 || b == -1 ? 1 : b;                                  \
    return a % d;                                                     \
  }                                                                   \
  Q_FUNCTION T q_mod_##S(T a, T b) {                                  \
    T r = q_fmod_##S(a, b);                                           \
    return r != 0 && (r < 0) != (b < 0) ? r + b : r;                  \
  }                                                                   \
  Q_FUNCTION T q_max_##S(T a, T b) {                                  \
    return a > b ? a : b;                                             \
  }                                                                   \
  Q_FUNCTION T q_min_##S(T a, T b) {                                  \
    return a < b ? a : b;                                             \
  }                                                                   \
  Q_FUNCTION T q_clamp_##S(T a, T b, T c) {                           \
    return q_min_##S(q_max_##S(a, b), c);                             \
  }                                                                   \
  Q_FUNCTION T q_pow_##S(T a, T b) {                                  \
    U product = 1;                                                    \
    U base = (U)a;                                                    \
    for (T rest = b < 0 ? 0 : b; rest != 0; rest >>= 1) {             \
      product = (rest & 1) != 0 ? product * base : product;           \
      base = base * base;                                             \
    }                                                                 \
    T inverse = a == 1 ? 1 : a == -1 ? ((b & 1) == 0 ? 1 : -1) : 0;   \
    return b < 0 ? inverse : (T)product;                              \
  }

Q_INTEGERS(q_i32, uint, i32)
Q_INTEGERS(q_i64, ulong, i64)

Q_FUNCTION bool q_isinf_bool(q_bool a) {
  return false;
}

// ---- casts: q_cast_<from>_<to>; those from floats truncate and saturate, NaN gives 0

#define Q_WIDEN(FROM, S, TO, R)                 \
  Q_FUNCTION TO q_cast_##S##_##R(FROM a) {      \
    return (TO)a;                               \
  }

#define Q_TEST(FROM, S)                         \
  Q_FUNCTION q_bool q_cast_##S##_bool(FROM a) { \
    return a != 0;                              \
  }

#define Q_SATURATE(FROM, S, TO, R, LOW, HIGH, LEAST, GREATEST)           \
  Q_FUNCTION TO q_cast_##S##_##R(FROM a) {                               \
    TO n = (TO)(a > LOW && a < HIGH ? a : (FROM)0);                      \
    n = a <= LOW ? LEAST : n;                                            \
    return a >= HIGH ? GREATEST : n;                                     \
  }

Q_WIDEN(q_bool, bool, q_bool, bool)
Q_WIDEN(q_bool, bool, q_i32, i32)
Q_WIDEN(q_bool, bool, q_i64, i64)
Q_WIDEN(q_bool, bool, q_f32, f32)
Q_TEST(q_i32, i32)
Q_WIDEN(q_i32, i32, q_i32, i32)
Q_WIDEN(q_i32, i32, q_i64, i64)
Q_WIDEN(q_i32, i32, q_f32, f32)
Q_TEST(q_i64, i64)
Q_WIDEN(q_i64, i64, q_i32, i32)
Q_WIDEN(q_i64, i64, q_i64, i64)
Q_WIDEN(q_i64, i64, q_f32, f32)
Q_TEST(q_f32, f32)
Q_SATURATE(q_f32, f32, q_i32, i32, -0x1p31f, 0x1p31f, INT_MIN, INT_MAX)
Q_SATURATE(q_f32, f32, q_i64, i64, -0x1p63f, 0x1p63f, LONG_MIN, LONG_MAX)
Q_WIDEN(q_f32, f32, q_f32, f32)
#ifdef FLOAT64
Q_WIDEN(q_bool, bool, q_f64, f64)
Q_WIDEN(q_i32, i32, q_f64, f64)
Q_WIDEN(q_i64, i64, q_f64, f64)
Q_WIDEN(q_f32, f32, q_f64, f64)
Q_TEST(q_f64, f64)
Q_SATURATE(q_f64, f64, q_i32, i32, -0x1p31, 0x1p31, INT_MIN, INT_MAX)
Q_SATURATE(q_f64, f64, q_i64, i64, -0x1p63, 0x1p63, LONG_MIN, LONG_MAX)
Q_WIDEN(q_f64, f64, q_f32, f32)
Q_WIDEN(q_f64, f64, q_f64, f64)
#endif
