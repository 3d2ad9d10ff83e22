// Copies from global to shared memory that go on while a thread does something else: cp.async, of compute capability
// 8.0 on. Bytes beyond `valid` become 0 and are not read. A copy is over once its group, which commit_copies ends, is
// waited for; other threads see it after a barrier.

#ifndef QUERN_COPY_ASYNC
#if defined(QUERN_EMULATOR) || __CUDA_ARCH__ >= 800
#define QUERN_COPY_ASYNC 1
#else
#define QUERN_COPY_ASYNC 0
#endif
#endif

#if QUERN_COPY_ASYNC
template <int BYTES>
Q_FUNCTION void copy_async(void* to, const void* from, int valid) {
  static_assert(BYTES == 4 || BYTES == 8 || BYTES == 16, "what cp.async copies");
#ifdef QUERN_EMULATOR
  emulator_copy_async_part(to, from, BYTES, (unsigned)valid);
#else
  const uint target = (uint)__cvta_generic_to_shared(to);
  // Whole lines go past the first cache: the tile is their cache.
  if (BYTES == 16) {
    asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;" ::"r"(target), "l"(from), "r"(valid) : "memory");
  } else {
    asm volatile("cp.async.ca.shared.global [%0], [%1], %2, %3;" ::"r"(target), "l"(from), "n"(BYTES), "r"(valid)
                 : "memory");
  }
#endif
}

Q_FUNCTION void commit_copies() {
#ifdef QUERN_EMULATOR
  emulator_commit();
#else
  asm volatile("cp.async.commit_group;" ::: "memory");
#endif
}

// Waits for all but the last LEFT groups.
template <int LEFT>
Q_FUNCTION void wait_for_copies() {
#ifdef QUERN_EMULATOR
  emulator_wait(LEFT);
#else
  asm volatile("cp.async.wait_group %0;" ::"n"(LEFT) : "memory");
#endif
}
#endif
