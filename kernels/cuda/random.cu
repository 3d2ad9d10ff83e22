// Random numbers of one kind into a run of elements: a thread per Philox block. What each kind is:
// dev.quern.spi.RandomKind.
#include "prelude.h"
#include "f32.h"
#include "philox.h"

struct Params {
  void* out;
  long blocks;
  long size;
  long offset;
  long seed;
  long counter;
};

template <int PER_BLOCK, typename T, typename Make>
Q_FUNCTION void fill(const Params& p, Make make) {
  T* out = static_cast<T*>(p.out) + p.offset;
  Q_LOOP_OVER(b, p.blocks) {
    uint w[4];
    q_philox(p.seed, p.counter + b, w);
    T r[PER_BLOCK];
    make(w, r);
    for (int l = 0; l < PER_BLOCK; l++) {
      if (b * PER_BLOCK + l < p.size) {
        out[b * PER_BLOCK + l] = r[l];
      }
    }
  }
}

Q_KERNEL random_uniform_f32(const __grid_constant__ Params p) {
  fill<4, float>(p, [](const uint* w, float* r) {
    for (int l = 0; l < 4; l++) {
      r[l] = q_unit(w[l]);
    }
  });
}

Q_KERNEL random_uniform_f64(const __grid_constant__ Params p) {
  fill<2, double>(p, [](const uint* w, double* r) {
    for (int l = 0; l < 2; l++) {
      const ulong u = (ulong)w[2 * l] | (ulong)w[2 * l + 1] << 32;
      r[l] = (double)(u >> 11) * 0x1p-53;
    }
  });
}

Q_KERNEL random_normal_f32(const __grid_constant__ Params p) {
  fill<4, float>(p, [](const uint* w, float* r) {
    q_normal(w[0], w[1], r);
    q_normal(w[2], w[3], r + 2);
  });
}

Q_KERNEL random_bits32(const __grid_constant__ Params p) {
  fill<4, long>(p, [](const uint* w, long* r) {
    for (int l = 0; l < 4; l++) {
      r[l] = w[l];
    }
  });
}
