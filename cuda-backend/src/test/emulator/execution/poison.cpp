#include "execution.h"

namespace emulator {
namespace {

// The byte at an odd address is 0xff, that at an even one 0xf1 to 0xff.
unsigned char poison_byte(uintptr_t address, unsigned variant) {
  return address & 1 ? 0xff : (unsigned char)(0xf1 + variant % 15);
}

}  // namespace

void poison(void* memory, size_t bytes, unsigned variant) {
  auto* p = (unsigned char*)memory;
  auto* end = p + bytes;
  while (p < end && ((uintptr_t)p & 7)) {
    *p = poison_byte((uintptr_t)p, variant);
    p++;
  }
  uint64_t word = 0x0001000100010001u * (0xff00u | poison_byte(0, variant));
  for (; end - p >= 8; p += 8) {
    std::memcpy(p, &word, 8);
  }
  for (; p < end; p++) {
    *p = poison_byte((uintptr_t)p, variant);
  }
}

bool is_poison(const void* memory, size_t bytes, unsigned variant) {
  auto* p = (const unsigned char*)memory;
  for (size_t i = 0; i < bytes; i++) {
    if (p[i] != poison_byte((uintptr_t)(p + i), variant)) {
      return false;
    }
  }
  return true;
}

}  // namespace emulator
