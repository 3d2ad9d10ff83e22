// The F32 routines: line by line what dev.quern.cpu.F32 says in Java, so that every device gives the
// same bits. That file explains each one and states its error. The C subset is common to OpenCL C
// and CUDA C; what differs is in the prelude of each.
//
// Operations that may wrap have an unsigned operand. fma is explicit; contraction is off.

#define Q_ROUND 12582912.0f
#define Q_ROUND_TO_EXPONENT (Q_ROUND + 127.0f)
#define Q_ROUND_TO_TWO_EXPONENTS (Q_ROUND + 254.0f)
#define Q_ROUND_BITS 0x4b400000u
#define Q_LOG2_E 0x1.715476p0f
#define Q_LN2 0x1.62e43p-1f
#define Q_LN2_TAIL (-0x1.05c61p-29f)
#define Q_EXP_LOW (-104.0f)
#define Q_EXP_HIGH 89.0f
#define Q_TWO_THIRDS 0x3f2aaaabu
#define Q_SIGN 0x80000000u

Q_FUNCTION float q_expm1_near_0(float r) {
  float p = 0x1.6a4f5ep-10f;
  p = fma(p, r, 0x1.123986p-7f);
  p = fma(p, r, 0x1.5558aep-5f);
  p = fma(p, r, 0x1.555492p-3f);
  p = fma(p, r, 0x1.fffffcp-2f);
  return fma(p, r * r, r);
}

Q_FUNCTION float q_log1p_tail(float f) {
  float p = -0x1.06fc5ep-3f;
  p = fma(p, f, 0x1.1ef6b4p-3f);
  p = fma(p, f, -0x1.f392f6p-4f);
  p = fma(p, f, 0x1.1eb624p-3f);
  p = fma(p, f, -0x1.5598bep-3f);
  p = fma(p, f, 0x1.99d284p-3f);
  p = fma(p, f, -0x1.ffff1p-3f);
  p = fma(p, f, 0x1.5555p-2f);
  return fma(p, f, -0.5f);
}

Q_FUNCTION float q_sin_turns(float r) {
  float z = r * r;
  float p = 0x1.46c1c8p5f;
  p = fma(p, z, -0x1.32b5a2p6f);
  p = fma(p, z, 0x1.466b84p6f);
  p = fma(p, z, -0x1.4abbcep5f);
  // 2 pi in two floats
  p = fma(p, z, -0x1.777a5cp-23f);
  return fma(r, 0x1.921fb6p2f, r * p);
}

Q_FUNCTION float q_cos_turns(float r) {
  float z = r * r;
  float p = 0x1.d685ccp5f;
  p = fma(p, z, -0x1.55b7dp6f);
  p = fma(p, z, 0x1.03c1b8p6f);
  p = fma(p, z, -0x1.3bd3ccp4f);
  return fma(p, z, 1.0f);
}

Q_FUNCTION float q_power_reciprocal(float s) {
  return q_float(0x7f000000u - q_bits(s));
}

Q_FUNCTION float q_with_sign(float y, float x) {
  return q_float(q_bits(y) | (q_bits(x) & Q_SIGN));
}

Q_FUNCTION float q_exp_f32(float x) {
  float c = x < Q_EXP_LOW ? Q_EXP_LOW : x;
  c = c > Q_EXP_HIGH ? Q_EXP_HIGH : c;
  float t = fma(c, Q_LOG2_E, Q_ROUND_TO_TWO_EXPONENTS);
  float n = t - Q_ROUND_TO_TWO_EXPONENTS;
  float r = fma(n, -Q_LN2_TAIL, fma(n, -Q_LN2, c));
  int i = q_bits(t);
  int j = i >> 1;
  float s = q_float(j << 23);
  float g = q_float((i - j) << 23);
  return fma(s, q_expm1_near_0(r), s) * g;
}

Q_FUNCTION float q_expm1_f32(float x) {
  float c = x < Q_EXP_LOW ? Q_EXP_LOW : x;
  c = c > Q_EXP_HIGH ? Q_EXP_HIGH : c;
  float t = fma(c, 0.5f * Q_LOG2_E, Q_ROUND_TO_EXPONENT);
  float m = t - Q_ROUND_TO_EXPONENT;
  float r = fma(m, -2.0f * Q_LN2_TAIL, fma(m, -2.0f * Q_LN2, c));
  float s = q_float(q_bits(t) << 23);
  float p = 0x1.a0bd8cp-16f;
  p = fma(p, r, 0x1.a557fcp-13f);
  p = fma(p, r, 0x1.6c1c8ep-10f);
  p = fma(p, r, 0x1.110b6ep-7f);
  p = fma(p, r, 0x1.55554ap-5f);
  p = fma(p, r, 0x1.55555cp-3f);
  p = fma(p, r, 0.5f);
  float q = fma(p, r * r, r);
  float y = fma(s, q, s - q_power_reciprocal(s)) * s;
  return x == 0.0f ? x : y;
}

Q_FUNCTION float q_log_f32(float x) {
  bool tiny = x < 0x1p-126f;
  int i = q_bits(tiny ? x * 0x1p23f : x) - Q_TWO_THIRDS;
  float e = q_float((i >> 23) + Q_ROUND_BITS) - (tiny ? Q_ROUND + 23.0f : Q_ROUND);
  float f = q_float((i & 0x7fffff) + Q_TWO_THIRDS) - 1.0f;
  float y = fma(e, Q_LN2, fma(f * f, q_log1p_tail(f), f));
  y = x > 0.0f ? y : x == 0.0f ? -INFINITY : NAN;
  return x < INFINITY ? y : x;
}

Q_FUNCTION float q_log1p_f32(float x) {
  float u = 1.0f + x;
  int i = q_bits(u) - Q_TWO_THIRDS;
  float e = q_float((i >> 23) + Q_ROUND_BITS) - Q_ROUND;
  // 4 * 2^-e, since 2^-e itself can be subnormal
  float s = q_float(0x40800000u - (i & 0xff800000u));
  float f = fma(0.25f * x, s, fma(0.25f, s, -1.0f));
  float y = fma(e, Q_LN2, fma(f * f, q_log1p_tail(f), f));
  y = u > 0.0f ? y : u == 0.0f ? -INFINITY : NAN;
  y = x < INFINITY ? y : x;
  return fabs(x) < 0x1p-24f ? x : y;
}

Q_FUNCTION float q_tanh_f32(float x) {
  float a = fabs(x);
  float z = a * a;
  float p = -0x1.6452a4p-8f;
  p = fma(p, z, 0x1.4e27d4p-6f);
  p = fma(p, z, -0x1.b79d74p-5f);
  p = fma(p, z, 0x1.110258p-3f);
  p = fma(p, z, -0x1.55551cp-2f);
  float small = fma(p * z, a, a);
  float c = a > 10.0f ? 10.0f : a;
  float t = fma(c, 2.0f * Q_LOG2_E, Q_ROUND_TO_EXPONENT);
  float r = fma(t - Q_ROUND_TO_EXPONENT, -0.5f * Q_LN2, c);
  float s = q_float(q_bits(t) << 23);
  // h = (e^2r - 1) / 2, and (e^2a + 1) / 2 = s h + (s + 1) / 2
  float h = 0x1.6b71a8p-5f;
  h = fma(h, r, 0x1.1227c2p-3f);
  h = fma(h, r, 0x1.555718p-2f);
  h = fma(h, r, 0x1.5554bp-1f);
  h = fma(h, r, 0x1.fffffep-1f);
  h = fma(h, r * r, r);
  float large = 1.0f - 1.0f / fma(s, h, fma(s, 0.5f, 0.5f));
  return q_with_sign(a < 0.6f ? small : large, x);
}

Q_FUNCTION float q_sigmoid_f32(float x) {
  float c = -x;
  c = c < -Q_EXP_HIGH ? -Q_EXP_HIGH : c;
  c = c > -Q_EXP_LOW ? -Q_EXP_LOW : c;
  float t = fma(c, Q_LOG2_E, Q_ROUND_TO_TWO_EXPONENTS);
  float n = t - Q_ROUND_TO_TWO_EXPONENTS;
  float r = fma(n, -Q_LN2_TAIL, fma(n, -Q_LN2, c));
  int i = q_bits(t);
  int j = i >> 1;
  float s = q_float(j << 23);
  float v = q_power_reciprocal(q_float((i - j) << 23));
  float w = s + v;
  float q = fma((s - w) + v, q_power_reciprocal(s), q_expm1_near_0(r));
  return v / fma(s, q, w);
}

Q_FUNCTION float q_softplus_f32(float x) {
  float c = -fabs(x);
  c = c < Q_EXP_LOW ? Q_EXP_LOW : c;
  float t = fma(c, Q_LOG2_E, Q_ROUND_TO_TWO_EXPONENTS);
  float n = t - Q_ROUND_TO_TWO_EXPONENTS;
  float r = fma(n, -Q_LN2_TAIL, fma(n, -Q_LN2, c));
  int i = q_bits(t);
  int j = i >> 1;
  float s = q_float(j << 23);
  float g = q_float((i - j) << 23);
  float q = q_expm1_near_0(r);
  float u = fma(s, q, s);
  float d = u * g;
  float tail = fma(s, q, s - u) * g;
  float h = 0.5f * s * g;
  bool large = d > 0x1.555556p-2f;
  float f = large ? fma(h, q, h - 0.5f) : d;
  float y = f + fma(f * f, q_log1p_tail(f), large ? 0.0f : tail);
  return (y + (large ? Q_LN2 : 0.0f)) + (x > 0.0f ? x : 0.0f);
}

Q_FUNCTION float q_erf_f32(float x) {
  float a = fabs(x);
  float z = a * a;
  float p = 0x1.698f48p-14f;
  p = fma(p, z, -0x1.adb96ep-11f);
  p = fma(p, z, 0x1.551b3cp-8f);
  p = fma(p, z, -0x1.b8147p-6f);
  p = fma(p, z, 0x1.ce2e1ep-4f);
  p = fma(p, z, -0x1.812742p-2f);
  p = fma(p, z, 0x1.06eba8p-3f);
  float small = fma(p, a, a);
  float c = a > 4.0f ? 4.0f : a;
  float g = -0x1.006272p-15f;
  g = fma(g, c, 0x1.4965e6p-11f);
  g = fma(g, c, -0x1.8ad484p-8f);
  g = fma(g, c, 0x1.290662p-5f);
  g = fma(g, c, -0x1.3ffc3cp-3f);
  g = fma(g, c, -0x1.d3d0bap-1f);
  g = fma(g, c, -0x1.a12aaep0f);
  g = fma(g, c, 0x1.0acafcp-12f);
  float t = g + Q_ROUND_TO_EXPONENT;
  float r = g - (t - Q_ROUND_TO_EXPONENT);
  float s = q_float(q_bits(t) << 23);
  float e = 0x1.5bd82ep-10f;
  e = fma(e, r, 0x1.3ce8b6p-7f);
  e = fma(e, r, 0x1.c6b6dcp-5f);
  e = fma(e, r, 0x1.ebf9c2p-3f);
  e = fma(e, r, 0x1.62e42ap-1f);
  e = fma(e, r, 1.0f);
  float large = fma(-s, e, 1.0f);
  return q_with_sign(a < 0.921875f ? small : large, x);
}

Q_FUNCTION float q_pow_f32(float x, float y) {
  float a = fabs(x);
  bool tiny = a < 0x1p-126f;
  int i = q_bits(tiny ? a * 0x1p23f : a) - Q_TWO_THIRDS;
  float e = q_float((i >> 23) + Q_ROUND_BITS) - (tiny ? Q_ROUND + 23.0f : Q_ROUND);
  float f = q_float((i & 0x7fffff) + Q_TWO_THIRDS) - 1.0f;
  // w + wt = f / (2 + f), z + zt its square, m + mt = 2 atanh(w + wt)
  float d = f + 2.0f;
  float inverse = 1.0f / d;
  float w = f * inverse;
  float wt = inverse * fma(-w, f - (d - 2.0f), fma(-w, d, f));
  float z = w * w;
  float w2 = w + w;
  float zt = fma(w2, wt, fma(w, w, -z));
  float p = 0x1.97ea5p-3f;
  p = fma(p, z, 0x1.c5bfdp-3f);
  p = fma(p, z, 0x1.2495p-2f);
  p = fma(p, z, 0x1.999996p-2f);
  float q = fma(z, p, 0x1.555556p-1f);
  float qt = fma(z, p, 0x1.555556p-1f - q) - 0x1.555556p-26f;
  float c = z * w;
  float ct = fma(z, w, -c) + fma(z, wt, zt * w);
  float k = c * q;
  float kt = fma(c, q, -k) + fma(c, qt, ct * q);
  float m = w2 + k;
  float mt = ((w2 - m) + k) + ((wt + wt) + kt);
  // l + lt = log a; the first part of log 2 is short, so that its multiples are exact
  float el = e * 0x1.62e4p-1f;
  float sum = el + m;
  float rest = ((el - sum) + m) + fma(e, 0x1.7f7d1cp-20f, mt);
  float l = sum + rest;
  float lt = (sum - l) + rest;
  l = a == 0.0f ? -INFINITY : l;
  l = a < INFINITY ? l : a;
  // v = e^(y (l + lt))
  float v = y * l;
  float vt = fma(y, lt, fma(y, l, -v));
  vt = fabs(v) < -Q_EXP_LOW ? vt : 0.0f;
  v = v < Q_EXP_LOW ? Q_EXP_LOW : v;
  v = v > Q_EXP_HIGH ? Q_EXP_HIGH : v;
  float t = fma(v, Q_LOG2_E, Q_ROUND_TO_TWO_EXPONENTS);
  float n = t - Q_ROUND_TO_TWO_EXPONENTS;
  float rh = fma(n, -Q_LN2, v);
  float rt = fma(n, -Q_LN2_TAIL, vt);
  float r = rh + rt;
  rt = (rh - r) + rt;
  q = q_expm1_near_0(r);
  q = q + fma(rt, q, rt);
  i = q_bits(t);
  int j = i >> 1;
  float s = q_float(j << 23);
  v = fma(s, q, s) * q_float((i - j) << 23);
  // the sign, and what the formulas leave undecided
  v = a == 1.0f ? 1.0f : v;
  float b = fabs(y);
  bool fractional = b < 0x1p23f;
  float o = fractional ? b + 0x1p23f : b;
  float whole = fractional ? o - 0x1p23f : b;
  // the lowest bit of o says whether the integer is odd; from 2^24 all are even
  o = b >= 0x1p24f ? 0.0f : o;
  float integral = q_float(q_bits(v) | ((q_bits(o) << 31) & q_bits(x)));
  float root = x < 0.0f ? NAN : v;
  root = x == -INFINITY ? v : root;
  v = whole == b ? integral : root;
  v = y != y ? y : v;
  v = x == 1.0f ? 1.0f : v;
  return y == 0.0f ? 1.0f : v;
}

Q_FUNCTION float q_sin2pi(float u) {
  float t = fma(u, 4.0f, Q_ROUND);
  float r = fma(t - Q_ROUND, -0.25f, u);
  int k = q_bits(t);
  float v = (k & 1) != 0 ? q_cos_turns(r) : q_sin_turns(r);
  return q_float(q_bits(v) ^ ((k & 2) << 30));
}

Q_FUNCTION float q_cos2pi(float u) {
  float t = fma(u, 4.0f, Q_ROUND);
  float r = fma(t - Q_ROUND, -0.25f, u);
  int k = q_bits(t);
  float v = (k & 1) != 0 ? q_sin_turns(r) : q_cos_turns(r);
  return q_float(q_bits(v) ^ (((k + 1) & 2) << 30));
}
