// Kernels without a fault must give the right results, in each order of threads.
#include <cmath>
#include <cstring>

#include "selftest.h"

namespace {

float bits_of(unsigned bits) {
  float value;
  std::memcpy(&value, &bits, 4);
  return value;
}

// Several launches, so that both orders come first in turn.
constexpr int TURNS = 4;

template <class T>
void should_add(const char* kernel) {
  Gpu gpu;
  std::vector<T> a;
  std::vector<T> b;
  for (int i = 0; i < 1000; i++) {
    a.push_back((T)(i * 3));
    b.push_back((T)(1000 - i));
  }
  Arguments arguments{gpu.upload(a), gpu.upload(b), gpu.allocate(1000 * sizeof(T)), 1000};

  OK(gpu.run("right", kernel, {3, 96}, arguments));

  std::vector<T> out = gpu.download<T>(arguments.out, 1000);
  for (int i = 0; i < 1000; i++) {
    EXPECT(out[(size_t)i] == (T)(i * 2 + 1000));
  }
}

void should_sum(const char* kernel, unsigned threads) {
  Gpu gpu;
  std::vector<float> a(5000, 0.5f);
  Arguments arguments{gpu.upload(a), 0, gpu.upload(std::vector<float>{1.0f}), 5000};

  for (int turn = 1; turn <= TURNS; turn++) {
    OK(gpu.run("right", kernel, {7, threads}, arguments));
    EXPECT(gpu.download<float>(arguments.out, 1)[0] == 1.0f + 2500.0f * (float)turn);
  }
}

void should_multiply() {
  Gpu gpu;
  constexpr int n = 37;
  std::vector<float> a;
  std::vector<float> b;
  for (int i = 0; i < n * n; i++) {
    a.push_back((float)(i % 7));
    b.push_back((float)(i % 5));
  }
  Arguments arguments{gpu.upload(a), gpu.upload(b), gpu.allocate(n * n * 4), n};

  for (int turn = 0; turn < TURNS; turn++) {
    OK(gpu.run("right", "product", {3, 256, 0, 3}, arguments));
    std::vector<float> out = gpu.download<float>(arguments.out, n * n);
    for (int i = 0; i < n; i++) {
      for (int j = 0; j < n; j++) {
        int sum = 0;
        for (int k = 0; k < n; k++) {
          sum += (i * n + k) % 7 * ((k * n + j) % 5);
        }
        EXPECT(out[(size_t)(i * n + j)] == (float)sum);
      }
    }
  }
}

void should_reverse_in_dynamic_shared_memory() {
  Gpu gpu;
  std::vector<float> a;
  for (int i = 0; i < 600; i++) {
    a.push_back((float)i);
  }
  Arguments arguments{gpu.upload(a), 0, gpu.allocate(2400)};

  for (int turn = 0; turn < TURNS; turn++) {
    OK(gpu.run("right", "reverse_blocks", {6, 100, 400}, arguments));
    std::vector<float> out = gpu.download<float>(arguments.out, 600);
    for (int i = 0; i < 600; i++) {
      EXPECT(out[(size_t)i] == (float)(i / 100 * 100 + 99 - i % 100));
    }
  }
}

void should_shuffle_and_vote(int lanes) {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.allocate((size_t)lanes * 4), lanes};

  for (int turn = 0; turn < TURNS; turn++) {
    OK(gpu.run("right", "warp_operations", {1, (unsigned)lanes}, arguments));
    std::vector<int> out = gpu.download<int>(arguments.out, (size_t)lanes);
    for (int lane = 0; lane < lanes; lane++) {
      int down = lane % 8 == 7 ? lane : lane + 1;
      int expected = lane % 2 + 100 * (lane ? lane - 1 : 0) + 10000 * down + 3000000;
      EXPECT(out[(size_t)lane] == expected);
    }
  }
}

void should_let_a_block_wait_for_the_one_before() {
  Gpu gpu;
  constexpr int blocks = 500;
  std::vector<int> a(blocks, 2);
  Arguments arguments{gpu.upload(a), gpu.upload(std::vector<int>(blocks, 0)),
                      gpu.allocate(blocks * 4)};

  OK(gpu.run("right", "look_back", {blocks, 32}, arguments));

  std::vector<int> out = gpu.download<int>(arguments.out, blocks);
  for (int i = 0; i < blocks; i++) {
    EXPECT(out[(size_t)i] == 2 * (i + 1));
  }
}

void should_count_atomically() {
  Gpu gpu;
  Arguments arguments{0, 0, gpu.upload(std::vector<int>(4, 0))};

  OK(gpu.run("right", "count_up", {300, 64}, arguments));

  std::vector<int> out = gpu.download<int>(arguments.out, 4);
  EXPECT(out == std::vector<int>({19200, 19200, 19200, 19199}));
}

void should_compute_as_ieee_says() {
  Gpu gpu;
  std::vector<float> a{1.0f, 2.0f, 1e-38f, 0x1p-149f, 16777215.0f, INFINITY, -0.0f, 3.0f};
  std::vector<float> b{3.0f, 0x1.5p-130f, 3.0f, 0.5f, 16777213.0f, 2.0f, 7.0f, 0x1.000002p0f};
  Arguments arguments{gpu.upload(a), gpu.upload(b), gpu.allocate(32)};
  for (long long which = 0; which < 4; which++) {
    arguments.m = which;
    OK(gpu.run("right", "arithmetic", {1, 8}, arguments));
    std::vector<float> out = gpu.download<float>(arguments.out, 8);
    for (size_t i = 0; i < 8; i++) {
      // Doubles hold these exactly enough for one rounding to give the float's result; fma is
      // exact.
      double x = a[i];
      double y = b[i];
      volatile float product = a[i] * b[i];
      volatile float sum = product + a[i];
      double expected = which == 0   ? x / y
                        : which == 1 ? std::sqrt(x)
                        : which == 2 ? x * y - (double)product
                                     : (double)sum;
      float rounded = (float)expected;
      EXPECT(std::memcmp(&rounded, &out[i], 4) == 0 || (rounded != rounded && out[i] != out[i]));
    }
  }
}

void should_round_small_floats_to_even() {
  struct Case {
    float value;
    unsigned half;
    unsigned bfloat;
  };
  std::vector<Case> cases{
      {0.0f, 0, 0},
      {-0.0f, 0x8000, 0x8000},
      {1.0f, 0x3c00, 0x3f80},
      {-2.5f, 0xc100, 0xc020},
      {65504.0f, 0x7bff, 0x4780},
      {65519.0f, 0x7bff, 0x4780},
      {65520.0f, 0x7c00, 0x4780},
      {1e30f, 0x7c00, 0x714a},
      {-INFINITY, 0xfc00, 0xff80},
      {0x1p-24f, 0x0001, 0x3380},
      {0x1p-25f, 0x0000, 0x3300},
      {0x1.8p-24f, 0x0002, 0x33c0},
      {0x1.000002p-25f, 0x0001, 0x3300},
      {0x1.ff8p-15f, 0x03ff, 0x3880},
      {0x1.ffep-15f, 0x0400, 0x3880},
      {0x1.002p0f, 0x3c00, 0x3f80},
      {0x1.006p0f, 0x3c02, 0x3f80},
      {0x1.01p0f, 0x3c04, 0x3f80},
      {0x1.03p0f, 0x3c0c, 0x3f82},
      {bits_of(0x7f7fffff), 0x7c00, 0x7f80},
      {0x1p-149f, 0, 0},
  };
  Gpu gpu;
  std::vector<float> a;
  for (const Case& one : cases) {
    a.push_back(one.value);
  }
  Arguments arguments{gpu.upload(a), 0, gpu.allocate(cases.size() * 16)};

  OK(gpu.run("right", "small_floats", {1, (unsigned)cases.size()}, arguments));

  std::vector<float> out = gpu.download<float>(arguments.out, cases.size() * 4);
  for (size_t i = 0; i < cases.size(); i++) {
    EXPECT(out[4 * i] == (float)cases[i].half);
    EXPECT(out[4 * i + 2] == (float)cases[i].bfloat);
    // Values that the types hold come back as they were.
    EXPECT(out[4 * i + 3] == bits_of(cases[i].bfloat << 16));
    _Float16 half;
    unsigned short bits = (unsigned short)cases[i].half;
    std::memcpy(&half, &bits, 2);
    EXPECT(out[4 * i + 1] == (float)half);
  }
}

void should_copy_asynchronously() {
  Gpu gpu;
  std::vector<float> a;
  for (int i = 0; i < 512; i++) {
    a.push_back((float)i);
  }
  Arguments arguments{gpu.upload(a), 0, gpu.allocate(2048)};

  for (int turn = 0; turn < TURNS; turn++) {
    OK(gpu.run("right", "reverse_async", {1, 64}, arguments));
    std::vector<float> out = gpu.download<float>(arguments.out, 512);
    for (int i = 0; i < 512; i++) {
      int unit = i / 4 % 64;
      int source = (i / 4 < 64 ? 64 : 0) + ((63 - unit) ^ 1);
      EXPECT(out[(size_t)i] == (float)(source * 4 + i % 4));
    }
  }
}

}  // namespace

std::vector<Test> right_tests() {
  return {
      {"add_f32", [] { should_add<float>("add_f32"); }},
      {"add_f64", [] { should_add<double>("add_f64"); }},
      {"add_i32", [] { should_add<int>("add_i32"); }},
      {"sum_64", [] { should_sum("sum_64", 64); }},
      {"sum_256", [] { should_sum("sum_256", 256); }},
      {"product", should_multiply},
      {"reverse_blocks", should_reverse_in_dynamic_shared_memory},
      {"warp_operations", [] { should_shuffle_and_vote(32); }},
      {"warp_operations_of_16_lanes", [] { should_shuffle_and_vote(16); }},
      {"look_back", should_let_a_block_wait_for_the_one_before},
      {"count_up", should_count_atomically},
      {"arithmetic", should_compute_as_ieee_says},
      {"small_floats", should_round_small_floats_to_even},
      {"reverse_async", should_copy_asynchronously},
  };
}
