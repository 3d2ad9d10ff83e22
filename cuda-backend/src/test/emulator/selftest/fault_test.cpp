// Each fault of a kernel must be found: by an error code and a message, or where nothing can tell
// that it is one, by a wrong result.
#include <cmath>

#include "selftest.h"

namespace {

constexpr int ILLEGAL_ADDRESS = 700;
constexpr int TIMEOUT = 702;
constexpr int MISALIGNED = 716;
constexpr int FAILED = 719;

// The kernel ends with the code and the message, and the context is lost.
Test fails(const char* kernel, int code, const char* message, Shape shape = {1, 64},
           long long n = 64, long long m = 1) {
  return {kernel, [=] {
            Gpu gpu;
            Arguments arguments{gpu.allocate(256), 0, gpu.allocate(256), n, m};
            OK(cuMemsetD32_v2(arguments.a, 0x7f000000, 64));

            EXPECT_CODE(code, gpu.run("faulty", kernel, shape, arguments));

            std::string said = messages();
            EXPECT(said.find(message) != std::string::npos);
            EXPECT(said.find(kernel) != std::string::npos);
            Address address;
            EXPECT_CODE(code, cuMemAlloc_v2(&address, 4));
          }};
}

// Of a few launches at least one gives something else than the right values.
Test differs(const char* kernel, Shape shape, float (*right)(int thread)) {
  return {kernel, [=] {
            Gpu gpu;
            unsigned threads = shape.threads;
            std::vector<float> a(4 * threads, 1.0f);
            Arguments arguments{gpu.upload(a), 0, gpu.allocate(threads * 16)};
            bool wrong = false;
            for (int turn = 0; turn < 4; turn++) {
              OK(gpu.run("faulty", kernel, shape, arguments));
              std::vector<float> out = gpu.download<float>(arguments.out, threads);
              for (unsigned i = 0; i < threads; i++) {
                wrong |= !(out[i] == right((int)i));
              }
            }

            EXPECT(wrong);
          }};
}

// Values that were never written are NaN.
Test is_nan(const char* kernel, Shape shape = {1, 64, 256}) {
  return {kernel, [=] {
            Gpu gpu;
            std::vector<float> a(4 * shape.threads, 1.0f);
            Arguments arguments{gpu.upload(a), 0, gpu.allocate(shape.threads * 16)};

            OK(gpu.run("faulty", kernel, shape, arguments));

            std::vector<float> out = gpu.download<float>(arguments.out, shape.threads);
            EXPECT(std::isnan(out[1]));
            EXPECT(std::isnan(out[shape.threads - 2]));
          }};
}

void local_variable_should_not_hold_what_was_there() {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.allocate(256), 2};

  OK(gpu.run("faulty", "local_not_written", {1, 32}, arguments));

  float out = gpu.download<float>(arguments.out, 1)[0];
  EXPECT(!(out >= 2.0f && out <= 1e30f));
}

void fresh_memory_should_be_nan() {
  Gpu gpu;
  Arguments arguments{gpu.allocate(256), 0, gpu.allocate(256), 0};

  OK(gpu.run("faulty", "read_at", {1, 64}, arguments));

  for (float value : gpu.download<float>(arguments.out, 64)) {
    EXPECT(std::isnan(value));
  }
  std::vector<double> doubles = gpu.download<double>(arguments.a, 32);
  EXPECT(std::isnan(doubles[0]) && std::isnan(doubles[31]));
}

void read_beyond_the_guard_should_fail(long long n, const char* message) {
  Gpu gpu;
  Arguments arguments{gpu.allocate(4096), 0, gpu.allocate(256), n};

  EXPECT_CODE(ILLEGAL_ADDRESS, gpu.run("faulty", "read_at", {1, 64}, arguments));

  expect_message(message);
}

// 100 bytes leave a margin that the kernel can write to unnoticed while it runs.
void write_into_the_margin_should_fail() {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.allocate(100), 25};

  EXPECT_CODE(ILLEGAL_ADDRESS, gpu.run("faulty", "write_behind", {1, 1}, arguments));

  expect_message("write_behind: a write just before or behind");
}

void access_to_freed_memory_should_fail() {
  Gpu gpu;
  Arguments arguments{gpu.allocate(256), 0, gpu.allocate(256), 0};
  OK(cuMemFree_v2(arguments.a));

  EXPECT_CODE(ILLEGAL_ADDRESS, gpu.run("faulty", "read_at", {1, 64}, arguments));

  expect_message("which was freed");
}

void endless_kernel_should_time_out(const char* kernel) {
  Gpu gpu;
  OK(emulator_set("TIMEOUT", "0.5"));
  Arguments arguments{0, 0, gpu.upload(std::vector<int>(1, 0))};

  int result = gpu.run("faulty", kernel, {4, 32}, arguments);

  OK(emulator_set("TIMEOUT", nullptr));
  EXPECT_CODE(TIMEOUT, result);
}

void good_kernel_should_run_after_a_fault() {
  {
    Gpu gpu;
    EXPECT_CODE(ILLEGAL_ADDRESS, gpu.run("faulty", "write_nowhere", {3, 64}, {}));
    EXPECT_CODE(ILLEGAL_ADDRESS, cuCtxSynchronize());
  }
  Gpu gpu;
  Arguments arguments{0, 0, gpu.upload(std::vector<int>(4, 0))};

  OK(gpu.run("right", "count_up", {10, 64}, arguments));

  EXPECT(gpu.download<int>(arguments.out, 1)[0] == 640);
}

void shuffle_from_ended_lane_should_be_nan() {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.allocate(128)};

  OK(gpu.run("faulty", "shuffle_from_ended_lane", {1, 32}, arguments));

  EXPECT(std::isnan(gpu.download<float>(arguments.out, 1)[0]));
}

}  // namespace

std::vector<Test> fault_tests() {
  return {
      differs("no_barrier_before_read", {1, 64}, [](int i) { return (float)(63 - i); }),
      differs("no_barrier_after_the_first", {1, 64}, [](int) { return 1.0f; }),
      differs("no_barrier_after_the_last", {1, 64}, [](int) { return 1.0f; }),
      differs("no_barrier_after_read", {1, 64}, [](int i) { return 3.0f * (float)(63 - i); }),
      differs("no_warp_barrier", {1, 32}, [](int i) { return (float)(i ^ 1); }),
      fails("barrier_for_some", FAILED, "32 wait at a barrier"),
      fails("barrier_after_some_ended", FAILED, "16 have ended"),
      fails("barriers_in_two_places", FAILED, "wait at the barriers of lines"),
      fails("shuffle_for_some", FAILED, "16 in a warp operation", {1, 32}),
      fails("shuffle_outside_mask", FAILED, "not in its own mask", {1, 32}),
      fails("shuffles_in_two_places", FAILED, "different operations", {1, 32}),
      fails("masks_that_overlap", FAILED, "mask", {1, 32}),
      {"shuffle_from_ended_lane", shuffle_from_ended_lane_should_be_nan},
      {"write_behind", write_into_the_margin_should_fail},
      fails("write_behind", ILLEGAL_ADDRESS, "write, block"),
      fails("write_before", ILLEGAL_ADDRESS, "write"),
      {"read_behind",
       [] { read_beyond_the_guard_should_fail(1024, "read, block (0, 0, 0), thread"); }},
      {"read_before", [] { read_beyond_the_guard_should_fail(-64, "bytes before allocation"); }},
      fails("write_nowhere", ILLEGAL_ADDRESS, "write, block"),
      {"use_after_free", access_to_freed_memory_should_fail},
      is_nan("static_shared_not_written"),
      is_nan("dynamic_shared_not_written"),
      {"local_not_written", local_variable_should_not_hold_what_was_there},
      {"fresh_memory", fresh_memory_should_be_nan},
      fails("dynamic_shared_write_behind", ILLEGAL_ADDRESS, "dynamic shared memory", {1, 64, 256},
            1),
      fails("static_shared_write_behind", ILLEGAL_ADDRESS, "faulty.cu:", {1, 64}, 1),
      fails("misaligned_vector", MISALIGNED, "misaligned", {1, 1}, 1),
      fails("division_by_zero", FAILED, "division by zero", {1, 1}, 0),
      fails("shift_too_far", FAILED, "shift", {1, 1}, 32),
      fails("conversion_out_of_range", FAILED, "conversion", {1, 1}),
      {"endless", [] { endless_kernel_should_time_out("endless"); }},
      {"endless_poll", [] { endless_kernel_should_time_out("endless_poll"); }},
      fails("too_much_local_memory", FAILED, "too much local memory", {2, 32}, 100000),
      fails("trap", FAILED, "__trap()"),
      is_nan("copy_not_waited_for", {1, 32}),
      is_nan("copy_waited_for_too_few", {1, 32}),
      {"good_after_fault", good_kernel_should_run_after_a_fault},
  };
}
