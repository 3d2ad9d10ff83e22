// Reduces a fused program's value, in an order that the extents alone fix.
//
// The axes of the views come as three that are kept and three that are reduced, of which the last
// is the one whose neighbours a thread takes WIDTH of. BY_COLUMNS, where neighbouring results lie
// side by side, the last kept axis is that one, and comes after the reduced ones.
//
// A piece is WIDTH neighbours. A team of threads shares a row (or WIDTH of them) and a chunk of its
// pieces: neighbouring threads, or by columns every 32nd thread of the block. Each thread joins what
// it gets, lane by lane; then the lanes of a row, then the threads of the team in a tree.
//
// LOG_SUM_EXP: log(sum(exp)) of whole rows, in a pass for the maximum and one for the sum.
#include "program.h"

#ifdef WIDE
#define NAME(name) wide_##name
#else
#define NAME(name) name
#endif

#define THREADS 256
#define WARP 32
#define ALL 0xffffffffu

struct Params {
  Program program;
  long items;     // rows, or by columns pieces of rows
  long pieces;    // of a row, or by columns rows to be joined
  long chunk;     // in pieces
  long chunks;
  long distance;  // between the results of two chunks
  long team;      // the threads of a team: up to 32, or the block's; by columns the block's by 32
  long columns;   // whether by columns
  long out;       // the view of the results
  long join;      // what joins two values
  long identity;
  long log_sum_exp;
};

// The numbers are dev.quern.kernels.PrebuiltReduce's.
#define JOINS(S, N)                                             \
  case 0 + N:                                                   \
    return q_word((q_##S)(q_as<q_##S>(a) + q_as<q_##S>(b)));    \
  case 1 + N:                                                   \
    return q_word((q_##S)(q_as<q_##S>(a) * q_as<q_##S>(b)));    \
  case 2 + N:                                                   \
    return q_word(q_max_##S(q_as<q_##S>(a), q_as<q_##S>(b)));   \
  case 3 + N:                                                   \
    return q_word(q_min_##S(q_as<q_##S>(a), q_as<q_##S>(b)));

#define INTEGER_JOINS(S, U, N)                                      \
  case 0 + N:                                                       \
    return q_word((q_##S)((U)q_as<q_##S>(a) + (U)q_as<q_##S>(b)));  \
  case 1 + N:                                                       \
    return q_word((q_##S)((U)q_as<q_##S>(a) * (U)q_as<q_##S>(b)));  \
  case 2 + N:                                                       \
    return q_word(q_max_##S(q_as<q_##S>(a), q_as<q_##S>(b)));       \
  case 3 + N:                                                       \
    return q_word(q_min_##S(q_as<q_##S>(a), q_as<q_##S>(b)));

#define SUM_F32 0
#define MAX_F32 2
#define SUM_F64 4
#define MAX_F64 6

Q_FUNCTION Word join(int how, Word a, Word b) {
  switch (how) {
    JOINS(f32, SUM_F32)
#ifdef WIDE
    JOINS(f64, SUM_F64)
    INTEGER_JOINS(i64, ulong, 12)
#endif
    INTEGER_JOINS(i32, uint, 8)
    case 16:
      return a | b;
    default:
      return a & b;
  }
}

Q_FUNCTION Word join_lanes(int how, const Lanes& r) {
#ifdef WIDE
  return join(how, r.w[0], r.w[1]);
#else
  return join(how, join(how, r.w[0], r.w[2]), join(how, r.w[1], r.w[3]));
#endif
}

Q_FUNCTION Lanes all_lanes(Word w) {
  Lanes r;
#pragma unroll
  for (int l = 0; l < WIDTH; l++) {
    r.w[l] = w;
  }
  return r;
}

// Joins the threads of a team; each gets the result.
Q_FUNCTION Lanes join_team(const Params& p, int how, Lanes r, Lanes* part) {
  const int team = (int)p.team;
  const int me = threadIdx.x;
  if (p.columns != 0) {
    part[me] = r;
    __syncthreads();
    for (int s = team / 2; s > 0; s /= 2) {
      if (me / WARP < s) {
#pragma unroll
        for (int l = 0; l < WIDTH; l++) {
          part[me].w[l] = join(how, part[me].w[l], part[me + s * WARP].w[l]);
        }
      }
      __syncthreads();
    }
    r = part[me % WARP];
    __syncthreads();
    return r;
  }
  Word w = join_lanes(how, r);
  for (int s = min(team, WARP) / 2; s > 0; s /= 2) {
    w = join(how, w, __shfl_xor_sync(ALL, w, s));
  }
  if (team > WARP) {
    if (me % WARP == 0) {
      part[me / WARP].w[0] = w;
    }
    __syncthreads();
    w = part[0].w[0];
    for (int i = 1; i < team / WARP; i++) {
      w = join(how, w, part[i].w[0]);
    }
    __syncthreads();
  }
  return all_lanes(w);
}

// e to the power of a value less the maximum.
Q_FUNCTION Word exp_of(int how, Word v, Word m) {
#ifdef WIDE
  if (how == SUM_F64) {
    return q_word(q_exp_f64(q_as<double>(v) - q_as<double>(m)));
  }
#endif
  return q_word(q_exp_f32(q_as<float>(v) - q_as<float>(m)));
}

// Infinite maxima are their own result; a NaN comes through both.
Q_FUNCTION Word log_of(int how, Word m, Word sum) {
#ifdef WIDE
  if (how == SUM_F64) {
    const double d = q_as<double>(m);
    return fabs(d) == INFINITY ? m : q_word(d + q_log_f64(q_as<double>(sum)));
  }
#endif
  const float f = q_as<float>(m);
  return fabs(f) == INFINITY ? m : q_word(f + q_log_f32(q_as<float>(sum)));
}

// Takes an index apart into coordinates on the axes from first to before end.
Q_FUNCTION void locate(const Program& p, long index, int first, int end, Place& at) {
#pragma unroll
  for (int a = MAX_AXES - 2; a >= 0; a--) {
    if (a >= first && a < end) {
      const long rest = a > first ? index / p.dim[a] : 0;
      at.c[a] = index - rest * p.dim[a];
      index = rest;
    }
  }
}

extern "C" __global__ void __launch_bounds__(THREADS, 1) NAME(reduce)(const __grid_constant__ Params p) {
  Q_DYNAMIC_SHARED(Lanes, slots);
  __shared__ Lanes part[THREADS];
  const Program& program = p.program;
  const bool columns = p.columns != 0;
  const int kept = columns ? 2 : 3;
  const int team = (int)p.team;
  const int teams = THREADS / team;
  const int mine = columns ? threadIdx.x % WARP : threadIdx.x / team;
  const int member = columns ? threadIdx.x / WARP : threadIdx.x % team;
  const long inner = program.dim[MAX_AXES - 1];
  const long across = (inner + WIDTH - 1) / WIDTH;
  const int passes = p.log_sum_exp != 0 ? 2 : 1;
  const long total = p.items * p.chunks;
  for (long base = (long)blockIdx.x * teams; base < total; base += (long)gridDim.x * teams) {
    const long work = base + mine;
    const bool busy = work < total;
    const long chunk = busy ? work / p.items : 0;
    const long item = busy ? work - chunk * p.items : 0;
    Place at;
    if (columns) {
      const long row = item / across;
      locate(program, row, 0, kept, at);
      at.i = (item - row * across) * WIDTH;
      at.count = (int)min((long)WIDTH, inner - at.i);
    } else {
      locate(program, item, 0, kept, at);
    }
    const long end = busy ? min(p.pieces, (chunk + 1) * p.chunk) : 0;
    int how = (int)p.join;
    Lanes most;
    Lanes r;
    for (int pass = 0; pass < passes; pass++) {
      r = all_lanes((Word)p.identity);
      if (pass == 1) {
        most = join_team(p, how, most, part);
        how -= MAX_F32 - SUM_F32;
        r = all_lanes(0);
      }
      for (long q = chunk * p.chunk + member; q < end; q += team) {
        if (columns) {
          locate(program, q, kept, MAX_AXES - 1, at);
        } else {
          const long row = q / across;
          locate(program, row, kept, MAX_AXES - 1, at);
          at.i = (q - row * across) * WIDTH;
          at.count = (int)min((long)WIDTH, inner - at.i);
        }
        const Lanes v = q_run<MAX_AXES>(program, at, slots);
#pragma unroll
        for (int l = 0; l < WIDTH; l++) {
          if (l < at.count) {
            r.w[l] = join(how, r.w[l], pass == 1 ? exp_of(how, v.w[l], most.w[l]) : v.w[l]);
          }
        }
      }
      if (pass < passes - 1) {
        most = r;
      }
    }
    r = join_team(p, how, r, part);
    if (passes == 2) {
#pragma unroll
      for (int l = 0; l < WIDTH; l++) {
        r.w[l] = log_of(how, most.w[l], r.w[l]);
      }
    }
    if (busy && member == 0) {
      // The results stand still on the reduced axes.
      Place to = at;
      if (!columns) {
        to.i = 0;
        to.count = 1;
      }
#pragma unroll
      for (int a = 0; a < MAX_AXES - 1; a++) {
        to.c[a] = a < kept ? at.c[a] : 0;
      }
      const View& view = program.view[p.out];
      long offset = q_offset<MAX_AXES>(program, (int)p.out, to) + chunk * p.distance;
      const long step = view.stride[MAX_AXES - 1];
      for (int l = 0; l < WIDTH; l++) {
        if (l < to.count) {
          void* block = program.block[p.out];
          switch (q_size(program, (int)p.out)) {
            case 0:
              static_cast<uchar*>(block)[offset] = (uchar)r.w[l];
              break;
            case 1:
              static_cast<ushort*>(block)[offset] = (ushort)r.w[l];
              break;
            case 2:
              static_cast<uint*>(block)[offset] = (uint)r.w[l];
              break;
            default:
              static_cast<ulong*>(block)[offset] = (ulong)r.w[l];
          }
          offset += step;
        }
      }
    }
  }
}
