// ptx: 80
// Products of matrices by tensor cores, added up in F32: of F16 or BF16 elements, exactly, or of F32 elements rounded to
// TF32. Params are those of matmul.h; the type of the elements and the tile of each kernel are in its name. c and the
// bias are F32; c may be of the type of a and b if that has 16 bits.
//
//   matmul_tensor   a tile of c a block; needs 4 * 64 * (M + N) bytes of shared memory, and a and b as matmul_tensor.h
//                   says, in rows of whole packs of 16 bytes
//   matmul_pack     copies a to c in such rows, padded by zeros; to BF16 if that is its name
//   matmul_sum      adds the splits, which are F32, and applies the epilogue
#include "matmul.h"
#include "copy_async.h"
#include "half.h"
#include "matmul_pack.h"
#include "matmul_sum.h"
#include "mma.h"
#include "matmul_tensor.h"

MATMUL_TENSOR(matmul_tensor_f16_128x256, F16, Rounding<F16>, 128, 256, 64, 64, 1)
MATMUL_TENSOR(matmul_tensor_f16_128x128, F16, Rounding<F16>, 128, 128, 64, 64, 2)
MATMUL_TENSOR(matmul_tensor_f16_64x64, F16, Rounding<F16>, 64, 64, 32, 32, 4)

MATMUL_TENSOR(matmul_tensor_bf16_128x256, Bf16, Rounding<Bf16>, 128, 256, 64, 64, 1)
MATMUL_TENSOR(matmul_tensor_bf16_128x128, Bf16, Rounding<Bf16>, 128, 128, 64, 64, 2)
MATMUL_TENSOR(matmul_tensor_bf16_64x64, Bf16, Rounding<Bf16>, 64, 64, 32, 32, 4)

MATMUL_TENSOR(matmul_tensor_tf32_128x256, Tf32, Plain<float>, 128, 256, 64, 64, 1)
MATMUL_TENSOR(matmul_tensor_tf32_128x128, Tf32, Plain<float>, 128, 128, 64, 64, 2)
MATMUL_TENSOR(matmul_tensor_tf32_64x64, Tf32, Plain<float>, 64, 64, 32, 32, 4)

Q_KERNEL __launch_bounds__(256) matmul_tensor_sum_f16(const __grid_constant__ Params p) {
  sum_splits<float>(p, Rounding<F16>(p));
}

Q_KERNEL __launch_bounds__(256) matmul_tensor_sum_bf16(const __grid_constant__ Params p) {
  sum_splits<float>(p, Rounding<Bf16>(p));
}

Q_KERNEL __launch_bounds__(256) matmul_pack_16(const __grid_constant__ Params p) {
  pack_rows<8, ushort, ushort>(p, [](uint bits) { return (ushort)bits; });
}

Q_KERNEL __launch_bounds__(256) matmul_pack_32(const __grid_constant__ Params p) {
  pack_rows<4, uint, uint>(p, [](uint bits) { return bits; });
}

Q_KERNEL __launch_bounds__(256) matmul_pack_bf16(const __grid_constant__ Params p) {
  pack_rows<8, uint, ushort>(p, [](uint bits) { return (ushort)Bf16::round(__uint_as_float(bits)); });
}
