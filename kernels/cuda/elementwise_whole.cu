// Runs a fused program once per element of long arrays (WHOLE in program.h).
//
// A warp does WIDTH * 32 neighbours at a time; the arrays have a multiple of that.
#define WHOLE 1
#include "program.h"

Q_KERNEL map_whole(const __grid_constant__ Program p) {
  Q_DYNAMIC_SHARED(Lanes, slots);
  const long warps = p.dim[MAX_AXES - 1] / (WIDTH * 32);
  const long step = (long)gridDim.x * blockDim.x / 32;
  for (long k = ((long)blockIdx.x * blockDim.x + threadIdx.x) / 32; k < warps; k += step) {
    Place at;
    at.i = k * (WIDTH * 32) + threadIdx.x % 32 * QUAD;
    at.count = WIDTH;
    q_run<1>(p, at, slots);
  }
}
