// What the common files need of the language, here of CUDA C++, and the types.
//
// The same files are compiled by nvcc, to PTX, and as C++ for an emulator (QUERN_EMULATOR), which
// brings what CUDA has built in. A kernel takes one structure of 64-bit fields: the addresses of its
// blocks, then the words that the launcher fills in.

#include <limits.h>
#include <math.h>

#define FLOAT64 1

typedef unsigned char uchar;
typedef unsigned short ushort;
typedef unsigned int uint;
typedef unsigned long ulong;
typedef unsigned char q_bool;
typedef int q_i32;
typedef long q_i64;
typedef float q_f32;
typedef double q_f64;
// The bits: casts are in half.h.
typedef ushort q_f16;
typedef ushort q_bf16;

static_assert(sizeof(long) == 8, "an I64 is a long");

#define Q_FUNCTION static __device__ __forceinline__
#define Q_FUNCTION_MEMBER __device__ __forceinline__
#define Q_KERNEL extern "C" __global__ void

// Memory that a block's threads share, its size given at the launch.
#ifdef QUERN_EMULATOR
#define Q_DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(emulator_dynamic_shared())
#else
extern __shared__ int4 q_dynamic_shared[];
#define Q_DYNAMIC_SHARED(type, name) type* name = reinterpret_cast<type*>(q_dynamic_shared)
#endif

Q_FUNCTION int q_bits(float x) {
  return __float_as_int(x);
}

Q_FUNCTION float q_float(int bits) {
  return __int_as_float(bits);
}

// The first of the items that a thread of a one-dimensional grid does, and the distance of them.
Q_FUNCTION long q_first() {
  return (long)blockIdx.x * blockDim.x + threadIdx.x;
}

Q_FUNCTION long q_step() {
  return (long)gridDim.x * blockDim.x;
}

#define Q_LOOP_OVER(i, n) for (long i = q_first(); i < (n); i += q_step())
