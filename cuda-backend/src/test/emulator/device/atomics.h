// Atomic operations. They are atomic among workers as well: blocks run at the same time.
#pragma once

template <class T, class F>
static inline T emulator_update(T* target, F next) {
  using Word = std::conditional_t<sizeof(T) == 8, uint64_t,
                                  std::conditional_t<sizeof(T) == 4, uint32_t, uint16_t>>;
  static_assert(sizeof(T) == sizeof(Word));
  Word* word = reinterpret_cast<Word*>(target);
  Word before = __atomic_load_n(word, __ATOMIC_RELAXED);
  for (;;) {
    T value = emulator_bits<T>(before);
    Word after = emulator_bits<Word>((T)next(value));
    if (__atomic_compare_exchange_n(word, &before, after, false, __ATOMIC_SEQ_CST,
                                    __ATOMIC_RELAXED)) {
      return value;
    }
  }
}

// Takes part in the choice of T only through the target, as CUDA's overloads do.
template <class T>
using EmulatorOperand = std::common_type_t<T>;

#define EMULATOR_ATOMIC(NAME, RESULT)                                       \
  template <class T>                                                        \
  static inline T NAME(T* target, EmulatorOperand<T> value) {               \
    return emulator_update(target, [value](T old) -> T { return RESULT; }); \
  }                                                                         \
  template <class T>                                                        \
  static inline T NAME##_block(T* target, EmulatorOperand<T> value) {       \
    return NAME(target, value);                                             \
  }
EMULATOR_ATOMIC(atomicAdd, old + value)
EMULATOR_ATOMIC(atomicSub, old - value)
EMULATOR_ATOMIC(atomicMin, value < old ? value : old)
EMULATOR_ATOMIC(atomicMax, value > old ? value : old)
EMULATOR_ATOMIC(atomicAnd, old& value)
EMULATOR_ATOMIC(atomicOr, old | value)
EMULATOR_ATOMIC(atomicXor, old ^ value)
EMULATOR_ATOMIC(atomicExch, ((void)old, value))
EMULATOR_ATOMIC(atomicInc, old >= value ? 0 : old + 1)
EMULATOR_ATOMIC(atomicDec, old == 0 || old > value ? value : old - 1)

template <class T>
static inline T atomicCAS(T* target, EmulatorOperand<T> expected, EmulatorOperand<T> value) {
  static_assert(std::is_integral_v<T>, "atomicCAS: integers only");
  T found = expected;
  __atomic_compare_exchange_n(target, &found, (T)value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return found;
}
