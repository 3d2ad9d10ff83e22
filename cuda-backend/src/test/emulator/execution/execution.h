// Runs kernels: a fiber per CUDA thread, blocks spread over worker threads.
#pragma once

#include <cstdint>
#include <string>

#include "../device/qualifiers.h"
#include "../device/vectors.h"
#include "../device/execution.h"
#include "../device/kernel.h"

namespace emulator {

// The most threads of a block, and the most dynamic shared memory, of any device.
constexpr unsigned MAX_THREADS = 1024;
constexpr unsigned MAX_SHARED = 256 << 10;

enum class Order { ALTERNATE, FORWARD, REVERSED };

struct Launch {
  const EmulatorKernel* kernel;
  void* const* parameters;
  // The dlopen handle to the kernel's library if it has static shared memory, else null.
  void* static_shared_library;
  uint3 grid;
  uint3 block;
  unsigned dynamic_bytes;
  // Counts the launches of this kernel: what order and poison depend on.
  unsigned number;
  Order order;
  unsigned workers;
  double seconds_allowed;
};

// How a launch failed; code 0 if it did not.
struct Failure {
  int code = 0;
  std::string what;
  // Set if memory was accessed that is not there.
  uintptr_t address = 0;
};

// Runs all blocks and returns once they have ended.
Failure run(const Launch& launch);

// Fills with 16-bit words that are NaN as F16, BF16, F32 and F64, negative as integers and true as
// booleans; they depend on the variant.
void poison(void* memory, size_t bytes, unsigned variant);
bool is_poison(const void* memory, size_t bytes, unsigned variant);

}  // namespace emulator
