// gather and scatter_add along one axis.
//
// An index out of range touches nothing outside: the first one found is reported in the launch's
// slot of fault, {1, index (two words), place in row-major order (two words)}, which the host looks
// at when it waits for the device. What gather cannot read becomes NaN, or 0 for integers.
//
// gather: out[place] = source[place with the index on the axis], a thread per element.
// scatter_add: target[place with the index on the axis] += source[place]; a thread per line along
//   the axis, so that equal indices are added in order, without atomics.
#include "prelude.h"
#include "rows.h"
#include "plus.h"

Q_FUNCTION void report(int* fault, long index, long place) {
  if (atomicCAS(fault, 0, 1) == 0) {
    fault[1] = (int)index;
    fault[2] = (int)(index >> 32);
    fault[3] = (int)place;
    fault[4] = (int)(place >> 32);
  }
}

struct Gather {
  void* index;
  void* source;
  void* out;
  int* fault;
  long size;
  long extent;  // of the axis in the source
  long step;    // on the axis in the source
  long slot;
  long dim[ROW_AXES];
  RowView index_view;
  RowView source_view;  // stands still on the axis
  RowView out_view;
};

template <typename I, typename T>
Q_FUNCTION void gather(const Gather& p, T nothing) {
  const I* index = static_cast<const I*>(p.index);
  const T* source = static_cast<const T*>(p.source);
  T* out = static_cast<T*>(p.out);
  Q_LOOP_OVER(o, p.size) {
    long k = index[q_row(p.dim, p.index_view, o)];
    T value = nothing;
    if (k < -p.extent || k >= p.extent) {
      report(p.fault + p.slot, k, o);
    } else {
      k = k < 0 ? k + p.extent : k;
      value = source[q_row(p.dim, p.source_view, o) + k * p.step];
    }
    out[q_row(p.dim, p.out_view, o)] = value;
  }
}

struct Scatter {
  void* index;
  void* source;
  void* target;
  int* fault;
  long lines;
  long length;  // of the axis in the index
  long extent;  // and in the target
  long index_step;
  long source_step;
  long target_step;
  long slot;
  long dim[ROW_AXES];
  RowView index_view;
  RowView source_view;
  RowView target_view;
};

template <typename I, typename T>
Q_FUNCTION void scatter_add(const Scatter& p) {
  const I* index = static_cast<const I*>(p.index);
  const T* source = static_cast<const T*>(p.source);
  T* target = static_cast<T*>(p.target);
  Q_LOOP_OVER(o, p.lines) {
    const long at = q_row(p.dim, p.index_view, o);
    const long from = q_row(p.dim, p.source_view, o);
    const long to = q_row(p.dim, p.target_view, o);
    for (long j = 0; j < p.length; j++) {
      long k = index[at + j * p.index_step];
      if (k < -p.extent || k >= p.extent) {
        report(p.fault + p.slot, k, o * p.length + j);
      } else {
        k = k < 0 ? k + p.extent : k;
        T* place = target + to + k * p.target_step;
        *place = plus(*place, source[from + j * p.source_step]);
      }
    }
  }
}

#define INDEXED(I, N, T, S, nothing)                                     \
  Q_KERNEL gather_##S##_##N(const __grid_constant__ Gather p) {          \
    gather<I, T>(p, nothing);                                            \
  }                                                                      \
  Q_KERNEL scatter_add_##S##_##N(const __grid_constant__ Scatter p) {    \
    scatter_add<I, T>(p);                                                \
  }

// Half floats are only moved; what cannot be read is their NaN.
#define GATHERED(I, N, S, nothing)                               \
  Q_KERNEL gather_##S##_##N(const __grid_constant__ Gather p) {  \
    gather<I, ushort>(p, nothing);                               \
  }

#define INDEXED_BY(I, N)                        \
  INDEXED(I, N, uchar, bool, 0)                 \
  INDEXED(I, N, int, i32, 0)                    \
  INDEXED(I, N, long, i64, 0)                   \
  INDEXED(I, N, float, f32, (float)NAN)         \
  INDEXED(I, N, double, f64, (double)NAN)       \
  GATHERED(I, N, f16, 0x7e00)                   \
  GATHERED(I, N, bf16, 0x7fc0)

INDEXED_BY(int, i32)
INDEXED_BY(long, i64)
