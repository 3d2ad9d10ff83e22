// matmul_pack: copies the m x k matrices of a to c, whose rows are contiguous and whole packs of 16 bytes long; what is
// beyond the matrix becomes 0. A thread copies PACK elements of a row.
template <int PACK, typename From, typename To, typename Convert>
Q_FUNCTION void pack_rows(const Params& p, Convert convert) {
  const long across = ceil_divided(p.k, PACK);
  const long each = p.m * across;
  Q_LOOP_OVER(item, p.batches * each) {
    const long batch = item / each;
    const long rest = item - batch * each;
    const long i = rest / across;
    const long j = (rest - i * across) * PACK;
    const From* from = static_cast<const From*>(p.a) + p.a_at.offset + batch * p.a_at.batch + i * p.a_at.row +
                       j * p.a_at.column;
    To* to = static_cast<To*>(p.c) + p.c_at.offset + batch * p.c_at.batch + i * p.c_at.row + j;
    To x[PACK];
    if (sizeof(From) == 4 && p.a_at.column == 1 && is_aligned(from) && j + PACK <= p.k) {
#pragma unroll
      for (int e = 0; e < PACK; e += 4) {
        const uint4 four = *reinterpret_cast<const uint4*>(from + e);
        x[e] = convert(four.x);
        x[e + 1] = convert(four.y);
        x[e + 2] = convert(four.z);
        x[e + 3] = convert(four.w);
      }
    } else {
#pragma unroll
      for (int e = 0; e < PACK; e++) {
        x[e] = j + e < p.k ? convert(from[e * p.a_at.column]) : (To)0;
      }
    }
    // A pack of 16 bytes, whatever its elements
    uint words[4];
#pragma unroll
    for (int w = 0; w < 4; w++) {
      words[w] = sizeof(To) == 4 ? (uint)x[w] : (uint)x[2 * w % PACK] | (uint)x[(2 * w + 1) % PACK] << 16;
    }
    *reinterpret_cast<uint4*>(to) = make_uint4(words[0], words[1], words[2], words[3]);
  }
}
