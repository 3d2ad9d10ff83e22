// Reduces plain arrays: what reduce.cu does where no program is to be run, rows are long, and
// neighbours lie side by side. Each thread has several loads of 16 bytes under way.
//
// rows: a block joins a chunk of a row. columns: a block joins a chunk of rows for 32 pieces of
// neighbouring columns, 8 rows at a time. A piece is 16 bytes, and the last of a row may be less.
#include "prelude.h"
#include "f32.h"
#include "ops.h"
#include "plus.h"

#define THREADS 256
#define WARP 32
#define DOWN (THREADS / WARP)
#define AHEAD 4
#define ALL 0xffffffffu

struct Params {
  void* in;
  void* out;
  long rows;      // results, or by columns the elements of a row
  long length;    // the elements of a row, or by columns rows to be joined
  long chunk;     // in pieces, or by columns in rows
  long chunks;
  long distance;  // between the results of two chunks
  long from;      // where the input starts, and the distance of its rows
  long row;
  long to;        // where the output starts, and the distance of its elements
  long step;
};

#define JOIN(name, e)                        \
  template <typename T>                      \
  struct name {                              \
    static Q_FUNCTION_MEMBER T of(T a, T b) { \
      return e;                              \
    }                                        \
  };

Q_FUNCTION float greater(float a, float b) {
  return q_max_f32(a, b);
}
Q_FUNCTION double greater(double a, double b) {
  return q_max_f64(a, b);
}
Q_FUNCTION int greater(int a, int b) {
  return a > b ? a : b;
}
Q_FUNCTION long greater(long a, long b) {
  return a > b ? a : b;
}
Q_FUNCTION float less(float a, float b) {
  return q_min_f32(a, b);
}
Q_FUNCTION double less(double a, double b) {
  return q_min_f64(a, b);
}
Q_FUNCTION int less(int a, int b) {
  return a < b ? a : b;
}
Q_FUNCTION long less(long a, long b) {
  return a < b ? a : b;
}

JOIN(Sum, plus(a, b))
JOIN(Max, greater(a, b))
JOIN(Min, less(a, b))

template <typename T>
struct alignas(16) Piece {
  static const int WIDTH = 16 / sizeof(T);
  T x[WIDTH];
};

template <typename T>
Q_FUNCTION Piece<T> load(const T* from, bool aligned) {
  Piece<T> r;
  if (aligned) {
    const int4 v = *reinterpret_cast<const int4*>(from);
    r = *reinterpret_cast<const Piece<T>*>(&v);
  } else {
#pragma unroll
    for (int l = 0; l < Piece<T>::WIDTH; l++) {
      r.x[l] = from[l];
    }
  }
  return r;
}

template <typename T, typename Join>
Q_FUNCTION void join(Piece<T>& a, const Piece<T>& b) {
#pragma unroll
  for (int l = 0; l < Piece<T>::WIDTH; l++) {
    a.x[l] = Join::of(a.x[l], b.x[l]);
  }
}

// One value of four pieces.
template <typename T, typename Join>
Q_FUNCTION T join_all(Piece<T>* r) {
  join<T, Join>(r[0], r[2]);
  join<T, Join>(r[1], r[3]);
  join<T, Join>(r[0], r[1]);
#pragma unroll
  for (int s = Piece<T>::WIDTH / 2; s > 0; s /= 2) {
#pragma unroll
    for (int l = 0; l < s; l++) {
      r[0].x[l] = Join::of(r[0].x[l], r[0].x[l + s]);
    }
  }
  return r[0].x[0];
}

template <typename T, typename Join>
Q_FUNCTION void rows(const Params& p, T identity) {
  __shared__ T part[DOWN];
  const int width = Piece<T>::WIDTH;
  for (long work = blockIdx.x; work < p.rows * p.chunks; work += gridDim.x) {
    const long chunk = work / p.rows;
    const long row = work - chunk * p.rows;
    const T* in = static_cast<const T*>(p.in) + p.from + row * p.row;
    const bool aligned = (reinterpret_cast<size_t>(in) & 15) == 0;
    const long pieces = p.length / width;
    const long end = min(pieces, (chunk + 1) * p.chunk);
    Piece<T> r[AHEAD];
#pragma unroll
    for (int i = 0; i < AHEAD; i++) {
#pragma unroll
      for (int l = 0; l < width; l++) {
        r[i].x[l] = identity;
      }
    }
    long q = chunk * p.chunk + threadIdx.x;
    for (; q + (AHEAD - 1) * THREADS < end; q += AHEAD * THREADS) {
      Piece<T> v[AHEAD];
#pragma unroll
      for (int i = 0; i < AHEAD; i++) {
        v[i] = load(in + (q + i * THREADS) * width, aligned);
      }
#pragma unroll
      for (int i = 0; i < AHEAD; i++) {
        join<T, Join>(r[i], v[i]);
      }
    }
    for (; q < end; q += THREADS) {
      join<T, Join>(r[0], load(in + q * width, aligned));
    }
    // What is left of the row after its whole pieces belongs to its last chunk.
    const long rest = pieces * width + threadIdx.x;
    if (chunk == p.chunks - 1 && rest < p.length) {
      r[1].x[0] = Join::of(r[1].x[0], in[rest]);
    }
    T v = join_all<T, Join>(r);
    for (int s = WARP / 2; s > 0; s /= 2) {
      v = Join::of(v, __shfl_xor_sync(ALL, v, s));
    }
    if (threadIdx.x % WARP == 0) {
      part[threadIdx.x / WARP] = v;
    }
    __syncthreads();
    if (threadIdx.x == 0) {
      for (int i = 1; i < DOWN; i++) {
        v = Join::of(v, part[i]);
      }
      static_cast<T*>(p.out)[p.to + row * p.step + chunk * p.distance] = v;
    }
    __syncthreads();
  }
}

template <typename T, typename Join>
Q_FUNCTION void columns(const Params& p, T identity) {
  __shared__ Piece<T> part[THREADS];
  const int width = Piece<T>::WIDTH;
  const long across = (p.rows + width - 1) / width;
  const long tiles = (across + WARP - 1) / WARP;
  const int down = threadIdx.x / WARP;
  for (long work = blockIdx.x; work < tiles * p.chunks; work += gridDim.x) {
    const long chunk = work / tiles;
    const long column = ((work - chunk * tiles) * WARP + threadIdx.x % WARP) * width;
    const int count = (int)max(0L, min((long)width, p.rows - column));
    const T* in = static_cast<const T*>(p.in) + p.from + column;
    const bool whole = count == width;
    const bool aligned = (reinterpret_cast<size_t>(in) & 15) == 0 && p.row % width == 0;
    const long end = min(p.length, (chunk + 1) * p.chunk);
    Piece<T> r;
#pragma unroll
    for (int l = 0; l < width; l++) {
      r.x[l] = identity;
    }
    long j = chunk * p.chunk + down;
    if (whole) {
      for (; j + (AHEAD - 1) * DOWN < end; j += AHEAD * DOWN) {
        Piece<T> v[AHEAD];
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
          v[i] = load(in + (j + i * DOWN) * p.row, aligned);
        }
#pragma unroll
        for (int i = 0; i < AHEAD; i++) {
          join<T, Join>(r, v[i]);
        }
      }
    }
    for (; j < end; j += DOWN) {
#pragma unroll
      for (int l = 0; l < width; l++) {
        if (l < count) {
          r.x[l] = Join::of(r.x[l], in[j * p.row + l]);
        }
      }
    }
    part[threadIdx.x] = r;
    __syncthreads();
    for (int s = DOWN / 2; s > 0; s /= 2) {
      if (down < s) {
        join<T, Join>(part[threadIdx.x], part[threadIdx.x + s * WARP]);
      }
      __syncthreads();
    }
    if (down == 0) {
      T* out = static_cast<T*>(p.out) + p.to + chunk * p.distance;
      for (int l = 0; l < count; l++) {
        out[(column + l) * p.step] = part[threadIdx.x].x[l];
      }
    }
    __syncthreads();
  }
}

#define REDUCE(name, Join, S, T, identity)                                       \
  extern "C" __global__ void __launch_bounds__(THREADS, 1)                       \
      name##_rows_##S(const __grid_constant__ Params p) {                        \
    rows<T, Join<T>>(p, identity);                                               \
  }                                                                              \
  extern "C" __global__ void __launch_bounds__(THREADS, 1)                       \
      name##_columns_##S(const __grid_constant__ Params p) {                     \
    columns<T, Join<T>>(p, identity);                                            \
  }

#define REDUCE_EACH(S, T, zero, least, greatest) \
  REDUCE(sum, Sum, S, T, zero)                   \
  REDUCE(max, Max, S, T, least)                  \
  REDUCE(min, Min, S, T, greatest)

// A sum of floats starts with -0, since 0 would change -0.
REDUCE_EACH(f32, float, -0.0f, -INFINITY, INFINITY)
REDUCE_EACH(f64, double, -0.0, -INFINITY, INFINITY)
REDUCE_EACH(i32, int, 0, INT_MIN, INT_MAX)
REDUCE_EACH(i64, long, 0, LONG_MIN, LONG_MAX)
