// Shuffles, votes and reductions of a warp.
#pragma once

static inline void __syncwarp(unsigned mask = 0xffffffffu, int line = __builtin_LINE()) {
  emulator_ballot(mask, 0, line);
}

static inline unsigned __ballot_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return emulator_ballot(mask, predicate, line);
}

static inline int __any_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return emulator_ballot(mask, predicate, line) != 0;
}

static inline int __all_sync(unsigned mask, int predicate, int line = __builtin_LINE()) {
  return emulator_ballot(mask, !predicate, line) == 0;
}

template <class T>
static inline T emulator_shuffle_value(unsigned mask, T value, unsigned source, int line) {
  static_assert(sizeof(T) <= 8 && std::is_trivially_copyable_v<T>, "shuffle: type");
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  bits = emulator_shuffle(mask, bits, source, line);
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

// The lanes are in groups of `width`; a source outside the lane's own group gives its own value.
template <class T>
static inline T __shfl_sync(unsigned mask, T value, int source, int width = 32,
                            int line = __builtin_LINE()) {
  unsigned first = emulator_thread.lane & ~(unsigned)(width - 1);
  return emulator_shuffle_value(mask, value, first | (source & (width - 1)), line);
}

template <class T>
static inline T __shfl_up_sync(unsigned mask, T value, unsigned delta, int width = 32,
                               int line = __builtin_LINE()) {
  unsigned lane = emulator_thread.lane;
  bool inside = (lane & (width - 1)) >= delta;
  return emulator_shuffle_value(mask, value, inside ? lane - delta : lane, line);
}

template <class T>
static inline T __shfl_down_sync(unsigned mask, T value, unsigned delta, int width = 32,
                                 int line = __builtin_LINE()) {
  unsigned lane = emulator_thread.lane;
  bool inside = (lane & (width - 1)) + delta < (unsigned)width;
  return emulator_shuffle_value(mask, value, inside ? lane + delta : lane, line);
}

template <class T>
static inline T __shfl_xor_sync(unsigned mask, T value, int lanes, int width = 32,
                                int line = __builtin_LINE()) {
  unsigned lane = emulator_thread.lane;
  unsigned source = lane ^ (unsigned)lanes;
  bool inside = (source & ~(unsigned)(width - 1)) <= (lane & ~(unsigned)(width - 1));
  return emulator_shuffle_value(mask, value, inside ? source : lane, line);
}

template <class T, class F>
static inline T emulator_reduce(unsigned mask, T value, F combine, int line) {
  T all[32];
  emulator_gather(value, all, mask, line);
  T result = value;
  for (unsigned lane = 0; lane < 32; lane++) {
    if ((mask >> lane & 1) && lane != emulator_thread.lane) {
      result = combine(result, all[lane]);
    }
  }
  return result;
}

#define EMULATOR_REDUCE(NAME, T, RESULT)                                             \
  static inline T NAME(unsigned mask, T value, int line = __builtin_LINE()) {        \
    return emulator_reduce(mask, value, [](T a, T b) -> T { return RESULT; }, line); \
  }
EMULATOR_REDUCE(__reduce_add_sync, unsigned, a + b)
EMULATOR_REDUCE(__reduce_add_sync, int, (int)((unsigned)a + (unsigned)b))
EMULATOR_REDUCE(__reduce_min_sync, unsigned, a < b ? a : b)
EMULATOR_REDUCE(__reduce_min_sync, int, a < b ? a : b)
EMULATOR_REDUCE(__reduce_max_sync, unsigned, a > b ? a : b)
EMULATOR_REDUCE(__reduce_max_sync, int, a > b ? a : b)
EMULATOR_REDUCE(__reduce_and_sync, unsigned, a& b)
EMULATOR_REDUCE(__reduce_or_sync, unsigned, a | b)
EMULATOR_REDUCE(__reduce_xor_sync, unsigned, a ^ b)

// Which lanes have the same value.
template <class T>
static inline unsigned __match_any_sync(unsigned mask, T value, int line = __builtin_LINE()) {
  T all[32];
  emulator_gather(value, all, mask, line);
  unsigned same = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    if ((mask >> lane & 1) && std::memcmp(&all[lane], &value, sizeof(T)) == 0) {
      same |= 1u << lane;
    }
  }
  return same;
}
