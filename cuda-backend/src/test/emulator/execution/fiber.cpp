#include "fiber.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>

#ifndef __x86_64__
#error "The emulator switches stacks in x86-64 assembly."
#endif

// The registers that a called function preserves (System V ABI).
asm(R"(
.text
.globl emulator_switch
.hidden emulator_switch
.type emulator_switch, @function
emulator_switch:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
.globl emulator_resume
.hidden emulator_resume
emulator_resume:
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size emulator_switch, .-emulator_switch
)");

namespace emulator {

Stacks::Stacks(unsigned count) : count_(count) {
  void* memory = mmap(nullptr, count * BYTES, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) {
    fprintf(stderr, "cuda-emulator: no address space for the threads' stacks\n");
    abort();
  }
  memory_ = (char*)memory;
  for (unsigned i = 0; i < count; i++) {
    mprotect(memory_ + i * BYTES, GUARD, PROT_NONE);
  }
  free_.reserve(count);
  reset();
}

int Stacks::take() {
  int stack = free_.back();
  free_.pop_back();
  return stack;
}

void Stacks::give_back(int stack) { free_.push_back(stack); }

void Stacks::reset() {
  free_.clear();
  for (int i = (int)count_ - 1; i >= 0; i--) {
    free_.push_back(i);
  }
}

void* Stacks::prepare(int stack, void (*entry)()) {
  // The tops are staggered: equal frames of different fibers would share the cache's sets.
  uintptr_t top = (uintptr_t)(memory_ + (size_t)(stack + 1) * BYTES) - (stack * 832 & 0x3fff);
  auto** pointer = (void**)(top & ~(uintptr_t)63);
  *--pointer = nullptr;
  *--pointer = (void*)entry;
  for (int preserved = 0; preserved < 6; preserved++) {
    *--pointer = nullptr;
  }
  return pointer;
}

bool Stacks::overflowed(const void* address) const {
  size_t offset = (size_t)((const char*)address - memory_);
  return offset < count_ * BYTES && offset % BYTES < GUARD;
}

}  // namespace emulator
