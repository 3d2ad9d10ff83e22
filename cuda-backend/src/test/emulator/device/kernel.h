// How a compiled kernel is found: EMULATOR_KERNEL(name) exports a description of it that the
// stand-in driver looks up by the name of the PTX entry. `build` writes these lines.
#pragma once

struct EmulatorKernel {
  void (*invoke)(void* const* parameters);
  unsigned parameters;
  const unsigned* sizes;
};

template <auto Function>
struct EmulatorEntry;

template <class... P, void (*Function)(P...)>
struct EmulatorEntry<Function> {
  // One element more, since there may be no parameter.
  static constexpr unsigned sizes[] = {(unsigned)sizeof(P)..., 0};

  template <size_t... I>
  static void call(void* const* parameters, std::index_sequence<I...>) {
    Function(*(std::remove_reference_t<P>*)parameters[I]...);
  }

  static void invoke(void* const* parameters) { call(parameters, std::index_sequence_for<P...>()); }
};

#define EMULATOR_EXPORT extern "C" __attribute__((visibility("default")))

#define EMULATOR_KERNEL(name)                                                                    \
  EMULATOR_EXPORT const EmulatorKernel emulator_kernel_##name;                                   \
  const EmulatorKernel emulator_kernel_##name = {                                                \
      &EmulatorEntry<&name>::invoke, sizeof(EmulatorEntry<&name>::sizes) / sizeof(unsigned) - 1, \
      EmulatorEntry<&name>::sizes};

// Once per library: touching a thread-local variable makes the system allocate the shared memory of
// the calling worker, which is then poisoned before each block.
#define EMULATOR_LIBRARY()                       \
  EMULATOR_EXPORT void* emulator_touch_shared(); \
  void* emulator_touch_shared() {                \
    static thread_local char touched;            \
    return &touched;                             \
  }
