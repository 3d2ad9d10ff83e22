// Random numbers of one kind (UNIFORM_F32, UNIFORM_F64, NORMAL_F32, BITS32) into a run of elements:
// a work item per Philox block. What each kind is: dev.quern.spi.RandomKind.
//
// Pointer: the output. Words: blocks, size, offset, seed, first counter.
#include "quern.h"
#include "philox.h"

kernel void random_fill(global T* out, const Params p) {
  const INDEX blocks = (INDEX)p.v[0];
  const INDEX size = (INDEX)p.v[1];
  for (INDEX b = get_global_id(0); b < blocks; b += get_global_size(0)) {
    uint w[4];
    q_philox(p.v[3], p.v[4] + b, w);
    T r[PER_BLOCK];
#if defined(UNIFORM_F32)
    for (int l = 0; l < 4; l++) {
      r[l] = q_unit(w[l]);
    }
#elif defined(UNIFORM_F64)
    for (int l = 0; l < 2; l++) {
      ulong u = (ulong)w[2 * l] | (ulong)w[2 * l + 1] << 32;
      r[l] = (double)(u >> 11) * 0x1p-53;
    }
#elif defined(NORMAL_F32)
    q_normal(w[0], w[1], r);
    q_normal(w[2], w[3], r + 2);
#else
    for (int l = 0; l < 4; l++) {
      r[l] = w[l];
    }
#endif
    for (int l = 0; l < PER_BLOCK && b * PER_BLOCK + l < size; l++) {
      out[p.v[2] + b * PER_BLOCK + l] = r[l];
    }
  }
}
