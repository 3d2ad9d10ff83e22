#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

extern char** environ;

namespace emulator {
namespace {

const std::string PREFIX = "QUERN_EMULATOR_";

long to_long(const std::string& text) {
  size_t used = 0;
  long value = std::stol(text, &used);
  if (used != text.size()) {
    throw std::invalid_argument(text);
  }
  return value;
}

// A number of bytes, with k, m or g behind it if need be.
size_t to_bytes(std::string text) {
  int shift = 0;
  switch (text.empty() ? 0 : text.back()) {
    case 'k':
      shift = 10;
      break;
    case 'm':
      shift = 20;
      break;
    case 'g':
      shift = 30;
      break;
  }
  if (shift) {
    text.pop_back();
  }
  return (size_t)to_long(text) << shift;
}

// "8.3" is 83.
long to_version(const std::string& text) {
  size_t dot = text.find('.');
  if (dot == std::string::npos || text.size() != dot + 2) {
    throw std::invalid_argument(text);
  }
  return to_long(text.substr(0, dot)) * 10 + to_long(text.substr(dot + 1));
}

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::stringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    parts.push_back(part);
  }
  return parts;
}

std::vector<int> to_compute(const std::string& text) {
  std::vector<int> all;
  for (const std::string& part : split(text, ',')) {
    all.push_back((int)to_long(part));
  }
  if (all.empty()) {
    throw std::invalid_argument(text);
  }
  return all;
}

// "cuMemAlloc_v2=2@3,cuLaunchKernel=700": the code, and which call (without: each).
std::map<std::string, Settings::Call> to_calls(const std::string& text) {
  std::map<std::string, Settings::Call> calls;
  for (const std::string& part : split(text, ',')) {
    size_t equals = part.find('=');
    if (equals == std::string::npos) {
      throw std::invalid_argument(part);
    }
    std::vector<std::string> value = split(part.substr(equals + 1), '@');
    calls[part.substr(0, equals)] = {(int)to_long(value.at(0)),
                                     value.size() > 1 ? to_long(value[1]) : 0};
  }
  return calls;
}

std::string to_order(const std::string& text) {
  if (text != "alternate" && text != "forward" && text != "reversed") {
    throw std::invalid_argument(text);
  }
  return text;
}

template <class T>
std::function<void(Settings&, const std::string*)> field(T Settings::* member,
                                                         T (*parse)(const std::string&)) {
  return [=](Settings& settings, const std::string* text) {
    settings.*member = text ? parse(*text) : Settings().*member;
  };
}

template <class T>
T to_flag(const std::string& text) {
  return to_long(text) != 0;
}

using Setter = std::function<void(Settings&, const std::string*)>;

const std::map<std::string, Setter>& setters() {
  static auto& all = *new std::map<std::string, Setter>{
      {"DEVICES", field(&Settings::devices, to_long)},
      {"COMPUTE", field(&Settings::compute, to_compute)},
      {"DRIVER_VERSION", field(&Settings::driver_version, to_long)},
      {"PTX", field(&Settings::ptx, to_version)},
      {"MEMORY",
       field<size_t>(&Settings::memory, [](const std::string& t) { return to_bytes(t); })},
      {"FAIL_ALLOCATION", field(&Settings::fail_allocation, to_long)},
      {"FAIL_LAUNCH", field(&Settings::fail_launch, to_long)},
      {"FAIL_LAUNCH_LATE", field(&Settings::fail_launch_late, to_long)},
      {"LOSE_CONTEXT", field(&Settings::lose_context, to_long)},
      {"FAIL_CALL", field(&Settings::fail_call, to_calls)},
      {"EAGER", field(&Settings::eager, to_flag<bool>)},
      {"LOG", field(&Settings::log, to_flag<bool>)},
      {"ORDER", field(&Settings::order, to_order)},
      {"SEED", field(&Settings::seed, to_long)},
      {"WORKERS", field(&Settings::workers, to_long)},
      {"TIMEOUT",
       field<double>(&Settings::timeout, [](const std::string& t) { return std::stod(t); })},
      {"KERNELS", field<std::string>(&Settings::kernels, [](const std::string& t) { return t; })},
  };
  return all;
}

void read_environment(Settings& settings) {
  for (char** entry = environ; *entry; entry++) {
    std::string text = *entry;
    size_t equals = text.find('=');
    if (equals == std::string::npos || text.compare(0, PREFIX.size(), PREFIX) != 0) {
      continue;
    }
    std::string name = text.substr(PREFIX.size(), equals - PREFIX.size());
    // The last two are for `build`.
    if (name != "CONTROL" && name != "JOBS" && name != "CHECKS") {
      settings.set(name, text.substr(equals + 1));
    }
  }
}

}  // namespace

bool Settings::set(const std::string& name, const std::string& value) {
  auto setter = setters().find(name);
  if (setter == setters().end()) {
    fprintf(stderr, "cuda-emulator: there is no setting %s\n", name.c_str());
    return false;
  }
  try {
    setter->second(*this, value.empty() ? nullptr : &value);
    return true;
  } catch (const std::exception&) {
    fprintf(stderr, "cuda-emulator: setting %s cannot be '%s'\n", name.c_str(), value.c_str());
    return false;
  }
}

Settings& settings() {
  static Settings& instance = *[] {
    auto* created = new Settings();
    read_environment(*created);
    return created;
  }();
  return instance;
}

void refresh_settings() {
  static const char* path = getenv("QUERN_EMULATOR_CONTROL");
  static std::string& last = *new std::string();
  if (!path) {
    return;
  }
  std::ifstream file(path);
  std::stringstream content;
  if (file) {
    content << file.rdbuf();
  }
  std::string text = content.str();
  // A file without its last newline is still being written.
  if (text == last || (!text.empty() && text.back() != '\n')) {
    return;
  }
  last = text;
  settings() = Settings();
  read_environment(settings());
  for (const std::string& line : split(text, '\n')) {
    size_t equals = line.find('=');
    if (equals == std::string::npos) {
      if (!line.empty()) {
        fprintf(stderr, "cuda-emulator: not NAME=VALUE in the control file: %s\n", line.c_str());
      }
      continue;
    }
    settings().set(line.substr(0, equals), line.substr(equals + 1));
  }
}

bool due(long& countdown) { return countdown > 0 && --countdown == 0; }

}  // namespace emulator
