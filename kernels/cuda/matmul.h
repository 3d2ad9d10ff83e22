// What all kernels of matrix products share: their parameters, the order of the work, the epilogue.
//
// c[i] = activation(a[i] . b[i] + bias[i]) for a batch of matrices. Every view is [batch, row, column] with any
// strides and an offset, in elements. K may be cut into splits, whose partial sums are added by matmul_sum in a fixed
// order.
#include "prelude.h"
#include "f32.h"
#include "ops.h"

struct View {
  long offset;
  long batch;
  long row;
  long column;
};

struct Params {
  const void* a;
  const void* b;
  const void* bias;  // read only if there is one
  void* c;
  long m;
  long n;
  long k;
  long batches;
  long splits;
  long depth;  // of a split
  View a_at;
  View b_at;
  View bias_at;
  View c_at;
  long c_split;     // from one split's sums to the next's
  long biased;      // whether there is a bias
  long activation;  // 0 none, 1 relu, 2 sigmoid, 3 tanh
  long rounded;     // tensor cores: whether c is of the type of a and b, and not F32
  long unused;
};

// 16 bytes of elements
template <typename T>
struct Pack;

template <>
struct Pack<float> {
  typedef float4 type;
  static constexpr int SIZE = 4;
};

template <>
struct Pack<double> {
  typedef double2 type;
  static constexpr int SIZE = 2;
};

Q_FUNCTION void unpack(float4 v, float* x) {
  x[0] = v.x;
  x[1] = v.y;
  x[2] = v.z;
  x[3] = v.w;
}

Q_FUNCTION void unpack(double2 v, double* x) {
  x[0] = v.x;
  x[1] = v.y;
}

Q_FUNCTION float4 pack(const float* x) {
  return make_float4(x[0], x[1], x[2], x[3]);
}

Q_FUNCTION double2 pack(const double* x) {
  return make_double2(x[0], x[1]);
}

// Reads 16 bytes; the pointer is a multiple of that.
template <typename T>
Q_FUNCTION void load_pack(const T* from, T* x) {
  unpack(*reinterpret_cast<const typename Pack<T>::type*>(from), x);
}

template <typename T>
Q_FUNCTION void store_pack(T* to, const T* x) {
  *reinterpret_cast<typename Pack<T>::type*>(to) = pack(x);
}

Q_FUNCTION bool is_aligned(const void* pointer) {
  return (reinterpret_cast<size_t>(pointer) & 15) == 0;
}

Q_FUNCTION long least(long a, long b) {
  return a < b ? a : b;
}

Q_FUNCTION long ceil_divided(long a, long b) {
  return (a + b - 1) / b;
}

// The same value, of which the compiler does not know that: what is computed from it is computed anew instead of kept
// in registers.
Q_FUNCTION long anew(long value) {
#ifndef QUERN_EMULATOR
  asm volatile("" : "+l"(value));
#endif
  return value;
}

Q_FUNCTION uint anew(uint value) {
#ifndef QUERN_EMULATOR
  asm volatile("" : "+r"(value));
#endif
  return value;
}

// One tile of one split of one product.
struct Place {
  long batch;
  long split;
  long i0;
  long j0;
  long from;  // the first k
  long to;    // and the one after the last

  // Neighbours lie in bands of 16 tiles' height, so that what runs at a time shares rows and columns.
  __device__ __forceinline__ Place(const Params& p, long tile, int height, int width) {
    const long down = ceil_divided(p.m, height);
    const long across = ceil_divided(p.n, width);
    const long each = down * across;
    const long matrix = tile / each;
    const long rest = tile - matrix * each;
    const long band = rest / (16 * across);
    const long high = least(16, down - 16 * band);
    const long inside = rest - 16 * band * across;
    const long column = inside / high;
    i0 = (16 * band + (inside - column * high)) * height;
    j0 = column * width;
    batch = matrix / p.splits;
    split = matrix - batch * p.splits;
    from = split * p.depth;
    to = least(p.k, from + p.depth);
  }

  static __device__ __forceinline__ long count(const Params& p, int height, int width) {
    return p.batches * p.splits * ceil_divided(p.m, height) * ceil_divided(p.n, width);
  }
};

Q_FUNCTION float sigmoid(float x) {
  return q_sigmoid_f32(x);
}

Q_FUNCTION double sigmoid(double x) {
  return q_sigmoid_f64(x);
}

Q_FUNCTION float hyperbolic_tangent(float x) {
  return q_tanh_f32(x);
}

Q_FUNCTION double hyperbolic_tangent(double x) {
  return q_tanh_f64(x);
}

// The epilogue of COUNT neighbouring sums: those of a row, or every step-th.
template <int COUNT, typename T>
Q_FUNCTION void finish(const Params& p, long batch, long i, long j, int step, int inside, T* x) {
  if (p.biased) {
    const T* bias = static_cast<const T*>(p.bias) + p.bias_at.offset + batch * p.bias_at.batch + i * p.bias_at.row +
                    j * p.bias_at.column;
#pragma unroll
    for (int e = 0; e < COUNT; e++) {
      if (e * step < inside) {
        x[e] += bias[e * step * p.bias_at.column];
      }
    }
  }
  switch (p.activation) {
    case 1:
#pragma unroll
      for (int e = 0; e < COUNT; e++) {
        x[e] = x[e] < 0 ? (T)0 : x[e];
      }
      break;
    case 2:
#pragma unroll
      for (int e = 0; e < COUNT; e++) {
        x[e] = sigmoid(x[e]);
      }
      break;
    case 3:
#pragma unroll
      for (int e = 0; e < COUNT; e++) {
        x[e] = hyperbolic_tangent(x[e]);
      }
      break;
    default:
      break;
  }
}

// Where sums go, of their own type.
template <typename T>
struct Plain {
  T* c;

  __device__ __forceinline__ explicit Plain(const Params& p) : c(static_cast<T*>(p.c)) {}

  // Whether all packs that begin at a multiple of their size from here can be written at once.
  __device__ __forceinline__ bool is_aligned_at(long at) const {
    return is_aligned(c + at);
  }

  __device__ __forceinline__ void put(long at, T x) const {
    c[at] = x;
  }

  __device__ __forceinline__ void put_pack(long at, const T* x) const {
    store_pack(c + at, x);
  }
};

// Applies the epilogue to one sum and writes it.
template <typename T, typename Out>
Q_FUNCTION void put(const Params& p, const Out& out, long batch, long split, long i, long j, T x) {
  finish<1>(p, batch, i, j, 1, 1, &x);
  out.put(p.c_at.offset + batch * p.c_at.batch + split * p.c_split + i * p.c_at.row + j * p.c_at.column, x);
}

// Applies the epilogue to some rows of a tile, in shared memory, and writes them. Through shared memory so that the
// loop need not be unrolled, as one over registers must be, and so that neighbouring threads write neighbours. Row y
// is row y / BAND * APART + y % BAND after the first.
template <int ROWS, int COLUMNS, int PITCH, int THREADS, int BAND, int APART, typename T, typename Out>
Q_FUNCTION void put_rows(const Params& p, const Out& out, const Place& at, int first, const T* sums, int thread) {
  constexpr int EACH = Pack<T>::SIZE;
  constexpr int ACROSS = COLUMNS / EACH;
  static_assert(ROWS * ACROSS % THREADS == 0 && THREADS % ACROSS == 0, "all threads have as much to do");
  const long matrix = p.c_at.offset + at.batch * p.c_at.batch + at.split * p.c_split;
  const bool wide = p.c_at.column == 1 && (p.c_at.row & (EACH - 1)) == 0 && out.is_aligned_at(matrix);
  // Where a pack cannot be written at once, a thread's columns are apart.
  const int step = wide ? 1 : ACROSS;
  const int x = wide ? thread % ACROSS * EACH : thread % ACROSS;
  const long j = at.j0 + x;
  const int inside = (int)least(p.n - j, COLUMNS);
#pragma unroll 1
  for (int y = thread / ACROSS; y < ROWS; y += THREADS / ACROSS) {
    const long i = at.i0 + first + y / BAND * APART + y % BAND;
    if (i >= p.m || inside <= 0) {
      continue;
    }
    T v[EACH];
    if (wide) {
      load_pack(sums + y * PITCH + x, v);
    } else {
#pragma unroll
      for (int e = 0; e < EACH; e++) {
        v[e] = sums[y * PITCH + x + e * ACROSS];
      }
    }
    finish<EACH>(p, at.batch, i, j, step, inside, v);
    const long to = matrix + i * p.c_at.row + j * p.c_at.column;
    if (wide && inside >= EACH) {
      out.put_pack(to, v);
    } else {
#pragma unroll
      for (int e = 0; e < EACH; e++) {
        if (e * step < inside) {
          out.put(to + e * step * p.c_at.column, v[e]);
        }
      }
    }
  }
}
