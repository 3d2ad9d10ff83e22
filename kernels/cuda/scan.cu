// Running sums or products along the last axis, a thread per row and chunk.
//
// scan_totals: the total of each chunk but the last, in two parts, into totals.
// scan: from the totals of the chunks before its own on, the results of a chunk.
//
// A floating sum is held in two parts: what each addition loses goes into the second (Neumaier,
// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974).
#include "prelude.h"
#include "rows.h"

struct Params {
  void* in;
  void* out;
  void* totals;
  long rows;
  long length;
  long from;  // the distance of neighbours in the input
  long to;    // and in the output
  long chunk;
  long chunks;
  long dim[ROW_AXES];
  RowView source;
  RowView target;
};

template <typename T>
struct Sum {
  T s = (T)-0.0;
  T c = (T)-0.0;

  Q_FUNCTION_MEMBER void add(T v) {
    const T t = s + v;
    c += fabs(s) >= fabs(v) ? (s - t) + v : (v - t) + s;
    s = t;
  }
  Q_FUNCTION_MEMBER void add_rest(T rest) {
    c += rest;
  }
  // An infinite sum has an invalid second part.
  Q_FUNCTION_MEMBER T result() const {
    return fabs(s) < (T)INFINITY ? s + c : s;
  }
};

template <typename T>
struct Product {
  T s = 1;
  T c = 1;

  Q_FUNCTION_MEMBER void add(T v) {
    s = s * v;
  }
  Q_FUNCTION_MEMBER void add_rest(T) {}
  Q_FUNCTION_MEMBER T result() const {
    return s;
  }
};

struct WholeSum {
  long s = 0;
  long c = 0;

  Q_FUNCTION_MEMBER void add(long v) {
    s = (long)((ulong)s + (ulong)v);
  }
  Q_FUNCTION_MEMBER void add_rest(long) {}
  Q_FUNCTION_MEMBER long result() const {
    return s;
  }
};

struct WholeProduct {
  long s = 1;
  long c = 1;

  Q_FUNCTION_MEMBER void add(long v) {
    s = (long)((ulong)s * (ulong)v);
  }
  Q_FUNCTION_MEMBER void add_rest(long) {}
  Q_FUNCTION_MEMBER long result() const {
    return s;
  }
};

template <typename T, typename State>
Q_FUNCTION void find_totals(const Params& p) {
  const T* in = static_cast<const T*>(p.in);
  T* totals = static_cast<T*>(p.totals);
  Q_LOOP_OVER(w, p.rows * (p.chunks - 1)) {
    const long o = w / (p.chunks - 1);
    const long k = w - o * (p.chunks - 1);
    const long row = q_row(p.dim, p.source, o);
    State state;
    for (long j = k * p.chunk; j < (k + 1) * p.chunk; j++) {
      state.add(in[row + j * p.from]);
    }
    totals[2 * (o * p.chunks + k)] = state.s;
    totals[2 * (o * p.chunks + k) + 1] = state.c;
  }
}

template <typename T, typename State>
Q_FUNCTION void find_results(const Params& p) {
  const T* in = static_cast<const T*>(p.in);
  T* out = static_cast<T*>(p.out);
  const T* totals = static_cast<const T*>(p.totals);
  Q_LOOP_OVER(w, p.rows * p.chunks) {
    const long o = w / p.chunks;
    const long k = w - o * p.chunks;
    const long row = q_row(p.dim, p.source, o);
    const long target = q_row(p.dim, p.target, o);
    State state;
    for (long i = 0; i < k; i++) {
      state.add(totals[2 * (o * p.chunks + i)]);
      state.add_rest(totals[2 * (o * p.chunks + i) + 1]);
    }
    const long end = min(p.length, (k + 1) * p.chunk);
    for (long j = k * p.chunk; j < end; j++) {
      state.add(in[row + j * p.from]);
      out[target + j * p.to] = state.result();
    }
  }
}

#define SCAN(name, T, State)                                      \
  Q_KERNEL scan_totals_##name(const __grid_constant__ Params p) { \
    find_totals<T, State>(p);                                     \
  }                                                               \
  Q_KERNEL scan_##name(const __grid_constant__ Params p) {        \
    find_results<T, State>(p);                                    \
  }

SCAN(sum_f32, float, Sum<float>)
SCAN(sum_f64, double, Sum<double>)
SCAN(sum_i64, long, WholeSum)
SCAN(prod_f32, float, Product<float>)
SCAN(prod_f64, double, Product<double>)
SCAN(prod_i64, long, WholeProduct)
