// Runs the emulator's own tests: selftest PTX_FOLDER [NAME_PART]
#include "selftest.h"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace {

std::string ptx_folder;
FILE* captured;
int real_stderr;

// The emulator's messages go to a file, so that tests can look at them.
void capture_stderr() {
  real_stderr = dup(2);
  captured = tmpfile();
  dup2(fileno(captured), 2);
}

std::string last_messages;

}  // namespace

std::string messages() {
  fflush(stderr);
  lseek(fileno(captured), 0, SEEK_SET);
  std::string text;
  char part[4096];
  for (ssize_t got; (got = read(fileno(captured), part, sizeof part)) > 0;) {
    text.append(part, (size_t)got);
  }
  lseek(fileno(captured), 0, SEEK_SET);
  if (ftruncate(fileno(captured), 0) != 0) {
    throw TestFailure("cannot empty the file of messages");
  }
  return text;
}

void expect_message(const std::string& part) {
  std::string text = messages();
  if (text.find(part) == std::string::npos) {
    throw TestFailure("no '" + part + "' in: " + text);
  }
}

void expect_true(bool condition, const char* expression, const char* file, int line) {
  if (!condition) {
    throw TestFailure(std::string(file) + ":" + std::to_string(line) + ": not so: " + expression);
  }
}

void expect_code(int code, int expected, const char* expression, const char* file, int line) {
  if (code != expected) {
    throw TestFailure(std::string(file) + ":" + std::to_string(line) + ": " + expression +
                      " returned " + std::to_string(code) + " instead of " +
                      std::to_string(expected) + "; " + messages());
  }
}

std::string ptx(const std::string& family, const std::string& arch) {
  std::string path = ptx_folder + "/" + family + "." + arch + ".ptx";
  std::ifstream file(path);
  if (!file) {
    throw TestFailure("cannot read " + path);
  }
  std::stringstream content;
  content << file.rdbuf();
  return content.str();
}

Gpu::Gpu() {
  OK(cuInit(0));
  void* context;
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSetCurrent(context));
}

Gpu::~Gpu() {
  cuDevicePrimaryCtxRelease_v2(0);
  cuCtxSetCurrent(nullptr);
}

void* Gpu::function(const std::string& family, const std::string& name) {
  void*& module = family == "right" ? right_ : faulty_;
  if (!module) {
    OK(cuModuleLoadData(&module, ptx(family).c_str()));
  }
  void* function;
  OK(cuModuleGetFunction(&function, module, name.c_str()));
  return function;
}

int Gpu::launch(const std::string& family, const std::string& name, Shape shape,
                Arguments arguments, void* stream) {
  void* parameters[] = {&arguments};
  return cuLaunchKernel(function(family, name), shape.blocks, shape.blocks_y, 1, shape.threads, 1,
                        1, shape.dynamic_bytes, stream, parameters, nullptr);
}

int Gpu::run(const std::string& family, const std::string& name, Shape shape, Arguments arguments) {
  int code = launch(family, name, shape, arguments);
  return code ? code : cuCtxSynchronize();
}

Address Gpu::allocate(size_t bytes) {
  Address address;
  OK(cuMemAlloc_v2(&address, bytes));
  return address;
}

int main(int count, char** arguments) {
  if (count < 2) {
    fprintf(stderr, "selftest PTX_FOLDER [NAME_PART]\n");
    return 2;
  }
  ptx_folder = arguments[1];
  std::string part = count > 2 ? arguments[2] : "";
  capture_stderr();
  char control[] = "/tmp/emulator-control-XXXXXX";
  close(mkstemp(control));
  setenv("QUERN_EMULATOR_CONTROL", control, 1);
  int failures = 0;
  int passed = 0;
  auto start = std::chrono::steady_clock::now();
  for (const auto& tests : {right_tests(), fault_tests(), driver_tests()}) {
    for (const Test& test : tests) {
      if (std::string(test.name).find(part) == std::string::npos) {
        continue;
      }
      try {
        messages();
        test.body();
        passed++;
      } catch (const std::exception& failure) {
        dprintf(real_stderr, "FAILED %s: %s\n", test.name, failure.what());
        failures++;
      }
    }
  }
  std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
  unlink(control);
  printf("%d tests passed, %d failed, %.1f s\n", passed, failures, time.count());
  return failures || !passed;
}
