// What the test kernels need of CUDA, once for nvcc and once for the emulator.
#pragma once

#ifdef QUERN_EMULATOR
#define Q_DYNAMIC_SHARED(type, name) type* name = static_cast<type*>(emulator_dynamic_shared())
#else
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#define Q_DYNAMIC_SHARED(type, name)                          \
  extern __shared__ __align__(16) unsigned char name##_raw[]; \
  type* name = reinterpret_cast<type*>(name##_raw)
#endif

// Every kernel's parameter. What a and b are differs; n is a count, m another one.
struct Arguments {
  const void* a;
  const void* b;
  void* out;
  long long n;
  long long m;
};

#define KERNEL(name) extern "C" __global__ void name(const __grid_constant__ Arguments p)

#define BOUNDED_KERNEL(name, threads) \
  extern "C" __global__ void __launch_bounds__(threads) name(const __grid_constant__ Arguments p)

__device__ __forceinline__ long long thread_number() {
  return (long long)blockIdx.x * blockDim.x + threadIdx.x;
}

#if defined(QUERN_EMULATOR)

__device__ __forceinline__ void copy_16(void* shared, const void* global) {
  emulator_copy_async(shared, global, 16);
}
__device__ __forceinline__ void copy_commit() { emulator_commit(); }
template <int LEFT>
__device__ __forceinline__ void copy_wait() {
  emulator_wait(LEFT);
}

#elif __CUDA_ARCH__ >= 800

__device__ __forceinline__ void copy_16(void* shared, const void* global) {
  unsigned address = (unsigned)__cvta_generic_to_shared(shared);
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global) : "memory");
}
__device__ __forceinline__ void copy_commit() {
  asm volatile("cp.async.commit_group;" ::: "memory");
}
template <int LEFT>
__device__ __forceinline__ void copy_wait() {
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
}

#endif
