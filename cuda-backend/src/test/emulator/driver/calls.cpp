// What all calls have in common, and the errors' names.
#include <cstdarg>

#include "driver.h"

namespace emulator {
namespace {

// Never destroyed: calls may come while the process exits.
std::recursive_mutex& driver_lock = *new std::recursive_mutex;

CUresult begin(const char* name) {
  refresh_settings();
  if (settings().log) {
    fprintf(stderr, "cuda-emulator: call %s\n", name);
  }
  auto& failing = settings().fail_call;
  auto found = failing.find(name);
  if (found == failing.end()) {
    return CUDA_SUCCESS;
  }
  CUresult code = found->second.code;
  if (found->second.countdown == 0) {
    return code;
  }
  if (due(found->second.countdown)) {
    failing.erase(found);
    return code;
  }
  return CUDA_SUCCESS;
}

}  // namespace

CUresult complain(CUresult code, const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  fprintf(stderr, "cuda-emulator: %s\n", text);
  return code;
}

CUresult any_time(const char* name, const std::function<CUresult()>& body) {
  std::lock_guard<std::recursive_mutex> lock(driver_lock);
  CUresult failure = begin(name);
  return failure ? failure : body();
}

CUresult initialized(const char* name, const std::function<CUresult()>& body) {
  return any_time(name, [&] { return is_initialized() ? body() : CUDA_ERROR_NOT_INITIALIZED; });
}

CUresult on_device(const char* name, CUdevice device, const std::function<CUresult()>& body) {
  return initialized(name, [&] {
    return device >= 0 && device < settings().devices ? body() : CUDA_ERROR_INVALID_DEVICE;
  });
}

CUresult in_context(const char* name, const std::function<CUresult(Context&)>& body) {
  return initialized(name, [&]() -> CUresult {
    Context* context = current_context();
    if (!context) {
      return complain(CUDA_ERROR_INVALID_CONTEXT, "%s: this thread has no current context", name);
    }
    if (due(settings().lose_context)) {
      lose(*context, CUDA_ERROR_LAUNCH_FAILED);
    }
    return context->lost ? context->lost : body(*context);
  });
}

CUresult not_capturing(const char* name, const std::function<CUresult(Context&)>& body) {
  return in_context(name, [&](Context& context) {
    for (auto& [handle, stream] : context.streams) {
      if (stream->capture && stream->capture_mode != 2) {
        stream->capture_broken = true;
        return complain(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "%s: a stream is capturing", name);
      }
    }
    return body(context);
  });
}

}  // namespace emulator

using namespace emulator;

EMULATOR_API cuGetErrorName(CUresult code, const char** name) {
  switch (code) {
#define EMULATOR_NAME(CODE, NAME, TEXT) \
  case CODE:                            \
    *name = #NAME;                      \
    return CUDA_SUCCESS;
    EMULATOR_RESULTS(EMULATOR_NAME)
  }
  *name = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

EMULATOR_API cuGetErrorString(CUresult code, const char** text) {
  switch (code) {
#define EMULATOR_TEXT(CODE, NAME, TEXT) \
  case CODE:                            \
    *text = TEXT;                       \
    return CUDA_SUCCESS;
    EMULATOR_RESULTS(EMULATOR_TEXT)
  }
  *text = nullptr;
  return CUDA_ERROR_INVALID_VALUE;
}

// Sets what README.md lists, from a test in C++; null or "" restores the default.
EMULATOR_API emulator_set(const char* name, const char* value) {
  return any_time("emulator_set", [&] {
    return settings().set(name, value ? value : "") ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
  });
}
