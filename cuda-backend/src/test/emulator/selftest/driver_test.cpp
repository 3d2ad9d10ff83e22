// The stand-in driver: its own faults, laziness, limits and the faults that a test can ask for.
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <thread>

#include "selftest.h"

namespace {

constexpr int INVALID_VALUE = 1;
constexpr int OUT_OF_MEMORY = 2;
constexpr int NO_DEVICE = 100;
constexpr int INVALID_CONTEXT = 201;
constexpr int INVALID_PTX = 218;
constexpr int UNSUPPORTED_PTX = 222;
constexpr int INVALID_HANDLE = 400;
constexpr int ILLEGAL_STATE = 401;
constexpr int NOT_FOUND = 500;
constexpr int NOT_READY = 600;
constexpr int ILLEGAL_ADDRESS = 700;
constexpr int OUT_OF_RESOURCES = 701;
constexpr int LAUNCH_FAILED = 719;
constexpr int NOT_SUPPORTED = 801;
constexpr int CAPTURE_UNSUPPORTED = 900;
constexpr int CAPTURE_INVALIDATED = 901;

// A setting that holds until the end of the test.
class Setting {
 public:
  Setting(const char* name, const char* value) : name_(name) { OK(emulator_set(name, value)); }
  ~Setting() { emulator_set(name_, nullptr); }

 private:
  const char* name_;
};

// ---- streams

// Adds 1 and 2, so that out says whether the kernel has run.
struct Addition {
  Gpu gpu;
  void* stream;
  float* host;
  Arguments arguments;

  Addition() {
    OK(cuStreamCreate(&stream, 1));
    OK(cuMemHostAlloc((void**)&host, 4, 0));
    arguments = {gpu.upload(std::vector<float>{1.0f}), gpu.upload(std::vector<float>{2.0f}),
                 gpu.upload(std::vector<float>{0.0f}), 1};
  }

  void launch() { OK(gpu.launch("right", "add_f32", {1, 1}, arguments, stream)); }
};

void work_should_wait_until_it_is_waited_for() {
  Addition one;
  *one.host = 5.0f;
  one.launch();
  OK(cuMemcpyDtoHAsync_v2(one.host, one.arguments.out, 4, one.stream));
  EXPECT(std::isnan(*one.host));

  OK(cuStreamSynchronize(one.stream));

  EXPECT(*one.host == 3.0f);
}

void other_streams_should_not_be_waited_for() {
  Addition one;
  one.launch();

  // The default stream takes no turns with a stream that was created as non-blocking.
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 0.0f);
  OK(cuStreamSynchronize(nullptr));
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 0.0f);
  OK(cuCtxSynchronize());
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 3.0f);
}

void default_stream_should_take_turns_with_blocking_streams() {
  Addition one;
  OK(cuStreamCreate(&one.stream, 0));
  one.launch();

  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 3.0f);
}

void pinned_memory_should_be_read_late_and_pageable_at_once() {
  Addition one;
  float pageable = 10.0f;
  *one.host = 10.0f;
  OK(cuMemcpyHtoDAsync_v2(one.arguments.a, one.host, 4, one.stream));
  OK(cuMemcpyHtoDAsync_v2(one.arguments.b, &pageable, 4, one.stream));
  *one.host = 20.0f;
  pageable = 20.0f;

  one.launch();
  OK(cuStreamSynchronize(one.stream));

  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 30.0f);
}

void event_should_order_two_streams() {
  Addition one;
  void* other;
  void* event;
  OK(cuStreamCreate(&other, 1));
  OK(cuEventCreate(&event, 2));
  one.launch();
  OK(cuEventRecord(event, one.stream));

  OK(cuStreamWaitEvent(other, event, 0));
  OK(cuMemcpyDtoHAsync_v2(one.host, one.arguments.out, 4, other));
  OK(cuStreamSynchronize(other));

  EXPECT(*one.host == 3.0f);
}

void events_should_tell_time_and_readiness() {
  Addition one;
  void* start;
  void* end;
  float time;
  OK(cuEventCreate(&start, 0));
  OK(cuEventCreate(&end, 0));
  EXPECT_CODE(INVALID_HANDLE, cuEventElapsedTime(&time, start, end));
  OK(cuEventRecord(start, one.stream));
  one.launch();
  OK(cuEventRecord(end, one.stream));
  EXPECT_CODE(NOT_READY, cuEventElapsedTime(&time, start, end));
  EXPECT_CODE(NOT_READY, cuEventQuery(end));
  OK(cuEventSynchronize(end));
  OK(cuEventQuery(end));
  OK(cuEventElapsedTime(&time, start, end));
  EXPECT(time > 0.0f && time < 10000.0f);
  EXPECT_CODE(INVALID_HANDLE, cuEventRecord(one.stream, one.stream));
}

void polling_a_stream_should_end() {
  Addition one;
  one.launch();
  one.launch();
  int polls = 0;
  while (cuStreamQuery(one.stream) == NOT_READY) {
    polls++;
  }
  EXPECT(polls == 2);
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 3.0f);
}

void graph_should_do_again_what_was_captured() {
  Addition one;
  void* graph;
  void* executable;
  OK(cuStreamBeginCapture_v2(one.stream, 1));
  one.launch();
  one.arguments = {one.arguments.out, one.arguments.out, one.arguments.a, 1};
  one.launch();
  OK(cuStreamEndCapture(one.stream, &graph));
  OK(cuStreamSynchronize(one.stream));
  EXPECT(one.gpu.download<float>(one.arguments.a, 1)[0] == 0.0f);
  OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
  OK(cuGraphDestroy(graph));

  // 1 + 2 = 3, 6; then 6 + 2 = 8, 16.
  OK(cuGraphLaunch(executable, one.stream));
  OK(cuGraphLaunch(executable, one.stream));
  OK(cuGraphExecDestroy(executable));
  OK(cuStreamSynchronize(one.stream));

  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 16.0f);
}

// A graph of one addition.
struct CapturedAddition : Addition {
  void* graph = nullptr;
  void* executable = nullptr;

  CapturedAddition() {
    OK(cuStreamBeginCapture_v2(stream, 2));
    launch();
    OK(cuStreamEndCapture(stream, &graph));
    OK(cuGraphInstantiateWithFlags(&executable, graph, 0));
  }
};

void graph_should_be_refused_once_destroyed() {
  CapturedAddition one;
  OK(cuGraphDestroy(one.graph));
  EXPECT_CODE(INVALID_VALUE, cuGraphInstantiateWithFlags(&one.executable, one.graph, 0));
  expect_message("cuGraphInstantiate: no such graph");
  EXPECT_CODE(INVALID_VALUE, cuGraphDestroy(one.graph));
  OK(cuGraphLaunch(one.executable, one.stream));
  OK(cuGraphExecDestroy(one.executable));
  EXPECT_CODE(INVALID_HANDLE, cuGraphLaunch(one.executable, one.stream));
  expect_message("cuGraphLaunch: no such graph or stream");
  EXPECT_CODE(INVALID_VALUE, cuGraphExecDestroy(one.executable));
  OK(cuStreamSynchronize(one.stream));
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 3.0f);
}

void graph_that_uses_freed_memory_should_fail() {
  CapturedAddition one;
  OK(cuGraphLaunch(one.executable, one.stream));
  OK(cuStreamSynchronize(one.stream));
  OK(cuMemFree_v2(one.arguments.b));

  OK(cuGraphLaunch(one.executable, one.stream));

  EXPECT_CODE(ILLEGAL_ADDRESS, cuStreamSynchronize(one.stream));
  expect_message("which was freed");
}

void capture_should_begin_and_end_once() {
  Addition one;
  void* graph;
  EXPECT_CODE(ILLEGAL_STATE, cuStreamEndCapture(one.stream, &graph));
  OK(cuStreamBeginCapture_v2(one.stream, 2));
  EXPECT_CODE(ILLEGAL_STATE, cuStreamBeginCapture_v2(one.stream, 2));
  EXPECT_CODE(CAPTURE_UNSUPPORTED, cuStreamBeginCapture_v2(nullptr, 2));
  OK(cuStreamEndCapture(one.stream, &graph));
  EXPECT_CODE(ILLEGAL_STATE, cuStreamEndCapture(one.stream, &graph));
}

void capture_should_leave_other_streams_alone() {
  Addition one;
  Addition other;
  void* graph;
  OK(cuStreamBeginCapture_v2(one.stream, 2));
  one.launch();
  other.launch();
  OK(cuStreamSynchronize(other.stream));
  OK(cuStreamEndCapture(one.stream, &graph));
  OK(cuStreamSynchronize(one.stream));

  EXPECT(other.gpu.download<float>(other.arguments.out, 1)[0] == 3.0f);
  EXPECT(one.gpu.download<float>(one.arguments.out, 1)[0] == 0.0f);
}

void capture_should_refuse_what_waits() {
  Addition one;
  void* graph;
  Address address;
  OK(cuStreamBeginCapture_v2(one.stream, 0));
  EXPECT_CODE(CAPTURE_UNSUPPORTED, cuMemAlloc_v2(&address, 4));
  EXPECT_CODE(CAPTURE_INVALIDATED, cuStreamEndCapture(one.stream, &graph));
  OK(cuStreamBeginCapture_v2(one.stream, 2));
  OK(cuMemAlloc_v2(&address, 4));
  EXPECT_CODE(CAPTURE_UNSUPPORTED, cuStreamSynchronize(one.stream));
  EXPECT_CODE(CAPTURE_INVALIDATED, cuStreamEndCapture(one.stream, &graph));
}

// ---- memory

void copy_outside_an_allocation_should_fail() {
  Gpu gpu;
  Address address = gpu.allocate(100);
  char bytes[200] = {};
  EXPECT_CODE(INVALID_VALUE, cuMemcpyHtoD_v2(address, bytes, 101));
  expect_message("at byte 0 of allocation");
  EXPECT_CODE(INVALID_VALUE, cuMemcpyDtoH_v2(bytes, address - 1, 4));
  EXPECT_CODE(INVALID_VALUE, cuMemsetD8Async(address + 50, 0, 51, nullptr));
  EXPECT_CODE(INVALID_VALUE, cuMemcpyDtoDAsync_v2(address, address + 10, 20, nullptr));
  EXPECT_CODE(INVALID_VALUE, cuMemFree_v2(address + 1));
  OK(cuMemFree_v2(address));
  EXPECT_CODE(INVALID_VALUE, cuMemFree_v2(address));
  expect_message("which was freed");
  EXPECT_CODE(INVALID_VALUE, cuMemcpyHtoD_v2(address, bytes, 1));
}

void copy_after_an_asynchronous_free_should_fail() {
  Addition one;
  void* other;
  OK(cuStreamCreate(&other, 1));
  *one.host = 1.0f;
  OK(cuMemcpyHtoDAsync_v2(one.arguments.a, one.host, 4, other));
  OK(cuMemFreeAsync(one.arguments.a, one.stream));
  OK(cuStreamSynchronize(one.stream));

  EXPECT_CODE(ILLEGAL_ADDRESS, cuStreamSynchronize(other));
}

void memory_should_run_out_and_come_back() {
  Gpu gpu;
  Setting memory("MEMORY", "1m");
  size_t before;
  size_t total;
  OK(cuMemGetInfo_v2(&before, &total));
  EXPECT(before == 1 << 20 && total == 1 << 20);
  Address address = gpu.allocate(700000);
  Address second;
  EXPECT_CODE(OUT_OF_MEMORY, cuMemAlloc_v2(&second, 400000));
  OK(cuMemFreeAsync(address, nullptr));

  OK(cuMemAlloc_v2(&second, 400000));

  size_t after;
  OK(cuMemGetInfo_v2(&after, &total));
  EXPECT(before - after == 400000);
}

// ---- contexts, modules, launches

void calls_should_need_a_context_of_their_thread() {
  Gpu gpu;
  int code = 0;
  std::thread([&] {
    Address address;
    code = cuMemAlloc_v2(&address, 4);
  }).join();
  EXPECT(code == INVALID_CONTEXT);
  expect_message("no current context");
}

void handles_should_be_checked() {
  Gpu gpu;
  int nothing;
  void* function;
  Arguments arguments;
  void* parameters[] = {&arguments};
  EXPECT_CODE(INVALID_HANDLE, cuStreamSynchronize(&nothing));
  EXPECT_CODE(INVALID_HANDLE, cuModuleGetFunction(&function, &nothing, "add_f32"));
  EXPECT_CODE(INVALID_HANDLE,
              cuLaunchKernel(&nothing, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
  void* module;
  OK(cuModuleLoadData(&module, ptx("right").c_str()));
  EXPECT_CODE(NOT_FOUND, cuModuleGetFunction(&function, module, "absent"));
  OK(cuModuleGetFunction(&function, module, "add_f32"));
  OK(cuModuleUnload(module));
  EXPECT_CODE(INVALID_HANDLE,
              cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, nullptr, parameters, nullptr));
}

std::string replace(std::string text, const std::string& from, const std::string& to) {
  size_t at = text.find(from);
  EXPECT(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

void module_should_be_refused(const std::string& text, int code, const char* log) {
  Gpu gpu;
  void* module;
  char buffer[512] = {};
  int options[] = {5, 6};
  void* values[] = {buffer, (void*)sizeof buffer};

  EXPECT_CODE(code, cuModuleLoadDataEx(&module, text.c_str(), 2, options, values));

  EXPECT(std::strstr(buffer, log) != nullptr);
  EXPECT((size_t)values[1] == std::strlen(buffer));
}

void wrong_ptx_should_be_refused() {
  module_should_be_refused("", 200, "");
  module_should_be_refused("// nothing\n", INVALID_PTX, ".version");
  module_should_be_refused(replace(ptx("right"), ".version 7.0", ".version 9.9"), UNSUPPORTED_PTX,
                           "Unsupported .version 9.9");
  module_should_be_refused(replace(ptx("right"), "sm_80", "sm_100"), INVALID_PTX, "sm_100");
  module_should_be_refused(replace(ptx("right"), "_param_0[40]", "_param_0[48]"), INVALID_PTX,
                           "48 in the PTX and 40 in the host build");
  module_should_be_refused(replace(ptx("right"), ".entry add_f32(", ".entry add_f33("), INVALID_PTX,
                           "no host build of the entry add_f33");
}

void settings_should_decide_which_ptx_is_taken() {
  {
    Setting version("PTX", "6.4");
    module_should_be_refused(ptx("right"), UNSUPPORTED_PTX, "current version is '6.4'");
  }
  Setting compute("COMPUTE", "75");
  module_should_be_refused(ptx("right"), INVALID_PTX, "sm_80");
  Gpu gpu;
  void* module;
  OK(cuModuleLoadData(&module, ptx("right", "75").c_str()));
}

void launch_limits_should_hold() {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.allocate(4), 0};
  auto refused = [&](const char* kernel, Shape shape) {
    EXPECT_CODE(INVALID_VALUE, gpu.launch("right", kernel, shape, arguments));
  };
  refused("add_f32", {0, 32});
  refused("add_f32", {1, 0});
  refused("add_f32", {1, 1025});
  refused("add_f32", {1, 32, 0, 65536});
  refused("sum_64", {1, 96});
  expect_message("launch bounds allow 64");
  refused("reverse_blocks", {1, 32, (48 << 10) + 1});
  void* function = gpu.function("right", "reverse_blocks");
  EXPECT_CODE(INVALID_VALUE, cuFuncSetAttribute(function, 8, (227 << 10) + 1));
  OK(cuFuncSetAttribute(function, 8, 227 << 10));
  refused("reverse_blocks", {1, 32, (227 << 10) + 1});
}

void functions_should_tell_their_attributes() {
  Gpu gpu;
  int value;
  void* function = gpu.function("right", "sum_64");
  OK(cuFuncGetAttribute(&value, 0, function));
  EXPECT(value == 64);
  OK(cuFuncGetAttribute(&value, 1, function));
  EXPECT(value == 8);
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, function, 64, 40000));
  EXPECT(value == 5);
}

void lost_context_should_fail_until_it_is_fresh() {
  {
    Gpu gpu;
    Setting loss("LOSE_CONTEXT", "2");
    Address address = gpu.allocate(4);
    EXPECT_CODE(LAUNCH_FAILED, cuMemFree_v2(address));
    EXPECT_CODE(LAUNCH_FAILED, cuCtxSynchronize());
  }
  Gpu gpu;
  gpu.allocate(4);
}

void allocation_should_fail_when_asked() {
  Gpu gpu;
  Setting failure("FAIL_ALLOCATION", "2");
  gpu.allocate(4);
  Address address;
  EXPECT_CODE(OUT_OF_MEMORY, cuMemAlloc_v2(&address, 4));
  gpu.allocate(4);
}

void launch_should_fail_when_asked() {
  Addition one;
  {
    Setting failure("FAIL_LAUNCH", "2");
    one.launch();
    EXPECT_CODE(OUT_OF_RESOURCES,
                one.gpu.launch("right", "add_f32", {1, 1}, one.arguments, one.stream));
    OK(cuCtxSynchronize());
  }
  Setting failure("FAIL_LAUNCH_LATE", "1");
  one.launch();
  EXPECT_CODE(LAUNCH_FAILED, cuStreamSynchronize(one.stream));
}

void call_should_fail_when_asked() {
  Gpu gpu;
  Address address;
  {
    Setting failure("FAIL_CALL", "cuMemAlloc_v2=46@2,cuCtxSynchronize=214");
    gpu.allocate(4);
    EXPECT_CODE(46, cuMemAlloc_v2(&address, 4));
    gpu.allocate(4);
    EXPECT_CODE(214, cuCtxSynchronize());
    EXPECT_CODE(214, cuCtxSynchronize());
  }
  OK(cuCtxSynchronize());
}

void devices_should_be_as_asked() {
  int value;
  int minor;
  Setting version("DRIVER_VERSION", "11040");
  OK(cuDriverGetVersion(&value));
  EXPECT(value == 11040);
  {
    Setting none("DEVICES", "0");
    EXPECT_CODE(NO_DEVICE, cuInit(0));
  }
  Setting count("DEVICES", "2");
  Setting compute("COMPUTE", "90,75");
  OK(cuInit(0));
  OK(cuDeviceGetCount(&value));
  EXPECT(value == 2);
  OK(cuDeviceComputeCapability(&value, &minor, 1));
  EXPECT(value == 7 && minor == 5);
  EXPECT_CODE(101, cuDeviceGet(&value, 2));
}

void wrong_settings_should_be_refused() {
  EXPECT_CODE(INVALID_VALUE, emulator_set("ABSENT", "1"));
  EXPECT_CODE(INVALID_VALUE, emulator_set("DEVICES", "many"));
  EXPECT_CODE(INVALID_VALUE, emulator_set("FAIL_CALL", "cuInit"));
}

// The environment names the file once, so that main sets it before the first call.
void control_file_should_change_settings() {
  const char* path = getenv("QUERN_EMULATOR_CONTROL");
  EXPECT(path != nullptr);
  int value;
  std::ofstream(path) << "DRIVER_VERSION=12020\n";
  OK(cuDriverGetVersion(&value));
  EXPECT(value == 12020);
  std::ofstream(path) << "DRIVER_VERSION=12";
  OK(cuDriverGetVersion(&value));
  EXPECT(value == 12020);
  std::ofstream(path) << "";
  OK(cuDriverGetVersion(&value));
  EXPECT(value == 13000);
}

void errors_should_have_names() {
  const char* text;
  OK(cuGetErrorName(700, &text));
  EXPECT(std::string(text) == "CUDA_ERROR_ILLEGAL_ADDRESS");
  OK(cuGetErrorString(2, &text));
  EXPECT(std::string(text) == "out of memory");
  EXPECT_CODE(INVALID_VALUE, cuGetErrorName(12345, &text));
}

void missing_call_should_say_so() {
  void* context;
  EXPECT_CODE(NOT_SUPPORTED, cuCtxAttach(&context, 0));
  expect_message("cuCtxAttach is not emulated");
}

void threads_should_call_at_once() {
  Gpu gpu;
  gpu.function("right", "add_f32");
  void* context;
  OK(cuCtxGetCurrent(&context));
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; t++) {
    threads.emplace_back([&, t] {
      try {
        OK(cuCtxSetCurrent(context));
        void* stream;
        OK(cuStreamCreate(&stream, 1));
        std::vector<float> values(500, (float)t);
        Arguments arguments{gpu.upload(values), gpu.upload(values), gpu.allocate(2000), 500};
        for (int i = 0; i < 50; i++) {
          OK(gpu.launch("right", "add_f32", {4, 64}, arguments, stream));
          OK(cuStreamSynchronize(stream));
          for (float value : gpu.download<float>(arguments.out, 500)) {
            EXPECT(value == 2.0f * (float)t);
          }
        }
        OK(cuStreamDestroy_v2(stream));
      } catch (const std::exception&) {
        failures++;
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT(failures == 0);
}

}  // namespace

std::vector<Test> driver_tests() {
  return {
      {"lazy_streams", work_should_wait_until_it_is_waited_for},
      {"other_streams", other_streams_should_not_be_waited_for},
      {"default_stream", default_stream_should_take_turns_with_blocking_streams},
      {"pinned_memory", pinned_memory_should_be_read_late_and_pageable_at_once},
      {"event_orders_streams", event_should_order_two_streams},
      {"event_times", events_should_tell_time_and_readiness},
      {"stream_query", polling_a_stream_should_end},
      {"graph", graph_should_do_again_what_was_captured},
      {"graph_destroyed", graph_should_be_refused_once_destroyed},
      {"graph_freed_memory", graph_that_uses_freed_memory_should_fail},
      {"capture", capture_should_refuse_what_waits},
      {"capture_once", capture_should_begin_and_end_once},
      {"capture_alone", capture_should_leave_other_streams_alone},
      {"copy_outside", copy_outside_an_allocation_should_fail},
      {"copy_after_free", copy_after_an_asynchronous_free_should_fail},
      {"memory_limit", memory_should_run_out_and_come_back},
      {"no_context", calls_should_need_a_context_of_their_thread},
      {"handles", handles_should_be_checked},
      {"wrong_ptx", wrong_ptx_should_be_refused},
      {"ptx_settings", settings_should_decide_which_ptx_is_taken},
      {"launch_limits", launch_limits_should_hold},
      {"attributes", functions_should_tell_their_attributes},
      {"lost_context", lost_context_should_fail_until_it_is_fresh},
      {"fail_allocation", allocation_should_fail_when_asked},
      {"fail_launch", launch_should_fail_when_asked},
      {"fail_call", call_should_fail_when_asked},
      {"devices", devices_should_be_as_asked},
      {"wrong_settings", wrong_settings_should_be_refused},
      {"control_file", control_file_should_change_settings},
      {"errors", errors_should_have_names},
      {"missing_call", missing_call_should_say_so},
      {"threads", threads_should_call_at_once},
  };
}
