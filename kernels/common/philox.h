// Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3",
// SC 2011): the block of a 64-bit counter under a 64-bit key, as dev.quern.random.Philox has it.

Q_FUNCTION void q_philox(ulong seed, ulong counter, uint* out) {
  uint k0 = (uint)seed;
  uint k1 = (uint)(seed >> 32);
  uint c0 = (uint)counter;
  uint c1 = (uint)(counter >> 32);
  uint c2 = 0;
  uint c3 = 0;
  for (int round = 0; round < 10; round++) {
    ulong p0 = (ulong)0xD2511F53u * c0;
    ulong p1 = (ulong)0xCD9E8D57u * c2;
    c0 = (uint)(p1 >> 32) ^ c1 ^ k0;
    c1 = (uint)p1;
    c2 = (uint)(p0 >> 32) ^ c3 ^ k1;
    c3 = (uint)p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

// [0, 1) in steps of 2^-24
Q_FUNCTION float q_unit(uint w) {
  return (float)(w >> 8) * 0x1p-24f;
}

// Two normal numbers from two words: Box and Muller, "A note on the generation of random normal
// deviates", 1958.
Q_FUNCTION void q_normal(uint w0, uint w1, float* out) {
  float u = (float)((w0 >> 8) + 1) * 0x1p-24f;
  float v = q_unit(w1);
  float r = sqrt(-2.0f * q_log_f32(u));
  out[0] = r * q_cos2pi(v);
  out[1] = r * q_sin2pi(v);
}
