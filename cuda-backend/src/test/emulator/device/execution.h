// What a kernel asks of the block scheduler, which is in libcuda.so.1 (execution/).
#pragma once

// The thread that runs, and its block.
struct EmulatorThread {
  uint3 index;
  unsigned lane;
  unsigned warp;
};

struct EmulatorBlock {
  uint3 index;
  uint3 size;
  uint3 grid;
  unsigned char* dynamic_shared;
  unsigned dynamic_bytes;
};

extern "C" {
extern __thread EmulatorThread emulator_thread __attribute__((tls_model("initial-exec")));
extern __thread EmulatorBlock emulator_block __attribute__((tls_model("initial-exec")));

// Waits until `threads` threads of the block (0: all) are at barrier `id`, 0 to 15; returns how
// many of them gave a true predicate. Threads that wait at one barrier in different lines are a
// fault.
int emulator_barrier(int id, unsigned threads, int predicate, int line);

// The warp operations. All lanes of the mask that have not ended must come, with the same mask and
// in the same line.
uint64_t emulator_shuffle(unsigned mask, uint64_t value, unsigned source, int line);
unsigned emulator_ballot(unsigned mask, int predicate, int line);

// Gives every lane of the mask what each of them has: all[lane] = mine of that lane.
void emulator_gather_bytes(unsigned mask, const void* mine, unsigned bytes, void* all, int line);

// Lets other threads run; belongs in every loop that polls shared memory.
void emulator_spin(void);

// cp.async: bytes beyond `valid` become 0. The copy happens when its group is waited for and not
// before; until then the destination holds poison.
void emulator_copy_async_part(void* target, const void* source, unsigned bytes, unsigned valid);
void emulator_commit(void);
void emulator_wait(unsigned groups_left);
void emulator_wait_all(void);

[[noreturn]] void emulator_trap(const char* why, int line);
}

#define threadIdx (emulator_thread.index)
#define blockIdx (emulator_block.index)
#define blockDim (emulator_block.size)
#define gridDim (emulator_block.grid)
static constexpr int warpSize = 32;

static inline void* emulator_dynamic_shared() { return emulator_block.dynamic_shared; }

static inline void emulator_copy_async(void* target, const void* source, unsigned bytes) {
  emulator_copy_async_part(target, source, bytes, bytes);
}

template <class T>
static inline void emulator_gather(const T& mine, T (&all)[32], unsigned mask = 0xffffffffu,
                                   int line = __builtin_LINE()) {
  static_assert(std::is_trivially_copyable_v<T>);
  emulator_gather_bytes(mask, &mine, sizeof(T), all, line);
}

// The 32-bit address of something in dynamic shared memory, and back. Shared addresses start above
// 0, so that a zero is never taken for one.
static constexpr uint32_t EMULATOR_SHARED_BASE = 1024;

static inline uint32_t emulator_shared_address(const void* p, int line = __builtin_LINE()) {
  size_t offset = (size_t)((const unsigned char*)p - emulator_block.dynamic_shared);
  if (offset > emulator_block.dynamic_bytes) {
    emulator_trap("the address is not in dynamic shared memory", line);
  }
  return EMULATOR_SHARED_BASE + (uint32_t)offset;
}

static inline void* emulator_shared_pointer(uint32_t address, int line = __builtin_LINE()) {
  uint32_t offset = address - EMULATOR_SHARED_BASE;
  if (offset > emulator_block.dynamic_bytes) {
    emulator_trap("the address is not in dynamic shared memory", line);
  }
  return emulator_block.dynamic_shared + offset;
}

static inline size_t __cvta_generic_to_shared(const void* p, int line = __builtin_LINE()) {
  return emulator_shared_address(p, line);
}

static inline void __syncthreads(int line = __builtin_LINE()) { emulator_barrier(0, 0, 0, line); }

static inline int __syncthreads_count(int predicate, int line = __builtin_LINE()) {
  return emulator_barrier(0, 0, predicate, line);
}

static inline int __syncthreads_or(int predicate, int line = __builtin_LINE()) {
  return emulator_barrier(0, 0, predicate, line) != 0;
}

static inline int __syncthreads_and(int predicate, int line = __builtin_LINE()) {
  return emulator_barrier(0, 0, !predicate, line) == 0;
}

// Blocks on other workers see memory in order after this, as on a GPU.
static inline void __threadfence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_system() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
static inline void __threadfence_block() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

static inline void __nanosleep(unsigned) { emulator_spin(); }

static inline void __trap(int line = __builtin_LINE()) { emulator_trap("__trap()", line); }

static inline long long clock64() { return (long long)__builtin_ia32_rdtsc(); }
