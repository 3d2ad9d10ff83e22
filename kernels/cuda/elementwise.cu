// Runs a fused program once per element (program.h): a thread does WIDTH neighbours on the last axis.
//
// map: views that move along one axis; map_rows: along two; map_axes: along six.
#include "program.h"

#ifdef WIDE
#define NAME(name) wide_##name
#else
#define NAME(name) name
#endif

template <int AXES>
Q_FUNCTION void run_all(const Program& p) {
  Q_DYNAMIC_SHARED(Lanes, slots);
  const long inner = p.dim[MAX_AXES - 1];
  const long pieces = (inner + WIDTH - 1) / WIDTH;
  long rows = 1;
#pragma unroll
  for (int a = MAX_AXES - AXES; a < MAX_AXES - 1; a++) {
    rows *= p.dim[a];
  }
  Q_LOOP_OVER(k, rows * pieces) {
    Place at;
    long row = 0;
    long piece = k;
    if (AXES > 1) {
      row = k / pieces;
      piece = k - row * pieces;
    }
#pragma unroll
    for (int a = MAX_AXES - 2; a >= MAX_AXES - AXES; a--) {
      const long rest = a > MAX_AXES - AXES ? row / p.dim[a] : 0;
      at.c[a] = row - rest * p.dim[a];
      row = rest;
    }
    at.i = piece * WIDTH;
    at.count = (int)min((long)WIDTH, inner - at.i);
    q_run<AXES>(p, at, slots);
  }
}

Q_KERNEL NAME(map)(const __grid_constant__ Program p) {
  run_all<1>(p);
}

Q_KERNEL NAME(map_rows)(const __grid_constant__ Program p) {
  run_all<2>(p);
}

Q_KERNEL NAME(map_axes)(const __grid_constant__ Program p) {
  run_all<MAX_AXES>(p);
}
