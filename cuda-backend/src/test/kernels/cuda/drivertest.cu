// Kernels for the tests of the driver. kernels/cuda/build compiles them too:
//   kernels/cuda/build cuda-backend/src/test/kernels/ptx cuda-backend/src/test/kernels/cuda
#include "prelude.h"

struct Scale {
  const float* in;
  float* out;
  long count;
  long shift;
};

// out = 3 * in + shift
Q_KERNEL scale(const __grid_constant__ Scale p) {
  Q_LOOP_OVER(i, p.count) {
    p.out[i] = p.in[i] * 3.0f + (float)p.shift;
  }
}

struct Whole {
  int* out;
  long count;
  long more;
};

// Each element gets its own coordinates.
Q_KERNEL places(const __grid_constant__ Whole p) {
  const long x = (long)blockIdx.x * blockDim.x + threadIdx.x;
  const long y = (long)blockIdx.y * blockDim.y + threadIdx.y;
  const long z = blockIdx.z;
  const long width = (long)gridDim.x * blockDim.x;
  const long height = (long)gridDim.y * blockDim.y;
  const long at = (z * height + y) * width + x;
  if (at < p.count) {
    p.out[at] = (int)(x + 100 * y + 10000 * z);
  }
}

// Adds to the first element; one thread.
Q_KERNEL count(const __grid_constant__ Whole p) {
  p.out[0] += (int)p.count;
}

// The words as they came.
Q_KERNEL words(const __grid_constant__ Whole p) {
  p.out[0] = (int)p.count;
  p.out[1] = (int)p.more;
}

// One block reverses as many elements as it has threads, through memory at both ends of what it shares.
Q_KERNEL reverse(const __grid_constant__ Whole p) {
  Q_DYNAMIC_SHARED(int, shared);
  int* last = shared + p.more - blockDim.x;
  last[threadIdx.x] = p.out[threadIdx.x];
  __syncthreads();
  shared[threadIdx.x] = last[blockDim.x - 1 - threadIdx.x];
  __syncthreads();
  p.out[threadIdx.x] = shared[threadIdx.x];
}

// A block has no more than 64 threads.
extern "C" __global__ void __launch_bounds__(64) bounded(const __grid_constant__ Whole p) {
  p.out[0] = 1;
}

// Not as the driver wants its kernels.
Q_KERNEL loose(int* out, int value) {
  *out = value;
}
