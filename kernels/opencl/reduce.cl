// Reductions of a fused program's value, in an order that the extents alone fix.
//
// Pointers: the inputs, then the output (ARGUMENTS, out). Words: kept and reduced extent, the
// length of a chunk, the number of chunks, the distance between the outputs of chunks, then the
// layout of the views (see Geometry). KEPT finds, from o, where the reduced elements of one result
// lie; VALUE(to, j) computes the j-th; T is its type.
//
// reduce_item: a work item per result and chunk; for results whose elements lie side by side, for
//   short rows, and always on a processor. LANES running values, so that the error stays low.
// reduce_group: a group per result and chunk, combined in a tree; for long rows on a GPU.
// log_sum_exp_item, log_sum_exp_group: log(sum(exp)) of whole rows, likewise.
// arg_item, arg_group: the place of the first greatest or least element (BETTER), NaN first.
#include "quern.h"

// The order of the tree: 0+4, 1+5, 2+6, 3+7, then 0+2, 1+3, then 0+1.
#define LANES 8
#define FOLD(a, join)                  \
  for (int s = LANES / 2; s > 0; s /= 2) { \
    for (int l = 0; l < s; l++) {      \
      a[l] = join(a[l], a[l + s]);     \
    }                                  \
  }

#ifdef JOIN
kernel void reduce_item(ARGUMENTS, global T* out, const Params p) {
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  const INDEX chunk = (INDEX)p.v[2];
  const INDEX chunks = (INDEX)p.v[3];
  for (INDEX w = get_global_id(0); w < kept * chunks; w += get_global_size(0)) {
    const INDEX o = w % kept;
    const INDEX c = w / kept;
    KEPT
    INDEX j = c * chunk;
    const INDEX end = min(reduced, j + chunk);
    T r;
    VALUE(r, j)
    j++;
    if (end - j >= 2 * LANES) {
      T a[LANES];
      for (int l = 0; l < LANES; l++) {
        VALUE(a[l], j + l)
      }
      for (j += LANES; j + LANES <= end; j += LANES) {
        for (int l = 0; l < LANES; l++) {
          T v;
          VALUE(v, j + l)
          a[l] = JOIN(a[l], v);
        }
      }
      FOLD(a, JOIN)
      r = JOIN(r, a[0]);
    }
    for (; j < end; j++) {
      T v;
      VALUE(v, j)
      r = JOIN(r, v);
    }
    out[AT_OUT + c * (INDEX)p.v[4]] = r;
  }
}

#ifdef GROUP
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void reduce_group(ARGUMENTS, global T* out, const Params p) {
  local T part[GROUP];
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  const INDEX chunk = (INDEX)p.v[2];
  const INDEX chunks = (INDEX)p.v[3];
  const int me = get_local_id(0);
  for (INDEX w = get_group_id(0); w < kept * chunks; w += get_num_groups(0)) {
    const INDEX o = w % kept;
    const INDEX c = w / kept;
    KEPT
    INDEX j = c * chunk + me;
    const INDEX end = min(reduced, (c + 1) * chunk);
    T r = 0;
    if (j < end) {
      VALUE(r, j)
    }
    for (j += GROUP; j < end; j += GROUP) {
      T v;
      VALUE(v, j)
      r = JOIN(r, v);
    }
    // An item without elements has nothing to say: the identity of a sum would turn -0 to +0.
    const INDEX busy = min((INDEX)GROUP, end - c * chunk);
    GROUP_FOLD(part, me, busy, r, JOIN)
    if (me == 0) {
      out[AT_OUT + c * (INDEX)p.v[4]] = r;
    }
  }
}
#endif
#endif

#ifdef LOG_SUM_EXP
// Infinite maxima are their own result; a NaN comes through both.
#define FINISH(m, s) (fabs(m) == INFINITY ? m : m + LOG(s))

kernel void log_sum_exp_item(ARGUMENTS, global T* out, const Params p) {
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  for (INDEX o = get_global_id(0); o < kept; o += get_global_size(0)) {
    KEPT
    T m = -INFINITY;
    for (INDEX j = 0; j < reduced; j++) {
      T v;
      VALUE(v, j)
      m = MAX(m, v);
    }
    T a[LANES];
    for (int l = 0; l < LANES; l++) {
      a[l] = 0;
    }
    for (INDEX j = 0; j < reduced; j++) {
      T v;
      VALUE(v, j)
      a[j % LANES] += EXP(v - m);
    }
    for (int s = LANES / 2; s > 0; s /= 2) {
      for (int l = 0; l < s; l++) {
        a[l] += a[l + s];
      }
    }
    out[AT_OUT] = FINISH(m, a[0]);
  }
}

#ifdef GROUP
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void log_sum_exp_group(ARGUMENTS, global T* out, const Params p) {
  local T part[GROUP];
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  const int me = get_local_id(0);
  for (INDEX o = get_group_id(0); o < kept; o += get_num_groups(0)) {
    KEPT
    T m = -INFINITY;
    for (INDEX j = me; j < reduced; j += GROUP) {
      T v;
      VALUE(v, j)
      m = MAX(m, v);
    }
    GROUP_FOLD(part, me, GROUP, m, MAX)
    T sum = 0;
    for (INDEX j = me; j < reduced; j += GROUP) {
      T v;
      VALUE(v, j)
      sum += EXP(v - m);
    }
    GROUP_FOLD(part, me, GROUP, sum, PLUS)
    if (me == 0) {
      out[AT_OUT] = FINISH(m, sum);
    }
  }
}
#endif
#endif

#ifdef BETTER
// Whether b, at the later place, beats a: greater or less, or the first NaN.
#define BEATS(b, a) (BETTER(b, a) || (b != b && a == a))

kernel void arg_item(ARGUMENTS, global long* out, const Params p) {
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  for (INDEX o = get_global_id(0); o < kept; o += get_global_size(0)) {
    KEPT
    T best;
    VALUE(best, 0)
    INDEX place = 0;
    for (INDEX j = 1; j < reduced; j++) {
      T v;
      VALUE(v, j)
      if (BEATS(v, best)) {
        best = v;
        place = j;
      }
    }
    out[AT_OUT] = place;
  }
}

#ifdef GROUP
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void arg_group(ARGUMENTS, global long* out, const Params p) {
  local T bests[GROUP];
  local INDEX places[GROUP];
  const INDEX kept = (INDEX)p.v[0];
  const INDEX reduced = (INDEX)p.v[1];
  const int me = get_local_id(0);
  const INDEX busy = min((INDEX)GROUP, reduced);
  for (INDEX o = get_group_id(0); o < kept; o += get_num_groups(0)) {
    KEPT
    if (me < busy) {
      T best;
      INDEX place = me;
      VALUE(best, place)
      for (INDEX j = me + GROUP; j < reduced; j += GROUP) {
        T v;
        VALUE(v, j)
        if (BEATS(v, best)) {
          best = v;
          place = j;
        }
      }
      bests[me] = best;
      places[me] = place;
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int s = GROUP / 2; s > 0; s /= 2) {
      if (me < s && me + s < busy) {
        const T a = bests[me];
        const T b = bests[me + s];
        // Neither beats the other where they are equal or both NaN: the first place counts.
        const bool tied = !BEATS(b, a) && !BEATS(a, b);
        if (BEATS(b, a) || (tied && places[me + s] < places[me])) {
          bests[me] = b;
          places[me] = places[me + s];
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (me == 0) {
      out[AT_OUT] = places[0];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
#endif
#endif
