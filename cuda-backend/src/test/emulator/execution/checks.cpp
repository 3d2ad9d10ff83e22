// What -fsanitize calls when a check in a kernel fails: the kernel ends there. These are the names
// and arguments that the compiler knows from its own runtime library.
#include "worker.h"

using emulator::Worker;

namespace {

// What every description that the compiler passes begins with.
struct Location {
  const char* file;
  uint32_t line;
  uint32_t column;
};

[[noreturn]] void fail(const void* description, int code, const char* what) {
  auto* location = (const Location*)description;
  const char* file = location->file ? location->file : "?";
  const char* slash = strrchr(file, '/');
  Worker::current->fail(code, "%s:%u: %s", slash ? slash + 1 : file, location->line, what);
}

}  // namespace

#define CHECK_FAILED(NAME, CODE, WHAT, ...)                                     \
  extern "C" __attribute__((visibility("default"))) void __ubsan_handle_##NAME( \
      const void* description __VA_OPT__(, ) __VA_ARGS__) {                     \
    fail(description, CODE, WHAT);                                              \
  }

CHECK_FAILED(out_of_bounds_abort, 700, "index out of the array's bounds", void*)
CHECK_FAILED(type_mismatch_v1_abort, 716, "misaligned access", void*)
CHECK_FAILED(shift_out_of_bounds_abort, 719, "shift by the type's width or more", void*, void*)
CHECK_FAILED(float_cast_overflow_abort, 719, "conversion to an integer type that cannot hold it",
             void*)
CHECK_FAILED(divrem_overflow_abort, 719, "integer division by zero", void*, void*)
