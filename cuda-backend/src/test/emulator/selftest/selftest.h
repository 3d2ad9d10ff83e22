// What the tests of the emulator share: the driver's functions as a program would link them, and
// helpers that stop the test that runs when something is not as it should be.
#pragma once

#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

using Address = unsigned long long;

extern "C" {
int cuInit(unsigned);
int cuDriverGetVersion(int*);
int cuGetErrorName(int, const char**);
int cuGetErrorString(int, const char**);
int cuDeviceGetCount(int*);
int cuDeviceGet(int*, int);
int cuDeviceComputeCapability(int*, int*, int);
int cuDevicePrimaryCtxRetain(void**, int);
int cuDevicePrimaryCtxRelease_v2(int);
int cuCtxSetCurrent(void*);
int cuCtxGetCurrent(void**);
int cuCtxSynchronize();
int cuCtxAttach(void**, unsigned);
int cuMemGetInfo_v2(size_t*, size_t*);
int cuMemAlloc_v2(Address*, size_t);
int cuMemFree_v2(Address);
int cuMemFreeAsync(Address, void*);
int cuMemHostAlloc(void**, size_t, unsigned);
int cuMemFreeHost(void*);
int cuMemcpyHtoD_v2(Address, const void*, size_t);
int cuMemcpyDtoH_v2(void*, Address, size_t);
int cuMemcpyHtoDAsync_v2(Address, const void*, size_t, void*);
int cuMemcpyDtoHAsync_v2(void*, Address, size_t, void*);
int cuMemcpyDtoDAsync_v2(Address, Address, size_t, void*);
int cuMemsetD8Async(Address, unsigned char, size_t, void*);
int cuMemsetD32_v2(Address, unsigned, size_t);
int cuModuleLoadData(void**, const void*);
int cuModuleLoadDataEx(void**, const void*, unsigned, int*, void**);
int cuModuleUnload(void*);
int cuModuleGetFunction(void**, void*, const char*);
int cuFuncGetAttribute(int*, int, void*);
int cuFuncSetAttribute(void*, int, int);
int cuOccupancyMaxActiveBlocksPerMultiprocessor(int*, void*, int, size_t);
int cuLaunchKernel(void*, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned,
                   void*, void**, void**);
int cuStreamCreate(void**, unsigned);
int cuStreamDestroy_v2(void*);
int cuStreamSynchronize(void*);
int cuStreamQuery(void*);
int cuStreamWaitEvent(void*, void*, unsigned);
int cuStreamBeginCapture_v2(void*, int);
int cuStreamEndCapture(void*, void**);
int cuGraphInstantiateWithFlags(void**, void*, unsigned long long);
int cuGraphLaunch(void*, void*);
int cuGraphDestroy(void*);
int cuGraphExecDestroy(void*);
int cuEventCreate(void**, unsigned);
int cuEventDestroy_v2(void*);
int cuEventRecord(void*, void*);
int cuEventSynchronize(void*);
int cuEventQuery(void*);
int cuEventElapsedTime(float*, void*, void*);
int emulator_set(const char*, const char*);
}

struct TestFailure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void expect_true(bool condition, const char* expression, const char* file, int line);
void expect_code(int code, int expected, const char* expression, const char* file, int line);

#define EXPECT(condition) expect_true((condition), #condition, __FILE__, __LINE__)
#define EXPECT_CODE(expected, call) expect_code((call), (expected), #call, __FILE__, __LINE__)
#define OK(call) EXPECT_CODE(0, call)

// What the emulator has said on stderr since the last call.
std::string messages();
// Stops the test unless the emulator has just said this.
void expect_message(const std::string& part);

// The PTX of a family for an architecture.
std::string ptx(const std::string& family, const std::string& arch = "80");

// The parameter of all kernels (cuda/prelude.h).
struct Arguments {
  Address a = 0;
  Address b = 0;
  Address out = 0;
  long long n = 0;
  long long m = 0;
};

struct Shape {
  unsigned blocks = 1;
  unsigned threads = 32;
  unsigned dynamic_bytes = 0;
  unsigned blocks_y = 1;
};

// A device that is open as long as this lives.
class Gpu {
 public:
  Gpu();
  ~Gpu();

  void* function(const std::string& family, const std::string& name);
  int launch(const std::string& family, const std::string& name, Shape shape, Arguments arguments,
             void* stream = nullptr);
  // Launches and waits; returns the first code that is not 0.
  int run(const std::string& family, const std::string& name, Shape shape, Arguments arguments);

  Address allocate(size_t bytes);

  template <class T>
  Address upload(const std::vector<T>& values) {
    Address address = allocate(values.size() * sizeof(T));
    OK(cuMemcpyHtoD_v2(address, values.data(), values.size() * sizeof(T)));
    return address;
  }

  template <class T>
  std::vector<T> download(Address address, size_t count) {
    std::vector<T> values(count);
    OK(cuMemcpyDtoH_v2(values.data(), address, count * sizeof(T)));
    return values;
  }

 private:
  void* right_ = nullptr;
  void* faulty_ = nullptr;
};

struct Test {
  const char* name;
  std::function<void()> body;
};

std::vector<Test> right_tests();
std::vector<Test> fault_tests();
std::vector<Test> driver_tests();
