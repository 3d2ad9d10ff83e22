// Softmax, or its logarithm, along the last axis.
//
// softmax: a team of up to 32 threads shares a row, each keeping up to HELD of its elements in
// registers. softmax_block: the whole block does, and keeps them in shared memory where they fit.
#include "prelude.h"
#include "f32.h"
#include "ops.h"
#include "rows.h"

#define THREADS 256
#define WARP 32
#define HELD 8
#define ALL 0xffffffffu

struct Params {
  void* in;
  void* out;
  long rows;
  long length;
  long from;  // the distance of neighbours in the input
  long to;    // and in the output
  long log;
  long team;
  long held;  // whether the row fits the shared memory
  long dim[ROW_AXES];
  RowView source;
  RowView target;
};

Q_FUNCTION float exp_of(float x) {
  return q_exp_f32(x);
}
Q_FUNCTION double exp_of(double x) {
  return q_exp_f64(x);
}
Q_FUNCTION float log_of(float x) {
  return q_log_f32(x);
}
Q_FUNCTION double log_of(double x) {
  return q_log_f64(x);
}
Q_FUNCTION float max_of(float a, float b) {
  return q_max_f32(a, b);
}
Q_FUNCTION double max_of(double a, double b) {
  return q_max_f64(a, b);
}

template <typename T>
Q_FUNCTION T result(bool log, T x, T m, T scale) {
  return log ? (x - m) - scale : exp_of(x - m) / scale;
}

template <typename T>
Q_FUNCTION void teams(const Params& p) {
  const T* in = static_cast<const T*>(p.in);
  T* out = static_cast<T*>(p.out);
  const bool log = p.log != 0;
  const int team = (int)p.team;
  const int each = THREADS / team;
  const int member = threadIdx.x % team;
  for (long base = (long)blockIdx.x * each; base < p.rows; base += (long)gridDim.x * each) {
    const long row = base + threadIdx.x / team;
    const bool busy = row < p.rows;
    const long source = busy ? q_row(p.dim, p.source, row) : 0;
    T x[HELD];
    T m = -INFINITY;
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      const int j = i * team + member;
      x[i] = busy && j < p.length ? in[source + j * p.from] : (T)-INFINITY;
      m = max_of(m, x[i]);
    }
    for (int s = team / 2; s > 0; s /= 2) {
      m = max_of(m, __shfl_xor_sync(ALL, m, s));
    }
    T sum = 0;
#pragma unroll
    for (int i = 0; i < HELD; i++) {
      if (i * team + member < p.length) {
        sum += exp_of(x[i] - m);
      }
    }
    for (int s = team / 2; s > 0; s /= 2) {
      sum += __shfl_xor_sync(ALL, sum, s);
    }
    if (busy) {
      const T scale = log ? log_of(sum) : sum;
      const long target = q_row(p.dim, p.target, row);
#pragma unroll
      for (int i = 0; i < HELD; i++) {
        const int j = i * team + member;
        if (j < p.length) {
          out[target + j * p.to] = result(log, x[i], m, scale);
        }
      }
    }
  }
}

template <typename T, typename Join>
Q_FUNCTION T join_block(T v, T* part, Join join) {
  for (int s = WARP / 2; s > 0; s /= 2) {
    v = join(v, __shfl_xor_sync(ALL, v, s));
  }
  if (threadIdx.x % WARP == 0) {
    part[threadIdx.x / WARP] = v;
  }
  __syncthreads();
  v = part[0];
  for (int i = 1; i < THREADS / WARP; i++) {
    v = join(v, part[i]);
  }
  __syncthreads();
  return v;
}

template <typename T>
Q_FUNCTION void block(const Params& p) {
  Q_DYNAMIC_SHARED(T, row);
  __shared__ T part[THREADS / WARP];
  const bool log = p.log != 0;
  const bool held = p.held != 0;
  for (long o = blockIdx.x; o < p.rows; o += gridDim.x) {
    const T* in = static_cast<const T*>(p.in) + q_row(p.dim, p.source, o);
    T* out = static_cast<T*>(p.out) + q_row(p.dim, p.target, o);
    T m = -INFINITY;
    for (long j = threadIdx.x; j < p.length; j += THREADS) {
      const T x = in[j * p.from];
      if (held) {
        row[j] = x;
      }
      m = max_of(m, x);
    }
    m = join_block(m, part, [](T a, T b) { return max_of(a, b); });
    T sum = 0;
    for (long j = threadIdx.x; j < p.length; j += THREADS) {
      sum += exp_of((held ? row[j] : in[j * p.from]) - m);
    }
    sum = join_block(sum, part, [](T a, T b) { return a + b; });
    const T scale = log ? log_of(sum) : sum;
    for (long j = threadIdx.x; j < p.length; j += THREADS) {
      out[j * p.to] = result(log, held ? row[j] : in[j * p.from], m, scale);
    }
  }
}

#define SOFTMAX(S, T)                                                                                           \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) softmax_##S(const __grid_constant__ Params p) {        \
    teams<T>(p);                                                                                                \
  }                                                                                                             \
  extern "C" __global__ void __launch_bounds__(THREADS, 1) softmax_block_##S(const __grid_constant__ Params p) {  \
    block<T>(p);                                                                                                \
  }

SOFTMAX(f32, float)
SOFTMAX(f64, double)
