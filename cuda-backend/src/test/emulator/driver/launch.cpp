// Launches, and what can be asked about kernels.
#include <algorithm>
#include <cstring>
#include <thread>

#include "driver.h"

namespace emulator {
namespace {

// The parameters' values at the time of the launch.
struct Parameters {
  std::vector<uint64_t> words;
  std::vector<void*> addresses;

  Parameters(const EmulatorKernel& kernel, void** values, const unsigned char* packed) {
    std::vector<size_t> offsets;
    size_t total = 0;
    for (unsigned i = 0; i < kernel.parameters; i++) {
      offsets.push_back(total);
      total += (kernel.sizes[i] + 15) / 16 * 16;
    }
    words.resize(total / 8 + 2);
    // Aligned for any parameter type.
    auto* base = (unsigned char*)(((uintptr_t)words.data() + 15) & ~(uintptr_t)15);
    size_t packed_at = 0;
    for (unsigned i = 0; i < kernel.parameters; i++) {
      size_t size = kernel.sizes[i];
      // In a packed buffer, structs of this project have 8-byte fields and need no other alignment.
      size_t alignment = std::min<size_t>(size, 8);
      packed_at = (packed_at + alignment - 1) / alignment * alignment;
      std::memcpy(base + offsets[i], packed ? packed + packed_at : values[i], size);
      packed_at += size;
      addresses.push_back(base + offsets[i]);
    }
  }
};

unsigned workers() {
  long wanted = settings().workers;
  return wanted > 0 ? (unsigned)wanted : std::max(1u, std::thread::hardware_concurrency());
}

Order order() {
  const std::string& name = settings().order;
  return name == "forward"    ? Order::FORWARD
         : name == "reversed" ? Order::REVERSED
                              : Order::ALTERNATE;
}

CUresult execute(Function& function, Parameters& parameters, uint3 grid, uint3 block,
                 unsigned dynamic_bytes) {
  Launch launch{&function.kernel,
                parameters.addresses.data(),
                function.library,
                grid,
                block,
                dynamic_bytes,
                function.launches++ + (unsigned)settings().seed,
                order(),
                workers(),
                settings().timeout};
  Failure failure = run(launch);
  if (failure.code == 0) {
    return check_margins(function.name.c_str(), parameters.words.data(), parameters.words.size());
  }
  std::string where = failure.address ? ": " + describe_address(failure.address) : "";
  return complain(failure.code, "%s: %s%s", function.name.c_str(), failure.what.c_str(),
                  where.c_str());
}

CUresult check_limits(const Function& function, uint3 grid, uint3 block, unsigned dynamic_bytes) {
  const char* name = function.name.c_str();
  uint64_t threads = (uint64_t)block.x * block.y * block.z;
  if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffff || grid.y > 65535 ||
      grid.z > 65535) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: a grid of (%u, %u, %u) blocks", name, grid.x,
                    grid.y, grid.z);
  }
  if (threads == 0 || block.x > 1024 || block.y > 1024 || block.z > 64 || threads > MAX_THREADS) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: a block of (%u, %u, %u) threads", name, block.x,
                    block.y, block.z);
  }
  if (threads > function.max_threads) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: %llu threads in a block, launch bounds allow %u",
                    name, (unsigned long long)threads, function.max_threads);
  }
  unsigned limit = max_shared_bytes(function.context->device);
  if (dynamic_bytes > function.max_dynamic_bytes || dynamic_bytes + function.static_bytes > limit) {
    return complain(CUDA_ERROR_INVALID_VALUE,
                    "%s: %u bytes of dynamic shared memory (%u allowed) and %u of static, of %u in "
                    "all; cuFuncSetAttribute allows more than 48 KiB",
                    name, dynamic_bytes, function.max_dynamic_bytes, function.static_bytes, limit);
  }
  return CUDA_SUCCESS;
}

// The values {1, buffer, 2, &bytes, 0} stand for parameters packed in one buffer.
const unsigned char* packed_parameters(void** extra) {
  for (; extra && *extra; extra += 2) {
    if ((uintptr_t)extra[0] == 1) {
      return (const unsigned char*)extra[1];
    }
  }
  return nullptr;
}

CUresult launch(Context& context, CUfunction handle, uint3 grid, uint3 block,
                unsigned dynamic_bytes, CUstream stream_handle, void** values, void** extra) {
  auto found = context.functions.find(handle);
  auto function = found == context.functions.end() ? nullptr : found->second;
  Stream* stream = stream_of(context, stream_handle);
  if (!function || !stream) {
    return complain(CUDA_ERROR_INVALID_HANDLE, "cuLaunchKernel: no such %s in this context",
                    function ? "stream" : "function");
  }
  if (CUresult wrong = check_limits(*function, grid, block, dynamic_bytes)) {
    return wrong;
  }
  const unsigned char* packed = packed_parameters(extra);
  if (function->kernel.parameters > 0 && !values == !packed) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: needs parameters, given in one way",
                    function->name.c_str());
  }
  if (due(settings().fail_launch)) {
    return CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES;
  }
  bool fail_late = due(settings().fail_launch_late);
  auto parameters = std::make_shared<Parameters>(function->kernel, values, packed);
  return enqueue(*stream, [=]() -> CUresult {
    if (fail_late) {
      return CUDA_ERROR_LAUNCH_FAILED;
    }
    return execute(*function, *parameters, grid, block, dynamic_bytes);
  });
}

int blocks_per_multiprocessor(const Function& function, unsigned threads, size_t dynamic_bytes) {
  int device = function.context->device;
  unsigned most = compute_capability(device) == 75 ? 1024 : 2048;
  if (threads == 0 || threads > function.max_threads) {
    return 0;
  }
  unsigned by_threads = most / ((threads + 31) / 32 * 32);
  size_t shared = dynamic_bytes + function.static_bytes;
  size_t by_shared = shared ? (max_shared_bytes(device) + 1024) / shared : 32;
  return (int)std::min<size_t>({by_threads, by_shared, 32});
}

}  // namespace
}  // namespace emulator

using namespace emulator;

EMULATOR_API cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                            unsigned block_x, unsigned block_y, unsigned block_z,
                            unsigned dynamic_bytes, CUstream stream, void** values, void** extra) {
  return in_context(__func__, [&](Context& context) {
    return launch(context, function, {grid_x, grid_y, grid_z}, {block_x, block_y, block_z},
                  dynamic_bytes, stream, values, extra);
  });
}

EMULATOR_API cuFuncGetAttribute(int* value, int attribute, CUfunction handle) {
  return in_context(__func__, [&](Context& context) {
    Function* function = find(context.functions, handle);
    if (!function) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuFuncGetAttribute: no such function");
    }
    switch (attribute) {
      case 0:  // MAX_THREADS_PER_BLOCK
        *value = (int)function->max_threads;
        break;
      case 1:  // SHARED_SIZE_BYTES
        *value = (int)function->static_bytes;
        break;
      case 4:  // NUM_REGS
        *value = 32;
        break;
      case 5:  // PTX_VERSION
      case 6:  // BINARY_VERSION
        *value = compute_capability(context.device);
        break;
      case 8:  // MAX_DYNAMIC_SHARED_SIZE_BYTES
        *value = (int)function->max_dynamic_bytes;
        break;
      default:
        *value = 0;
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuFuncSetAttribute(CUfunction handle, int attribute, int value) {
  return in_context(__func__, [&](Context& context) {
    Function* function = find(context.functions, handle);
    if (!function) {
      return complain(CUDA_ERROR_INVALID_HANDLE, "cuFuncSetAttribute: no such function");
    }
    if (attribute == 8) {
      unsigned limit = max_shared_bytes(context.device) - function->static_bytes;
      if (value < 0 || (unsigned)value > limit) {
        return complain(CUDA_ERROR_INVALID_VALUE,
                        "cuFuncSetAttribute: %d bytes of dynamic shared memory, limit %u", value,
                        limit);
      }
      function->max_dynamic_bytes = (unsigned)value;
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuFuncSetCacheConfig(CUfunction, int) {
  return in_context(__func__, [](Context&) { return CUDA_SUCCESS; });
}

EMULATOR_API cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction handle,
                                                         int threads, size_t dynamic_bytes) {
  return in_context(__func__, [&](Context& context) {
    Function* function = find(context.functions, handle);
    if (!function || threads < 0) {
      return complain(CUDA_ERROR_INVALID_VALUE, "cuOccupancy...: no such function, or %d threads",
                      threads);
    }
    *blocks = blocks_per_multiprocessor(*function, (unsigned)threads, dynamic_bytes);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* blocks, CUfunction function,
                                                                  int threads, size_t dynamic_bytes,
                                                                  unsigned) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessor(blocks, function, threads, dynamic_bytes);
}

EMULATOR_API cuOccupancyMaxPotentialBlockSize(int* min_grid, int* threads, CUfunction handle,
                                              size_t (*dynamic_for)(int), size_t dynamic_bytes,
                                              int limit) {
  return in_context(__func__, [&](Context& context) {
    Function* function = find(context.functions, handle);
    if (!function) {
      return complain(CUDA_ERROR_INVALID_VALUE, "cuOccupancyMaxPotentialBlockSize: no function");
    }
    unsigned most = function->max_threads;
    most = limit > 0 ? std::min(most, (unsigned)limit) : most;
    size_t dynamic = dynamic_for ? dynamic_for((int)most) : dynamic_bytes;
    constexpr int multiprocessors = 4;
    *threads = (int)most;
    *min_grid = multiprocessors * blocks_per_multiprocessor(*function, most, dynamic);
    return CUDA_SUCCESS;
  });
}
