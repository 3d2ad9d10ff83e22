// Kernels with one fault each, named after it.
#include "prelude.h"

// Wrong in one of the two orders of threads, since nothing makes the writes come first.
KERNEL(no_barrier_before_read) {
  __shared__ float tile[64];
  tile[threadIdx.x] = (float)threadIdx.x;
  ((float*)p.out)[threadIdx.x] = tile[63 - threadIdx.x];
}

// Seen only when thread 0 does not start first.
KERNEL(no_barrier_after_the_first) {
  __shared__ float tile[1];
  if (threadIdx.x == 0) {
    tile[0] = ((const float*)p.a)[0];
  }
  ((float*)p.out)[threadIdx.x] = tile[0];
}

// Seen only when the last thread does not start first.
KERNEL(no_barrier_after_the_last) {
  __shared__ float tile[1];
  if (threadIdx.x == blockDim.x - 1) {
    tile[0] = ((const float*)p.a)[0];
  }
  ((float*)p.out)[threadIdx.x] = tile[0];
}

// The second turn writes while others still read what the first turn wrote.
KERNEL(no_barrier_after_read) {
  __shared__ float tile[64];
  float sum = 0.0f;
  for (int turn = 0; turn < 2; turn++) {
    tile[threadIdx.x] = (float)((turn + 1) * threadIdx.x);
    __syncthreads();
    sum += tile[63 - threadIdx.x];
  }
  ((float*)p.out)[threadIdx.x] = sum;
}

KERNEL(no_warp_barrier) {
  __shared__ float tile[32];
  tile[threadIdx.x] = (float)threadIdx.x;
  ((float*)p.out)[threadIdx.x] = tile[threadIdx.x ^ 1];
}

KERNEL(barrier_for_some) {
  if (threadIdx.x < 32) {
    __syncthreads();
  }
  ((float*)p.out)[threadIdx.x] = 1.0f;
}

KERNEL(barrier_after_some_ended) {
  if (threadIdx.x >= 48) {
    return;
  }
  __syncthreads();
  ((float*)p.out)[threadIdx.x] = 1.0f;
}

KERNEL(barriers_in_two_places) {
  float* out = (float*)p.out;
  if (threadIdx.x < 32) {
    out[threadIdx.x] = 1.0f;
    __syncthreads();
  } else {
    out[threadIdx.x] = 2.0f;
    __syncthreads();
  }
}

KERNEL(shuffle_for_some) {
  float value = (float)threadIdx.x;
  if (threadIdx.x < 16) {
    value = __shfl_xor_sync(0xffffffffu, value, 1);
  } else {
    __syncthreads();
  }
  ((float*)p.out)[threadIdx.x] = value;
}

KERNEL(shuffle_outside_mask) {
  ((float*)p.out)[threadIdx.x] = __shfl_xor_sync(0x0000ffffu, (float)threadIdx.x, 1);
}

KERNEL(shuffles_in_two_places) {
  float value = (float)threadIdx.x;
  if (threadIdx.x < 16) {
    value += __shfl_xor_sync(0xffffffffu, value, 1);
  } else {
    value -= __shfl_xor_sync(0xffffffffu, value, 1);
  }
  ((float*)p.out)[threadIdx.x] = value;
}

KERNEL(masks_that_overlap) {
  unsigned mask = threadIdx.x == 0 ? 0xffffffffu : 0xfffffffeu | (threadIdx.x & 1);
  ((unsigned*)p.out)[threadIdx.x] = __ballot_sync(mask, 1);
}

// Lane 31 has ended, so its value is undefined.
KERNEL(shuffle_from_ended_lane) {
  if (threadIdx.x == 31) {
    return;
  }
  ((float*)p.out)[threadIdx.x] = __shfl_sync(0xffffffffu, 1.0f, 31);
}

KERNEL(write_behind) { ((float*)p.out)[p.n + thread_number()] = 1.0f; }

KERNEL(write_before) { ((float*)p.out)[-1 - thread_number()] = 1.0f; }

KERNEL(read_at) { ((float*)p.out)[thread_number()] = ((const float*)p.a)[p.n + thread_number()]; }

KERNEL(write_nowhere) { *(volatile float*)p.b = 1.0f; }

KERNEL(static_shared_not_written) {
  __shared__ float tile[64];
  if (threadIdx.x == 0) {
    tile[0] = 1.0f;
  }
  __syncthreads();
  ((float*)p.out)[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(dynamic_shared_not_written) {
  Q_DYNAMIC_SHARED(float, tile);
  if (threadIdx.x == 0) {
    tile[0] = 1.0f;
  }
  __syncthreads();
  ((float*)p.out)[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(local_not_written) {
  float values[4];
  for (long long i = 0; i < p.n; i++) {
    values[i] = 1.0f;
  }
  ((float*)p.out)[threadIdx.x] = values[0] + values[1] + values[2] + values[3];
}

KERNEL(dynamic_shared_write_behind) {
  Q_DYNAMIC_SHARED(float, tile);
  tile[p.n + threadIdx.x] = 1.0f;
  __syncthreads();
  ((float*)p.out)[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(static_shared_write_behind) {
  __shared__ float tile[64];
  tile[p.n + threadIdx.x] = 1.0f;
  __syncthreads();
  ((float*)p.out)[threadIdx.x] = tile[threadIdx.x];
}

KERNEL(misaligned_vector) {
  const float* a = (const float*)p.a;
  ((float4*)p.out)[threadIdx.x] = *(const float4*)(a + p.n);
}

KERNEL(division_by_zero) { ((int*)p.out)[threadIdx.x] = (int)p.m / (int)p.n; }

KERNEL(shift_too_far) { ((int*)p.out)[threadIdx.x] = 1 << (int)p.n; }

KERNEL(conversion_out_of_range) { ((int*)p.out)[threadIdx.x] = (int)((const float*)p.a)[0]; }

KERNEL(endless) {
  while (*(volatile int*)p.out != 1) {
  }
}

KERNEL(endless_poll) {
  __shared__ volatile int flag;
  flag = 0;
  while (flag != 1) {
    __nanosleep(20);
  }
}

// Each call needs a frame that the next one's result is added to.
__device__ __noinline__ long long descend(long long depth, volatile long long* sink) {
  long long frame[64];
  for (int i = 0; i < 64; i++) {
    frame[i] = depth + i;
  }
  *sink = frame[depth % 64];
  long long below = depth <= 0 ? 0 : descend(depth - 1, sink);
  return below + frame[(depth + 7) % 64];
}

KERNEL(too_much_local_memory) {
  long long* out = (long long*)p.out;
  out[0] = descend(p.n, out);
}

KERNEL(trap) {
  if (threadIdx.x == 3) {
    __trap();
  }
}

#if defined(QUERN_EMULATOR) || __CUDA_ARCH__ >= 800

KERNEL(copy_not_waited_for) {
  __shared__ float4 units[32];
  copy_16(&units[threadIdx.x], &((const float4*)p.a)[threadIdx.x]);
  copy_commit();
  __syncthreads();
  ((float4*)p.out)[threadIdx.x] = units[threadIdx.x];
}

KERNEL(copy_waited_for_too_few) {
  __shared__ float4 units[32];
  copy_16(&units[threadIdx.x], &((const float4*)p.a)[threadIdx.x]);
  copy_commit();
  copy_wait<1>();
  __syncthreads();
  ((float4*)p.out)[threadIdx.x] = units[threadIdx.x];
}

#endif
