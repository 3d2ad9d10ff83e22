// Switches between stacks on one worker thread. x86-64 only.
#pragma once

#include <cstddef>
#include <vector>

namespace emulator {

// Saves where this context is in *from and goes on where `to` was saved.
extern "C" void emulator_switch(void** from, void* to);

// The instruction that takes up a context whose saved pointer is the stack pointer: a signal
// handler leaves a kernel by returning to here.
extern "C" void emulator_resume();

// The stacks of one worker's fibers, each with a page below it that cannot be accessed.
class Stacks {
 public:
  explicit Stacks(unsigned count);

  // Returns a free stack; there must be one.
  int take();
  void give_back(int stack);
  // Says that all stacks are free.
  void reset();

  // Returns the saved context of a fiber that starts with `entry` on the stack.
  void* prepare(int stack, void (*entry)());

  // Whether the address is in the page below some stack.
  bool overflowed(const void* address) const;

 private:
  static constexpr size_t BYTES = 256 << 10;
  static constexpr size_t GUARD = 4096;

  char* memory_;
  unsigned count_;
  std::vector<int> free_;
};

}  // namespace emulator
