// The circular and hyperbolic functions in F32 and their inverses: line by line what
// dev.quern.cpu.F32Trig says in Java. Besides what f32.h uses, the square root, and 64-bit integers.

#define Q_NEAR 0x1p17f
#define Q_TINY 0x1p-12f
#define Q_TWO_OVER_PI 0x1.45f306p-1f
#define Q_HALF_PI 0x1.921fb6p0f
#define Q_HALF_PI_EXCESS 0x1.777a5cp-25f
#define Q_HALF_PI_EXCESS_TAIL 0x1.ee59dap-50f
#define Q_TWO_OVER_PI_0 0x00a2f9836e4e4415UL
#define Q_TWO_OVER_PI_1 0x29fc2757d1f534ddUL
#define Q_TWO_OVER_PI_2 0xc0db6295993c4390UL
#define Q_TWO_OVER_PI_3 0x41fe5163abdebbc5UL

// a 2/pi in units of 2^-62, of which multiples of 4 are dropped, for a from 2^17 on.
Q_FUNCTION long q_quarter_turns(float a) {
  ulong m = (q_bits(a) & 0x7fffff) | 0x800000;
  int shift = (q_bits(a) >> 23) - 144;
  bool far = (shift & 64) != 0;
  int n = shift & 63;
  ulong w0 = far ? Q_TWO_OVER_PI_1 : Q_TWO_OVER_PI_0;
  ulong w1 = far ? Q_TWO_OVER_PI_2 : Q_TWO_OVER_PI_1;
  ulong w2 = far ? Q_TWO_OVER_PI_3 : Q_TWO_OVER_PI_2;
  // In two steps, since a shift by 64 shifts by none
  ulong high = (w0 << n) | (w1 >> 1 >> (63 - n));
  ulong low = (w1 << n) | (w2 >> 1 >> (63 - n));
  return (long)(m * high + (m * (low >> 32) >> 32));
}

Q_FUNCTION int q_nearest_turn(long turns) {
  return (int)((ulong)turns >> 62) + ((int)((ulong)turns >> 61) & 1);
}

// What r = f pi/2 2^-62 lacks, f being the fraction rounded.
Q_FUNCTION float q_tail_of_far(long fraction, float f, float r) {
  float lost = (float)(fraction - (long)f);
  float tail = fma(f, -Q_HALF_PI_EXCESS * 0x1p-62f, lost * (Q_HALF_PI * 0x1p-62f));
  return fma(f, Q_HALF_PI * 0x1p-62f, -r) + tail;
}

// sin(r + tail + k pi/2).
Q_FUNCTION float q_sin_or_cos(float r, float tail, int k) {
  float z = r * r;
  float p = -0x1.992462p-13f;
  p = fma(p, z, 0x1.1106d6p-7f);
  p = fma(p, z, -0x1.555544p-3f);
  float sin = fma(r * z, p, tail) + r;
  float q = 0x1.99e334p-16f;
  q = fma(q, z, -0x1.6c0c1ep-10f);
  q = fma(q, z, 0x1.55554ap-5f);
  q = fma(q, z, -0.5f);
  float cos = fma(q, z, 1.0f);
  float y = (k & 1) != 0 ? cos : sin;
  return q_float(q_bits(y) ^ ((k & 2) << 30));
}

// tan(r + tail + k pi/2).
Q_FUNCTION float q_tan_or_cot(float r, float tail, int k) {
  float z = r * r;
  float p = 0x1.23894ap-8f;
  p = fma(p, z, -0x1.d60a14p-15f);
  p = fma(p, z, 0x1.66d2p-7f);
  p = fma(p, z, 0x1.5bf63cp-6f);
  p = fma(p, z, 0x1.baee0ep-5f);
  p = fma(p, z, 0x1.110d24p-3f);
  p = fma(p, z, 0x1.555562p-2f);
  float u = fma(r * z, p, tail);
  float t = r + u;
  float rest = (r - t) + u;
  float y = -1.0f / t;
  float cot = fma(y, fma(y, rest, fma(y, t, 1.0f)), y);
  return (k & 1) != 0 ? cot : t;
}

// (asin(s) - s) / s^3 for z = s^2 up to 1/4.
Q_FUNCTION float q_asin_tail(float z) {
  float p = 0x1.5959aap-5f;
  p = fma(p, z, 0x1.8c415ap-6f);
  p = fma(p, z, 0x1.747b72p-5f);
  p = fma(p, z, 0x1.330206p-4f);
  return fma(p, z, 0x1.5555c8p-3f);
}

// log(2 (w + tail)) for finite w from 1 on, as log does.
Q_FUNCTION float q_log_of_twice(float w, float tail) {
  int i = q_bits(w) - Q_TWO_THIRDS;
  float e = q_float((i >> 23) + Q_ROUND_BITS) - (Q_ROUND - 1.0f);
  // 4 * 2^-e, since 2^-e itself can be subnormal
  float s = q_float(0x40800000u - (i & 0xff800000u));
  float f = fma(0.25f * tail, s, q_float((i & 0x7fffff) + Q_TWO_THIRDS) - 1.0f);
  return fma(e, Q_LN2, fma(f * f, q_log1p_tail(f), f));
}

// sin(a + quarter pi/2) for a from 0 to Q_NEAR.
Q_FUNCTION float q_sin_near(float a, int quarter) {
  float t = fma(a, Q_TWO_OVER_PI, Q_ROUND);
  float n = t - Q_ROUND;
  float r = fma(n, -Q_HALF_PI, a);
  // r + n * excess, in two floats: Knuth's sum, and what the product loses
  float p = n * Q_HALF_PI_EXCESS;
  float s = r + p;
  float b = s - r;
  float e = (r - (s - b)) + (p - b);
  e = fma(n, Q_HALF_PI_EXCESS_TAIL, e + fma(n, Q_HALF_PI_EXCESS, -p));
  return q_sin_or_cos(s, e, q_bits(t) + quarter);
}

Q_FUNCTION float q_tan_near(float a) {
  float t = fma(a, Q_TWO_OVER_PI, Q_ROUND);
  float n = t - Q_ROUND;
  float r = fma(n, -Q_HALF_PI, a);
  float p = n * Q_HALF_PI_EXCESS;
  float s = r + p;
  float b = s - r;
  float e = (r - (s - b)) + (p - b);
  e = fma(n, Q_HALF_PI_EXCESS_TAIL, e + fma(n, Q_HALF_PI_EXCESS, -p));
  return q_tan_or_cot(s, e, q_bits(t));
}

// sin(a + quarter pi/2) for a from Q_NEAR on.
Q_FUNCTION float q_sin_far(float a, int quarter) {
  long turns = q_quarter_turns(a);
  long fraction = (long)((ulong)turns << 2) >> 2;
  float f = (float)fraction;
  float r = f * (Q_HALF_PI * 0x1p-62f);
  float tail = q_tail_of_far(fraction, f, r);
  float s = r + tail;
  return q_sin_or_cos(s, (r - s) + tail, q_nearest_turn(turns) + quarter);
}

Q_FUNCTION float q_tan_far(float a) {
  long turns = q_quarter_turns(a);
  long fraction = (long)((ulong)turns << 2) >> 2;
  float f = (float)fraction;
  float r = f * (Q_HALF_PI * 0x1p-62f);
  float tail = q_tail_of_far(fraction, f, r);
  float s = r + tail;
  return q_tan_or_cot(s, (r - s) + tail, q_nearest_turn(turns));
}

Q_FUNCTION float q_sin_f32(float x) {
  float a = fabs(x);
  float y = a < Q_NEAR ? q_sin_near(a, 0) : q_sin_far(a, 0);
  y = q_float(q_bits(y) ^ (q_bits(x) & Q_SIGN));
  y = a < Q_TINY ? x : y;
  return a < INFINITY ? y : NAN;
}

// Returns the cosine of x radians, as sin does: the sine a quarter turn on.
Q_FUNCTION float q_cos_f32(float x) {
  float a = fabs(x);
  float y = a < Q_NEAR ? q_sin_near(a, 1) : q_sin_far(a, 1);
  return a < INFINITY ? y : NAN;
}

Q_FUNCTION float q_tan_f32(float x) {
  float a = fabs(x);
  float y = a < Q_NEAR ? q_tan_near(a) : q_tan_far(a);
  y = q_float(q_bits(y) ^ (q_bits(x) & Q_SIGN));
  y = a < Q_TINY ? x : y;
  return a < INFINITY ? y : NAN;
}

Q_FUNCTION float q_asin_f32(float x) {
  float a = fabs(x);
  bool small = a <= 0.5f;
  float w = fma(a, -0.5f, 0.5f);
  float z = small ? a * a : w;
  float s = small ? a : sqrt(w);
  float p = q_asin_tail(z);
  // pi/2 - 2 s in two floats, less the rest of 2 asin(s)
  float c = s + s;
  float d = Q_HALF_PI - c;
  float lost = (Q_HALF_PI - d) - c;
  float large = d - (fma(c * z, p, Q_HALF_PI_EXCESS) - lost);
  return q_with_sign(small ? fma(s * z, p, s) : large, x);
}

Q_FUNCTION float q_acos_f32(float x) {
  float a = fabs(x);
  bool small = a <= 0.5f;
  float w = fma(a, -0.5f, 0.5f);
  float z = small ? a * a : w;
  float s = small ? -x : 2.0f * sqrt(w);
  float p = s * z * q_asin_tail(z);
  float y = s + p;
  float middle = Q_HALF_PI + (s + (p - Q_HALF_PI_EXCESS));
  float large = x < 0.0f ? 2.0f * Q_HALF_PI - (y + 2.0f * Q_HALF_PI_EXCESS) : y;
  return small ? middle : large;
}

Q_FUNCTION float q_atan_f32(float x) {
  float a = fabs(x);
  bool large = a > 1.0f;
  float t = large ? 1.0f / a : a;
  float z = t * t;
  float p = -0x1.d5a1aap-10f;
  p = fma(p, z, 0x1.6551e2p-7f);
  p = fma(p, z, -0x1.fe7d24p-6f);
  p = fma(p, z, 0x1.da9c2ep-5f);
  p = fma(p, z, -0x1.5825f2p-4f);
  p = fma(p, z, 0x1.c0946cp-4f);
  p = fma(p, z, -0x1.24211ap-3f);
  p = fma(p, z, 0x1.9991ecp-3f);
  p = fma(p, z, -0x1.55553ep-2f);
  float y = fma(t * z, p, t);
  float rest = Q_HALF_PI - (y + Q_HALF_PI_EXCESS);
  return q_with_sign(large ? rest : y, x);
}

Q_FUNCTION float q_sinh_f32(float x) {
  float a = fabs(x);
  float z = a * a;
  float p = 0x1.76771ep-19f;
  p = fma(p, z, 0x1.a01c22p-13f);
  p = fma(p, z, 0x1.1110eap-7f);
  p = fma(p, z, 0x1.555556p-3f);
  float small = fma(a * z, p, a);
  float c = a > 89.5f ? 89.5f : a;
  float t = fma(c, Q_LOG2_E, Q_ROUND_TO_EXPONENT);
  float n = t - Q_ROUND_TO_EXPONENT;
  float q = q_expm1_near_0(fma(n, -Q_LN2_TAIL, fma(n, -Q_LN2, c)));
  float s = q_float((q_bits(t) - 2) << 23);
  float u = fma(s, q, s);
  float tail = fma(s, q, s - u);
  float large = 2.0f * (u + (tail - 0.0625f / u));
  return q_with_sign(a < 1.0f ? small : large, x);
}

// Returns the hyperbolic cosine of x, 2 (u + 1/(16 u)) with u = e^|x| / 4 in two floats.
Q_FUNCTION float q_cosh_f32(float x) {
  float a = fabs(x);
  float c = a > 89.5f ? 89.5f : a;
  float t = fma(c, Q_LOG2_E, Q_ROUND_TO_EXPONENT);
  float n = t - Q_ROUND_TO_EXPONENT;
  float q = q_expm1_near_0(fma(n, -Q_LN2_TAIL, fma(n, -Q_LN2, c)));
  float s = q_float((q_bits(t) - 2) << 23);
  float u = fma(s, q, s);
  float tail = fma(s, q, s - u);
  return 2.0f * (u + (tail + 0.0625f / u));
}

Q_FUNCTION float q_asinh_f32(float x) {
  float a = fabs(x);
  float z = a * a;
  float p = -0x1.86fdb4p-9f;
  p = fma(p, z, 0x1.568beap-7f);
  p = fma(p, z, -0x1.42cf8ap-6f);
  p = fma(p, z, 0x1.e7c32ep-6f);
  p = fma(p, z, -0x1.6d1416p-5f);
  p = fma(p, z, 0x1.332e36p-4f);
  p = fma(p, z, -0x1.555548p-3f);
  float y = fma(a * z, p, a);
  float h = 0.5f * a;
  float root = a < 0x1p14f ? sqrt(fma(h, h, 0.25f)) : h;
  float w = root + h;
  y = a < 0.75f ? y : q_log_of_twice(w, (root - w) + h);
  y = a < INFINITY ? y : a;
  return q_with_sign(y, x);
}

Q_FUNCTION float q_acosh_f32(float x) {
  float t = x - 1.0f;
  float p = -0x1.b18ea2p-12f;
  p = fma(p, t, 0x1.cd748ap-10f);
  p = fma(p, t, -0x1.6b971ep-8f);
  p = fma(p, t, 0x1.3324fap-6f);
  p = fma(p, t, -0x1.555536p-4f);
  float s = sqrt(t + t);
  float y = fma(s * t, p, s);
  float h = 0.5f * x;
  float root = x < 0x1p14f ? sqrt(fma(h, h, -0.25f)) : h;
  float w = h + root;
  y = t < 0.5f ? y : q_log_of_twice(w, (h - w) + root);
  return x < INFINITY ? y : x;
}

Q_FUNCTION float q_atanh_f32(float x) {
  float a = fabs(x);
  float z = a * a;
  float p = 0x1.692dc6p-3f;
  p = fma(p, z, 0x1.a6ddeap-5f);
  p = fma(p, z, 0x1.e3fbcep-4f);
  p = fma(p, z, 0x1.234ddp-3f);
  p = fma(p, z, 0x1.99a674p-3f);
  p = fma(p, z, 0x1.55554p-2f);
  float small = fma(a * z, p, a);
  return q_with_sign(a < 0.5f ? small : 0.5f * q_log_f32((1.0f + a) / (1.0f - a)), x);
}
