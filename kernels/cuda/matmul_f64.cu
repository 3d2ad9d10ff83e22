// ptx: 75 80
// Products of F64 matrices: what matmul.cu has for F32.
#include "matmul.h"
#include "copy_async.h"
#include "matmul_few.h"
#include "matmul_local.h"
#include "matmul_sum.h"

MATMUL_LOCAL(matmul_local_f64_64x64, double, 64, 64, 8, 8, 4, 2)
MATMUL_LOCAL(matmul_local_f64_32x32, double, 32, 32, 8, 4, 4, 4)

MATMUL_FEW(f64, double, 1)
MATMUL_FEW(f64, double, 4)
MATMUL_FEW(f64, double, 8)
MATMUL_FEW(f64, double, 16)

Q_KERNEL __launch_bounds__(256) matmul_sum_f64(const __grid_constant__ Params p) {
  sum_splits<double>(p, Plain<double>(p));
}
