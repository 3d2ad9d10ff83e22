// Kernels without a fault: what they compute must come out in every order of threads.
#include "prelude.h"

// out[i] = a[i] + b[i]
template <class T>
__device__ __forceinline__ void add(const Arguments& p) {
  const T* a = (const T*)p.a;
  const T* b = (const T*)p.b;
  T* out = (T*)p.out;
  for (long long i = thread_number(); i < p.n; i += (long long)gridDim.x * blockDim.x) {
    out[i] = a[i] + b[i];
  }
}

#define ADD(NAME, T) \
  KERNEL(add_##NAME) { add<T>(p); }
ADD(f32, float)
ADD(f64, double)
ADD(i32, int)

// out[0] += the sum of a: shuffles, static shared memory, one atomic per block.
template <int THREADS>
__device__ __forceinline__ void sum(const Arguments& p) {
  __shared__ float parts[THREADS / 32];
  const float* a = (const float*)p.a;
  float sum = 0.0f;
  for (long long i = thread_number(); i < p.n; i += (long long)gridDim.x * THREADS) {
    sum += a[i];
  }
  for (int lanes = 16; lanes > 0; lanes /= 2) {
    sum += __shfl_xor_sync(0xffffffffu, sum, lanes);
  }
  if (threadIdx.x % 32 == 0) {
    parts[threadIdx.x / 32] = sum;
  }
  __syncthreads();
  if (threadIdx.x == 0) {
    float all = 0.0f;
    for (int i = 0; i < THREADS / 32; i++) {
      all += parts[i];
    }
    atomicAdd((float*)p.out, all);
  }
}

#define SUM(THREADS) \
  BOUNDED_KERNEL(sum_##THREADS, THREADS) { sum<THREADS>(p); }
SUM(64)
SUM(256)

// out = a (n x n) times b (n x n): tiles in shared memory, two barriers a step.
BOUNDED_KERNEL(product, 256) {
  __shared__ float a_tile[16][17];
  __shared__ float b_tile[16][17];
  const float* a = (const float*)p.a;
  const float* b = (const float*)p.b;
  int n = (int)p.n;
  int x = threadIdx.x % 16;
  int y = threadIdx.x / 16;
  int row = blockIdx.y * 16 + y;
  int column = blockIdx.x * 16 + x;
  float sum = 0.0f;
  for (int k = 0; k < n; k += 16) {
    a_tile[y][x] = row < n && k + x < n ? a[row * n + k + x] : 0.0f;
    b_tile[y][x] = column < n && k + y < n ? b[(k + y) * n + column] : 0.0f;
    __syncthreads();
    for (int i = 0; i < 16; i++) {
      sum = fmaf(a_tile[y][i], b_tile[i][x], sum);
    }
    __syncthreads();
  }
  if (row < n && column < n) {
    ((float*)p.out)[row * n + column] = sum;
  }
}

// out[i] = a[block's last - i]: dynamic shared memory.
KERNEL(reverse_blocks) {
  Q_DYNAMIC_SHARED(float, tile);
  long long i = thread_number();
  tile[threadIdx.x] = ((const float*)p.a)[i];
  __syncthreads();
  ((float*)p.out)[i] = tile[blockDim.x - 1 - threadIdx.x];
}

// out[i] = the i-th sum of votes and shuffles of lane numbers; one warp of n <= 32 threads.
KERNEL(warp_operations) {
  unsigned lane = threadIdx.x;
  unsigned all = p.n == 32 ? 0xffffffffu : (1u << p.n) - 1;
  int* out = (int*)p.out;
  int odd = lane & 1;
  unsigned votes = __ballot_sync(all, odd);
  unsigned mine = odd ? votes : all & ~votes;
  // Both halves of the warp shuffle on their own.
  int first = __shfl_sync(mine, (int)lane, odd);
  int up = __shfl_up_sync(all, (int)lane, 1);
  int down = __shfl_down_sync(all, (int)lane, 1, 8);
  int any = __any_sync(all, lane == 3) * 2 + __all_sync(all, lane < p.n);
  __syncwarp(all);
  out[lane] = first + 100 * up + 10000 * down + 1000000 * any;
}

// out[block] = the sum of the blocks before it and itself: each waits for the one before.
KERNEL(look_back) {
  volatile int* done = (volatile int*)p.b;
  int* out = (int*)p.out;
  if (threadIdx.x == 0) {
    int before = 0;
    if (blockIdx.x > 0) {
      while (done[blockIdx.x - 1] == 0) {
      }
      __threadfence();
      before = ((volatile int*)out)[blockIdx.x - 1];
    }
    out[blockIdx.x] = before + ((const int*)p.a)[blockIdx.x];
    __threadfence();
    done[blockIdx.x] = 1;
  }
}

// out[0..2] += 1 by every thread, by the atomics of three types; out[3] is the largest thread.
KERNEL(count_up) {
  unsigned* out = (unsigned*)p.out;
  int i = (int)thread_number();
  atomicAdd(&out[0], 1u);
  atomicAdd((int*)&out[1], 1);
  unsigned seen = out[2];
  unsigned expected;
  do {
    expected = seen;
    seen = atomicCAS(&out[2], expected, expected + 1);
  } while (seen != expected);
  atomicMax((int*)&out[3], i);
}

// out[i] = one of: a / b, sqrt(a), fma(a, b, c) with c = -(a * b), 1 / a; by m.
KERNEL(arithmetic) {
  long long i = thread_number();
  float a = ((const float*)p.a)[i];
  float b = ((const float*)p.b)[i];
  float* out = (float*)p.out;
  switch (p.m) {
    case 0:
      out[i] = a / b;
      break;
    case 1:
      out[i] = sqrt(a);
      break;
    case 2:
      out[i] = fma(a, b, -(a * b));
      break;
    default:
      out[i] = a * b + a;
  }
}

// out = the 16-bit forms of a as F16 and BF16 and back, four values each.
KERNEL(small_floats) {
  long long i = thread_number();
  float x = ((const float*)p.a)[i];
  float4* out = (float4*)p.out;
  __half half = __float2half_rn(x);
  __nv_bfloat16 bfloat = __float2bfloat16_rn(x);
  out[i] = make_float4((float)__half_as_ushort(half), __half2float(half),
                       (float)__bfloat16_as_ushort(bfloat), __bfloat162float(bfloat));
}

#if defined(QUERN_EMULATOR) || __CUDA_ARCH__ >= 800

// out[i] = a[block's last - i] of 4-float units, copied asynchronously in two groups.
BOUNDED_KERNEL(reverse_async, 64) {
  __shared__ float4 units[2][64];
  const float4* a = (const float4*)p.a;
  unsigned i = threadIdx.x;
  copy_16(&units[0][i], &a[i]);
  copy_commit();
  copy_16(&units[1][i], &a[64 + i]);
  copy_commit();
  copy_wait<1>();
  __syncthreads();
  ((float4*)p.out)[127 - i] = units[0][i ^ 1];
  copy_wait<0>();
  __syncthreads();
  ((float4*)p.out)[63 - i] = units[1][i ^ 1];
}

#endif
