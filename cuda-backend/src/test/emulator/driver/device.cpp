// Devices and contexts.
#include <cstring>

#include "driver.h"

namespace emulator {
namespace {

bool initialized_ = false;

struct Primary {
  std::shared_ptr<Context> context;
  unsigned users = 0;
};

std::map<int, Primary>& primaries = *new std::map<int, Primary>;
Handles<Context>& created = *new Handles<Context>;

// Of this thread; the last is current. Those of destroyed contexts stay and count as none.
thread_local std::vector<void*> stack_;

Context* live(void* handle) {
  for (auto& [device, primary] : primaries) {
    if (primary.context.get() == handle) {
      return primary.context.get();
    }
  }
  return find(created, handle);
}

void destroy(Context& context) {
  drain_all(context);
  if (settings().log) {
    fprintf(stderr, "cuda-emulator: context ends with %zu streams, %zu events, %zu modules\n",
            context.streams.size(), context.events.size(), context.modules.size());
  }
  free_all(context);
}

// What kernels may use per block, by compute capability (CUDA C++ Programming Guide, table of
// technical specifications).
unsigned shared_kilobytes(int compute) {
  switch (compute) {
    case 70:
      return 96;
    case 75:
      return 64;
    case 80:
    case 87:
      return 163;
    case 86:
    case 89:
      return 99;
    default:
      return compute >= 90 ? 227 : 48;
  }
}

int attribute(int attribute, int device) {
  int compute = compute_capability(device);
  switch (attribute) {
    case 1:  // MAX_THREADS_PER_BLOCK
    case 2:  // MAX_BLOCK_DIM_X
    case 3:  // MAX_BLOCK_DIM_Y
      return 1024;
    case 4:  // MAX_BLOCK_DIM_Z
      return 64;
    case 5:  // MAX_GRID_DIM_X
      return 0x7fffffff;
    case 6:  // MAX_GRID_DIM_Y
    case 7:  // MAX_GRID_DIM_Z
      return 65535;
    case 8:  // MAX_SHARED_MEMORY_PER_BLOCK
      return 48 << 10;
    case 9:  // TOTAL_CONSTANT_MEMORY
      return 64 << 10;
    case 10:  // WARP_SIZE
      return 32;
    case 11:  // MAX_PITCH
      return 0x7fffffff;
    case 12:  // MAX_REGISTERS_PER_BLOCK
    case 82:  // MAX_REGISTERS_PER_MULTIPROCESSOR
      return 65536;
    case 13:  // CLOCK_RATE, kHz
    case 36:  // MEMORY_CLOCK_RATE, kHz
      return 1000000;
    case 14:  // TEXTURE_ALIGNMENT
      return 512;
    case 16:  // MULTIPROCESSOR_COUNT
      return 4;
    case 31:   // CONCURRENT_KERNELS
    case 41:   // UNIFIED_ADDRESSING
    case 115:  // MEMORY_POOLS_SUPPORTED
      return 1;
    case 34:  // PCI_DEVICE_ID
      return device;
    case 37:  // GLOBAL_MEMORY_BUS_WIDTH, bits
      return 512;
    case 38:  // L2_CACHE_SIZE
      return 1 << 20;
    case 39:  // MAX_THREADS_PER_MULTIPROCESSOR
      return compute == 75 ? 1024 : 2048;
    case 40:  // ASYNC_ENGINE_COUNT
      return 1;
    case 75:  // COMPUTE_CAPABILITY_MAJOR
      return compute / 10;
    case 76:  // COMPUTE_CAPABILITY_MINOR
      return compute % 10;
    case 81:  // MAX_SHARED_MEMORY_PER_MULTIPROCESSOR
      return (int)max_shared_bytes(device) + 1024;
    case 97:  // MAX_SHARED_MEMORY_PER_BLOCK_OPTIN
      return (int)max_shared_bytes(device);
    case 106:  // MAX_BLOCKS_PER_MULTIPROCESSOR
      return 32;
    default:
      return 0;
  }
}

}  // namespace

Context::Context(int device)
    : device(device), default_stream(std::make_shared<Stream>(Stream{this, true, {}, {}})) {}

void initialize() { initialized_ = true; }
bool is_initialized() { return initialized_; }

int compute_capability(int device) {
  const std::vector<int>& all = settings().compute;
  return (size_t)device < all.size() ? all[(size_t)device] : all.back();
}

unsigned max_shared_bytes(int device) { return shared_kilobytes(compute_capability(device)) << 10; }

Context* current_context() { return stack_.empty() ? nullptr : live(stack_.back()); }

void for_each_context(const std::function<void(Context&)>& visit) {
  for (auto& [device, primary] : primaries) {
    if (primary.context) {
      visit(*primary.context);
    }
  }
  for (auto& [handle, context] : created) {
    visit(*context);
  }
}

}  // namespace emulator

using namespace emulator;

EMULATOR_API cuInit(unsigned flags) {
  return any_time(__func__, [&] {
    if (flags != 0) {
      return CUDA_ERROR_INVALID_VALUE;
    }
    if (settings().devices == 0) {
      return CUDA_ERROR_NO_DEVICE;
    }
    initialize();
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDriverGetVersion(int* version) {
  return any_time(__func__, [&] {
    *version = (int)settings().driver_version;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGetCount(int* count) {
  return initialized(__func__, [&] {
    *count = (int)settings().devices;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGet(CUdevice* device, int ordinal) {
  return on_device(__func__, ordinal, [&] {
    *device = ordinal;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGetName(char* name, int length, CUdevice device) {
  return on_device(__func__, device, [&] {
    int compute = compute_capability(device);
    snprintf(name, (size_t)length, "Emulated CUDA device %d (sm_%d)", device, compute);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGetUuid(void* uuid, CUdevice device) {
  return on_device(__func__, device, [&] {
    std::memset(uuid, 0, 16);
    std::memcpy(uuid, "emulated", 8);
    ((unsigned char*)uuid)[15] = (unsigned char)device;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGetPCIBusId(char* id, int length, CUdevice device) {
  return on_device(__func__, device, [&] {
    snprintf(id, (size_t)length, "0000:00:%02x.0", device);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  return on_device(__func__, device, [&] {
    *bytes = settings().memory;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return on_device(__func__, device, [&] {
    *major = compute_capability(device) / 10;
    *minor = compute_capability(device) % 10;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDeviceGetAttribute(int* value, int name, CUdevice device) {
  return on_device(__func__, device, [&] {
    *value = attribute(name, device);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  return on_device(__func__, device, [&] {
    Primary& primary = primaries[device];
    if (!primary.context) {
      primary.context = std::make_shared<Context>(device);
      primary.context->primary = true;
    }
    primary.users++;
    *context = primary.context.get();
    return CUDA_SUCCESS;
  });
}

// A fresh context takes the place of the last: also of one that was lost, so that the tests of one
// process can go on. A GPU's driver would want a new process.
EMULATOR_API cuDevicePrimaryCtxRelease_v2(CUdevice device) {
  return on_device(__func__, device, [&] {
    Primary& primary = primaries[device];
    if (primary.users == 0) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (--primary.users == 0) {
      destroy(*primary.context);
      primary.context.reset();
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDevicePrimaryCtxReset_v2(CUdevice device) {
  return on_device(__func__, device, [&] {
    Primary& primary = primaries[device];
    if (primary.context) {
      destroy(*primary.context);
      primary.context.reset();
      primary.users = 0;
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuDevicePrimaryCtxSetFlags_v2(CUdevice device, unsigned) {
  return on_device(__func__, device, [&] { return CUDA_SUCCESS; });
}

EMULATOR_API cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  return on_device(__func__, device, [&] {
    *flags = 0;
    *active = primaries[device].users > 0;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  return on_device(__func__, device, [&] {
    *context = keep(created, std::make_shared<Context>(device));
    stack_.push_back(*context);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxDestroy_v2(CUcontext context) {
  return initialized(__func__, [&] {
    Context* found = find(created, context);
    if (!found) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    destroy(*found);
    created.erase(context);
    if (!stack_.empty() && stack_.back() == context) {
      stack_.pop_back();
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxSetCurrent(CUcontext context) {
  return initialized(__func__, [&] {
    if (context && !live(context)) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (!stack_.empty()) {
      stack_.pop_back();
    }
    if (context) {
      stack_.push_back(context);
    }
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxGetCurrent(CUcontext* context) {
  return initialized(__func__, [&] {
    *context = current_context();
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxPushCurrent_v2(CUcontext context) {
  return initialized(__func__, [&] {
    if (!live(context)) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    stack_.push_back(context);
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxPopCurrent_v2(CUcontext* context) {
  return initialized(__func__, [&] {
    if (stack_.empty()) {
      return CUDA_ERROR_INVALID_CONTEXT;
    }
    if (context) {
      *context = stack_.back();
    }
    stack_.pop_back();
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxGetDevice(CUdevice* device) {
  return in_context(__func__, [&](Context& context) {
    *device = context.device;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxGetApiVersion(CUcontext, unsigned* version) {
  return initialized(__func__, [&] {
    *version = 3020;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return in_context(__func__, [&](Context&) {
    *least = 0;
    *greatest = 0;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuCtxSynchronize() {
  return not_capturing(__func__, [&](Context& context) { return drain_all(context); });
}

EMULATOR_API cuProfilerStart() {
  return initialized(__func__, [] { return CUDA_SUCCESS; });
}
EMULATOR_API cuProfilerStop() {
  return initialized(__func__, [] { return CUDA_SUCCESS; });
}
