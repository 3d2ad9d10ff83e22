// Casts of the 16-bit floating types, which are kept as their bits: q_cast_<from>_<to>. Only these
// occur, since the core goes by way of F32 or I64 otherwise. Line by line the twin of
// dev.quern.Halves, which says what they do.

Q_FUNCTION q_f16 q_cast_f32_f16(q_f32 a) {
  uint bits = (uint)q_bits(a);
  uint sign = bits >> 16 & 0x8000u;
  uint x = bits & 0x7fffffffu;
  uint small = (uint)q_bits(q_float((int)x) + 0.5f) - 0x3f000000u;
  uint large = (x - 0x38000000u + 0xfffu + (x >> 13 & 1u)) >> 13;
  uint finite = x < 0x38800000u ? small : large;
  uint number = sign | (x < 0x47800000u ? finite : 0x7c00u);
  return (q_f16)(x > 0x7f800000u ? 0x7e00u : number);
}

Q_FUNCTION q_f32 q_cast_f16_f32(q_f16 a) {
  uint sign = (a & 0x8000u) << 16;
  uint x = a & 0x7fffu;
  uint small = (uint)q_bits((float)(int)x * 0x1p-24f);
  uint large = x < 0x7c00u ? (x << 13) + 0x38000000u : 0x7f800000u;
  uint number = sign | (x < 0x400u ? small : large);
  return q_float((int)(x > 0x7c00u ? 0x7fc00000u : number));
}

Q_FUNCTION q_bf16 q_cast_f32_bf16(q_f32 a) {
  uint bits = (uint)q_bits(a);
  uint number = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
  return (q_bf16)((bits & 0x7fffffffu) > 0x7f800000u ? 0x7fc0u : number);
}

Q_FUNCTION q_f32 q_cast_bf16_f32(q_bf16 a) {
  uint x = a & 0x7fffu;
  return q_float((int)(x > 0x7f80u ? 0x7fc00000u : (uint)a << 16));
}

// Cut off, with the last bit set where that loses something: a second rounding is then right.
Q_FUNCTION float q_odd_i64(q_i64 a) {
  ulong m = a < 0 ? 0 - (ulong)a : (ulong)a;
  int s = (m >> 52) != 0 ? 40 : (m >> 40) != 0 ? 28 : (m >> 28) != 0 ? 16 : (m >> 24) != 0 ? 4 : 0;
  ulong rest = m & (((ulong)1 << s) - 1);
  uint top = (uint)(m >> s) | (rest != 0 ? 1u : 0u);
  float cut = (float)(int)top * q_float((127 + s) << 23);
  return a < 0 ? -cut : cut;
}

Q_FUNCTION q_f16 q_cast_i64_f16(q_i64 a) {
  return q_cast_f32_f16(q_odd_i64(a));
}

Q_FUNCTION q_bf16 q_cast_i64_bf16(q_i64 a) {
  return q_cast_f32_bf16(q_odd_i64(a));
}

#ifdef FLOAT64

Q_FUNCTION float q_odd_f64(q_f64 a) {
  float near = (float)a;
  int bits = q_bits(near);
  int cut = fabs(near) > fabs(a) ? bits - 1 : bits;
  return near == a || a != a ? near : q_float(cut | 1);
}

Q_FUNCTION q_f16 q_cast_f64_f16(q_f64 a) {
  return q_cast_f32_f16(q_odd_f64(a));
}

Q_FUNCTION q_bf16 q_cast_f64_bf16(q_f64 a) {
  return q_cast_f32_bf16(q_odd_f64(a));
}

#endif
