// Device and pinned memory. Addresses come from one reserved range and are never used twice: each
// allocation lies between pages that cannot be accessed, and becomes such a page when freed.
#include <sys/mman.h>

#include <cstring>

#include "driver.h"

namespace emulator {
namespace {

constexpr size_t PAGE = 4096;
// cuMemAlloc's alignment.
constexpr size_t ALIGNMENT = 256;

struct Allocation {
  // The accessible pages; the buffer lies at their end, as near as the alignment allows.
  char* pages;
  size_t page_bytes;
  size_t bytes;
  unsigned number;
  Context* context;
  bool freed;
};

// By address of the buffer; those freed stay, to say what an access after that hit.
std::map<uintptr_t, Allocation>& allocations = *new std::map<uintptr_t, Allocation>;
std::map<int, size_t>& used = *new std::map<int, size_t>;
std::map<uintptr_t, size_t>& pinned = *new std::map<uintptr_t, size_t>;
unsigned allocation_count = 0;

class Range {
 public:
  // Returns pages with one that cannot be accessed on each side, null if there are no more.
  char* take(size_t bytes) {
    if (!base_) {
      reserve();
    }
    size_t needed = bytes + PAGE;
    if (size_ - next_ < needed) {
      return nullptr;
    }
    char* pages = base_ + next_;
    if (mprotect(pages, bytes, PROT_READ | PROT_WRITE) != 0) {
      return nullptr;
    }
    next_ += needed;
    return pages;
  }

  // Gives the memory back to the system and keeps the addresses.
  void retire(char* pages, size_t bytes) {
    mmap(pages, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  }

 private:
  void reserve() {
    for (size_ = (size_t)16 << 40; size_ > 0; size_ /= 2) {
      void* memory =
          mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
      if (memory != MAP_FAILED) {
        base_ = (char*)memory;
        next_ = PAGE;
        return;
      }
    }
  }

  char* base_ = nullptr;
  size_t size_ = 0;
  size_t next_ = 0;
};

Range range;

size_t round_up(size_t value, size_t unit) { return (value + unit - 1) / unit * unit; }

// The allocation whose buffer begins at or before the address.
std::map<uintptr_t, Allocation>::iterator before(uintptr_t address) {
  auto after = allocations.upper_bound(address);
  return after == allocations.begin() ? allocations.end() : std::prev(after);
}

bool margins_intact(uintptr_t address, const Allocation& allocation) {
  char* begin = (char*)address;
  char* end = begin + allocation.bytes;
  char* pages_end = allocation.pages + allocation.page_bytes;
  return is_poison(allocation.pages, (size_t)(begin - allocation.pages), allocation.number) &&
         is_poison(end, (size_t)(pages_end - end), allocation.number);
}

CUresult complain_margins(const char* who, const Allocation& allocation) {
  return complain(CUDA_ERROR_ILLEGAL_ADDRESS,
                  "%s: a write just before or behind allocation %u of %zu bytes", who,
                  allocation.number, allocation.bytes);
}

CUresult allocate(Context& context, CUdeviceptr* address, size_t bytes) {
  if (bytes == 0) {
    return complain(CUDA_ERROR_INVALID_VALUE, "cuMemAlloc: 0 bytes");
  }
  if (due(settings().fail_allocation)) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  size_t& in_use = used[context.device];
  if (bytes > settings().memory || in_use > settings().memory - bytes) {
    // Frees may be waiting in a stream.
    drain_all(context);
    if (bytes > settings().memory || in_use > settings().memory - bytes) {
      return CUDA_ERROR_OUT_OF_MEMORY;
    }
  }
  size_t body = round_up(bytes, ALIGNMENT);
  size_t page_bytes = round_up(body, PAGE);
  char* pages = range.take(page_bytes);
  if (!pages) {
    return complain(CUDA_ERROR_OUT_OF_MEMORY, "the emulator has no more addresses or mappings");
  }
  unsigned number = ++allocation_count;
  poison(pages, page_bytes, number);
  uintptr_t begin = (uintptr_t)pages + page_bytes - body;
  allocations[begin] = {pages, page_bytes, bytes, number, &context, false};
  in_use += bytes;
  *address = begin;
  return CUDA_SUCCESS;
}

CUresult release(uintptr_t address, Allocation& allocation) {
  CUresult result = CUDA_SUCCESS;
  if (!margins_intact(address, allocation)) {
    result = complain_margins("cuMemFree", allocation);
  }
  range.retire(allocation.pages, allocation.page_bytes);
  used[allocation.context->device] -= allocation.bytes;
  allocation.freed = true;
  return result;
}

CUresult free_at(Context& context, CUdeviceptr address) {
  auto found = allocations.find((uintptr_t)address);
  if (found == allocations.end() || found->second.freed) {
    return complain(CUDA_ERROR_INVALID_VALUE, "cuMemFree: %s",
                    describe_address((uintptr_t)address).c_str());
  }
  CUresult result = release(found->first, found->second);
  return result ? lose(context, result) : result;
}

bool is_pinned(const void* memory, size_t bytes) {
  auto after = pinned.upper_bound((uintptr_t)memory);
  if (after == pinned.begin()) {
    return false;
  }
  auto found = std::prev(after);
  return (uintptr_t)memory + bytes <= found->first + found->second;
}

// A copy that is queued looks at its addresses again when it runs: they may be freed by then.
CUresult recheck(const char* call, CUdeviceptr address, size_t bytes) {
  return check_device_range(call, address, bytes) ? CUDA_ERROR_ILLEGAL_ADDRESS : CUDA_SUCCESS;
}

CUresult queue(Context& context, const char* call, CUstream handle, Work work, bool wait) {
  Stream* stream = stream_of(context, handle);
  if (!stream) {
    return complain(CUDA_ERROR_INVALID_HANDLE, "%s: no such stream", call);
  }
  return enqueue(*stream, std::move(work), wait);
}

CUresult to_device(Context& context, const char* call, CUdeviceptr target, const void* source,
                   size_t bytes, CUstream stream, bool wait) {
  if (CUresult wrong = check_device_range(call, target, bytes)) {
    return wrong;
  }
  if (wait || is_pinned(source, bytes)) {
    return queue(
        context, call, stream,
        [=] {
          CUresult wrong = recheck(call, target, bytes);
          if (!wrong) {
            std::memcpy((void*)target, source, bytes);
          }
          return wrong;
        },
        wait);
  }
  // Pageable memory has been read when the call returns.
  auto staged =
      std::make_shared<std::vector<char>>((const char*)source, (const char*)source + bytes);
  return queue(
      context, call, stream,
      [=] {
        CUresult wrong = recheck(call, target, bytes);
        if (!wrong) {
          std::memcpy((void*)target, staged->data(), bytes);
        }
        return wrong;
      },
      false);
}

CUresult to_host(Context& context, const char* call, void* target, CUdeviceptr source, size_t bytes,
                 CUstream handle, bool wait) {
  if (CUresult wrong = check_device_range(call, source, bytes)) {
    return wrong;
  }
  Stream* stream = stream_of(context, handle);
  if (stream && !stream->capture && !wait && is_pinned(target, bytes)) {
    // Undefined until the copy is done: whoever reads too early sees it.
    poison(target, bytes, 0);
  }
  return queue(
      context, call, handle,
      [=] {
        CUresult wrong = recheck(call, source, bytes);
        if (!wrong) {
          std::memcpy(target, (const void*)source, bytes);
        }
        return wrong;
      },
      wait || !is_pinned(target, bytes));
}

CUresult within_device(Context& context, const char* call, CUdeviceptr target, CUdeviceptr source,
                       size_t bytes, CUstream stream) {
  CUresult wrong = check_device_range(call, target, bytes);
  wrong = wrong ? wrong : check_device_range(call, source, bytes);
  if (wrong) {
    return wrong;
  }
  if (target < source + bytes && source < target + bytes && bytes > 0) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: the ranges overlap", call);
  }
  return queue(
      context, call, stream,
      [=] {
        CUresult wrong = recheck(call, target, bytes);
        wrong = wrong ? wrong : recheck(call, source, bytes);
        if (!wrong) {
          std::memcpy((void*)target, (const void*)source, bytes);
        }
        return wrong;
      },
      false);
}

template <class T>
CUresult fill(Context& context, const char* call, CUdeviceptr target, T value, size_t count,
              CUstream stream) {
  size_t bytes = count * sizeof(T);
  if (target % sizeof(T) != 0) {
    return complain(CUDA_ERROR_INVALID_VALUE, "%s: misaligned address", call);
  }
  if (CUresult wrong = check_device_range(call, target, bytes)) {
    return wrong;
  }
  return queue(
      context, call, stream,
      [=] {
        CUresult wrong = recheck(call, target, bytes);
        for (size_t i = 0; !wrong && i < count; i++) {
          ((T*)target)[i] = value;
        }
        return wrong;
      },
      false);
}

}  // namespace

CUresult check_device_range(const char* call, CUdeviceptr address, size_t bytes) {
  auto found = before((uintptr_t)address);
  if (found != allocations.end() && !found->second.freed &&
      address + bytes <= found->first + found->second.bytes) {
    return CUDA_SUCCESS;
  }
  return complain(CUDA_ERROR_INVALID_VALUE, "%s: %zu bytes at %#llx: %s", call, bytes, address,
                  describe_address((uintptr_t)address).c_str());
}

void free_all(Context& context) {
  for (auto& [address, allocation] : allocations) {
    if (allocation.context == &context && !allocation.freed) {
      release(address, allocation);
    }
  }
}

std::string describe_address(uintptr_t address) {
  constexpr uintptr_t NEAR = 1 << 20;
  char text[160];
  auto found = before(address);
  if (found != allocations.end()) {
    const Allocation& allocation = found->second;
    uintptr_t offset = address - found->first;
    if (offset < allocation.bytes || (offset < NEAR && std::next(found) == allocations.end()) ||
        (offset < NEAR && std::next(found)->first - address > offset)) {
      snprintf(text, sizeof text, "at byte %zu of allocation %u of %zu bytes%s", offset,
               allocation.number, allocation.bytes, allocation.freed ? ", which was freed" : "");
      return text;
    }
  }
  auto after = allocations.upper_bound(address);
  if (after != allocations.end() && after->first - address < NEAR) {
    snprintf(text, sizeof text, "%zu bytes before allocation %u of %zu bytes%s",
             after->first - address, after->second.number, after->second.bytes,
             after->second.freed ? ", which was freed" : "");
    return text;
  }
  snprintf(text, sizeof text, "%#zx is not near any allocation", address);
  return text;
}

CUresult check_margins(const char* who, const uint64_t* words, size_t count) {
  for (size_t i = 0; i < count; i++) {
    auto found = before(words[i]);
    if (found != allocations.end() && !found->second.freed &&
        words[i] <= found->first + found->second.bytes &&
        !margins_intact(found->first, found->second)) {
      return complain_margins(who, found->second);
    }
  }
  return CUDA_SUCCESS;
}

}  // namespace emulator

using namespace emulator;

EMULATOR_API cuMemGetInfo_v2(size_t* free_bytes, size_t* total) {
  return in_context(__func__, [&](Context& context) {
    size_t in_use = used[context.device];
    *total = settings().memory;
    *free_bytes = *total > in_use ? *total - in_use : 0;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  return not_capturing(__func__,
                       [&](Context& context) { return allocate(context, address, bytes); });
}

// Other streams' work is waited for, as CUDA does.
EMULATOR_API cuMemFree_v2(CUdeviceptr address) {
  return not_capturing(__func__, [&](Context& context) {
    if (address == 0) {
      return CUDA_SUCCESS;
    }
    CUresult result = drain_all(context);
    return result ? result : free_at(context, address);
  });
}

EMULATOR_API cuMemAllocAsync(CUdeviceptr* address, size_t bytes, CUstream) {
  return not_capturing(__func__,
                       [&](Context& context) { return allocate(context, address, bytes); });
}

EMULATOR_API cuMemFreeAsync(CUdeviceptr address, CUstream stream) {
  return in_context(__func__, [&](Context& context) {
    return queue(
        context, "cuMemFreeAsync", stream,
        [&context, address] { return free_at(context, address); }, false);
  });
}

EMULATOR_API cuMemGetAddressRange_v2(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  return in_context(__func__, [&](Context&) {
    CUresult wrong = check_device_range("cuMemGetAddressRange", address, 0);
    if (!wrong) {
      auto found = before((uintptr_t)address);
      *base = found->first;
      *bytes = found->second.bytes;
    }
    return wrong;
  });
}

EMULATOR_API cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
  return in_context(__func__, [&](Context&) {
    size_t mapped = round_up(bytes, PAGE);
    void* pages =
        bytes ? mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
              : MAP_FAILED;
    if (pages == MAP_FAILED) {
      return bytes ? CUDA_ERROR_OUT_OF_MEMORY : CUDA_ERROR_INVALID_VALUE;
    }
    poison(pages, mapped, 0);
    pinned[(uintptr_t)pages] = bytes;
    *memory = pages;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuMemAllocHost_v2(void** memory, size_t bytes) {
  return cuMemHostAlloc(memory, bytes, 0);
}

EMULATOR_API cuMemFreeHost(void* memory) {
  return in_context(__func__, [&](Context& context) {
    auto found = pinned.find((uintptr_t)memory);
    if (found == pinned.end()) {
      return complain(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost: %p is not pinned memory", memory);
    }
    CUresult result = drain_all(context);
    munmap(memory, round_up(found->second, PAGE));
    pinned.erase(found);
    return result;
  });
}

EMULATOR_API cuMemHostRegister_v2(void* memory, size_t bytes, unsigned) {
  return in_context(__func__, [&](Context&) {
    if (is_pinned(memory, bytes)) {
      return CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED;
    }
    pinned[(uintptr_t)memory] = bytes;
    return CUDA_SUCCESS;
  });
}

EMULATOR_API cuMemHostUnregister(void* memory) {
  return in_context(__func__, [&](Context& context) {
    CUresult result = drain_all(context);
    return pinned.erase((uintptr_t)memory) ? result : CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED;
  });
}

EMULATOR_API cuMemHostGetDevicePointer_v2(CUdeviceptr* address, void* memory, unsigned) {
  return in_context(__func__, [&](Context&) {
    *address = (CUdeviceptr)memory;
    return is_pinned(memory, 1) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}

EMULATOR_API cuMemcpyHtoD_v2(CUdeviceptr target, const void* source, size_t bytes) {
  return not_capturing(__func__, [&](Context& context) {
    return to_device(context, "cuMemcpyHtoD", target, source, bytes, nullptr, true);
  });
}

EMULATOR_API cuMemcpyHtoDAsync_v2(CUdeviceptr target, const void* source, size_t bytes,
                                  CUstream stream) {
  return in_context(__func__, [&](Context& context) {
    return to_device(context, "cuMemcpyHtoDAsync", target, source, bytes, stream, false);
  });
}

EMULATOR_API cuMemcpyDtoH_v2(void* target, CUdeviceptr source, size_t bytes) {
  return not_capturing(__func__, [&](Context& context) {
    return to_host(context, "cuMemcpyDtoH", target, source, bytes, nullptr, true);
  });
}

EMULATOR_API cuMemcpyDtoHAsync_v2(void* target, CUdeviceptr source, size_t bytes, CUstream stream) {
  return in_context(__func__, [&](Context& context) {
    return to_host(context, "cuMemcpyDtoHAsync", target, source, bytes, stream, false);
  });
}

EMULATOR_API cuMemcpyDtoD_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes) {
  return not_capturing(__func__, [&](Context& context) {
    return within_device(context, "cuMemcpyDtoD", target, source, bytes, nullptr);
  });
}

EMULATOR_API cuMemcpyDtoDAsync_v2(CUdeviceptr target, CUdeviceptr source, size_t bytes,
                                  CUstream stream) {
  return in_context(__func__, [&](Context& context) {
    return within_device(context, "cuMemcpyDtoDAsync", target, source, bytes, stream);
  });
}

#define EMULATOR_MEMSET(BITS, T)                                                        \
  EMULATOR_API cuMemsetD##BITS##Async(CUdeviceptr target, T value, size_t count,        \
                                      CUstream stream) {                                \
    return in_context(__func__, [&](Context& context) {                                 \
      return fill<T>(context, "cuMemsetD" #BITS "Async", target, value, count, stream); \
    });                                                                                 \
  }                                                                                     \
  EMULATOR_API cuMemsetD##BITS##_v2(CUdeviceptr target, T value, size_t count) {        \
    return not_capturing(__func__, [&](Context& context) {                              \
      return fill<T>(context, "cuMemsetD" #BITS, target, value, count, nullptr);        \
    });                                                                                 \
  }
EMULATOR_MEMSET(8, unsigned char)
EMULATOR_MEMSET(16, unsigned short)
EMULATOR_MEMSET(32, unsigned)
