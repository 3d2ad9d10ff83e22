// The place of the first greatest or least element of each row, NaN before all others.
//
// The axes come as three that are kept and three that are reduced; a team of threads (up to 32, or
// the whole block) shares a row.
#include "prelude.h"

#define AXES 6
#define THREADS 256
#define WARP 32
#define ALL 0xffffffffu

struct View {
  long offset;
  long stride[AXES];
};

struct Params {
  void* in;
  void* out;
  long rows;
  long reduced;
  long team;
  long greatest;  // or least
  long dim[AXES];
  View from;
  View to;
};

Q_FUNCTION long locate(const Params& p, const View& v, long index, int first, int end) {
  long offset = 0;
  for (int a = end - 1; a >= first; a--) {
    const long rest = a > first ? index / p.dim[a] : 0;
    offset += (index - rest * p.dim[a]) * v.stride[a];
    index = rest;
  }
  return offset;
}

// Whether b beats a, whatever their places.
template <typename T>
Q_FUNCTION bool beats(bool greatest, T b, T a) {
  return (greatest ? b > a : b < a) || (b != b && a == a);
}

template <typename T>
Q_FUNCTION void join(bool greatest, T& best, long& place, T other, long there) {
  // No place: a thread without elements. Ties, also of NaNs, go to the first place.
  if (there >= 0) {
    const bool tied = !beats(greatest, other, best) && !beats(greatest, best, other);
    if (place < 0 || beats(greatest, other, best) || (tied && there < place)) {
      best = other;
      place = there;
    }
  }
}

template <typename T>
Q_FUNCTION void arg(const Params& p) {
  __shared__ T bests[THREADS / WARP];
  __shared__ long places[THREADS / WARP];
  const T* in = static_cast<const T*>(p.in) + p.from.offset;
  long* out = static_cast<long*>(p.out) + p.to.offset;
  const bool greatest = p.greatest != 0;
  const int team = (int)p.team;
  const int teams = THREADS / team;
  const int member = threadIdx.x % team;
  for (long base = (long)blockIdx.x * teams; base < p.rows; base += (long)gridDim.x * teams) {
    const long row = base + threadIdx.x / team;
    T best = 0;
    long place = -1;
    if (row < p.rows) {
      const long at = locate(p, p.from, row, 0, 3);
      for (long j = member; j < p.reduced; j += team) {
        join(greatest, best, place, in[at + locate(p, p.from, j, 3, AXES)], j);
      }
    }
    for (int s = min(team, WARP) / 2; s > 0; s /= 2) {
      const T other = __shfl_xor_sync(ALL, best, s);
      const long there = __shfl_xor_sync(ALL, place, s);
      join(greatest, best, place, other, there);
    }
    if (team > WARP) {
      if (threadIdx.x % WARP == 0) {
        bests[threadIdx.x / WARP] = best;
        places[threadIdx.x / WARP] = place;
      }
      __syncthreads();
      if (threadIdx.x == 0) {
        for (int i = 1; i < team / WARP; i++) {
          join(greatest, best, place, bests[i], places[i]);
        }
      }
      __syncthreads();
    }
    if (member == 0 && row < p.rows) {
      out[locate(p, p.to, row, 0, 3)] = place;
    }
  }
}

#define ARG(S, T)                                                                                       \
  extern "C" __global__ void __launch_bounds__(THREADS) arg_##S(const __grid_constant__ Params p) {    \
    arg<T>(p);                                                                                          \
  }

ARG(bool, uchar)
ARG(i32, int)
ARG(i64, long)
ARG(f32, float)
ARG(f64, double)
