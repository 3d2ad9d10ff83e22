// What a test can ask the emulator to be or to do wrong; README.md lists the names.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

namespace emulator {

struct Settings {
  long devices = 1;
  // Compute capabilities by device; the last one stands for all that follow.
  std::vector<int> compute{90};
  long driver_version = 13000;
  // Highest PTX version taken, times 10.
  long ptx = 90;
  size_t memory = (size_t)2 << 30;

  // Countdowns: 1 is the next one, 0 never.
  long fail_allocation = 0;
  long fail_launch = 0;
  long fail_launch_late = 0;
  long lose_context = 0;
  // Calls that fail, by name: the code, and the countdown (0: each time).
  struct Call {
    int code;
    long countdown;
  };
  std::map<std::string, Call> fail_call;

  bool eager = false;
  bool log = false;
  std::string order = "alternate";
  long seed = 0;
  long workers = 0;
  double timeout = 60;
  std::string kernels;

  // Returns false, and says so on stderr, if there is no such name or no such value. An empty value
  // stands for the default.
  bool set(const std::string& name, const std::string& value);
};

// What the environment and the control file say, and emulator_set() after them. Call with the
// driver's lock held.
Settings& settings();

// Reads the control file again if it has changed.
void refresh_settings();

// Counts one down; returns whether this is the one that is to fail.
bool due(long& countdown);

}  // namespace emulator
