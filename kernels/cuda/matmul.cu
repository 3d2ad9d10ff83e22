// ptx: 75 80
// Products of F32 matrices, in F32 and fma. Params are those of matmul.h; the tile of each kernel is in its name.
//
//   matmul_local    a tile of c a block, through shared memory
//   matmul_columns  few rows, b contiguous along its rows: a thread for some columns
//   matmul_rows     few rows, b in any other layout: a warp for some columns
//   matmul_sum      adds the splits and applies the epilogue
#include "matmul.h"
#include "copy_async.h"
#include "matmul_few.h"
#include "matmul_local.h"
#include "matmul_sum.h"

MATMUL_LOCAL(matmul_local_f32_128x128, float, 128, 128, 8, 8, 8, QUERN_COPY_ASYNC ? 2 : 1)
MATMUL_LOCAL(matmul_local_f32_64x64, float, 64, 64, 8, 8, 4, 4)
MATMUL_LOCAL(matmul_local_f32_32x32, float, 32, 32, 16, 4, 4, 8)

MATMUL_FEW(f32, float, 1)
MATMUL_FEW(f32, float, 4)
MATMUL_FEW(f32, float, 8)
MATMUL_FEW(f32, float, 16)

Q_KERNEL __launch_bounds__(256) matmul_sum_f32(const __grid_constant__ Params p) {
  sum_splits<float>(p, Plain<float>(p));
}
