// What the emulator reads of PTX text. The instructions are not executed: each entry stands for a
// kernel that a C++ compiler has built.
#pragma once

#include <string>
#include <vector>

namespace emulator {

struct PtxEntry {
  std::string name;
  std::vector<unsigned> parameter_bytes;
  // 0 if the text sets no limit.
  unsigned max_threads = 0;
  unsigned static_shared_bytes = 0;
};

struct Ptx {
  // Times 10.
  int version = 0;
  int target = 0;
  // sm_90a and its like run on that very capability only.
  bool exact_target = false;
  std::string target_name;
  std::vector<PtxEntry> entries;
};

// Throws std::runtime_error with what a JIT compiler's log might say.
Ptx parse_ptx(const std::string& text);

}  // namespace emulator
