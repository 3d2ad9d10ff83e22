// Softmax, or its logarithm (LOG_SOFTMAX), along the last axis.
//
// Pointers: input, output. Words: rows, length, the distance of neighbours in the input and in the
// output, then the layout of the rows (see Geometry). LOCATE finds where row o starts in both.
//
// softmax_item: a work item per row; for short rows and on a processor.
// softmax_group: a group per row, maximum and sum in trees; for longer rows on a GPU.
#include "quern.h"

#ifdef LOG_SOFTMAX
#define SCALE(s) LOG(s)
#define RESULT(x, m, s) ((x - m) - s)
#else
#define SCALE(s) (s)
#define RESULT(x, m, s) (EXP(x - m) / s)
#endif

#define LANES 8

kernel void softmax_item(global const T* in0, global T* out, const Params p) {
  const INDEX rows = (INDEX)p.v[0];
  const INDEX length = (INDEX)p.v[1];
  const INDEX from = (INDEX)p.v[2];
  const INDEX to = (INDEX)p.v[3];
  for (INDEX o = get_global_id(0); o < rows; o += get_global_size(0)) {
    LOCATE
    T m = -INFINITY;
    for (INDEX j = 0; j < length; j++) {
      m = MAX(m, in0[at0 + j * from]);
    }
    T a[LANES];
    for (int l = 0; l < LANES; l++) {
      a[l] = 0;
    }
    for (INDEX j = 0; j < length; j++) {
      a[j % LANES] += EXP(in0[at0 + j * from] - m);
    }
    for (int s = LANES / 2; s > 0; s /= 2) {
      for (int l = 0; l < s; l++) {
        a[l] += a[l + s];
      }
    }
    const T scale = SCALE(a[0]);
    for (INDEX j = 0; j < length; j++) {
      out[at1 + j * to] = RESULT(in0[at0 + j * from], m, scale);
    }
  }
}

#ifdef GROUP
kernel __attribute__((reqd_work_group_size(GROUP, 1, 1)))
void softmax_group(global const T* in0, global T* out, const Params p) {
  local T part[GROUP];
  const INDEX rows = (INDEX)p.v[0];
  const INDEX length = (INDEX)p.v[1];
  const INDEX from = (INDEX)p.v[2];
  const INDEX to = (INDEX)p.v[3];
  const int me = get_local_id(0);
  for (INDEX o = get_group_id(0); o < rows; o += get_num_groups(0)) {
    LOCATE
    T m = -INFINITY;
    for (INDEX j = me; j < length; j += GROUP) {
      m = MAX(m, in0[at0 + j * from]);
    }
    GROUP_FOLD(part, me, GROUP, m, MAX)
    T sum = 0;
    for (INDEX j = me; j < length; j += GROUP) {
      sum += EXP(in0[at0 + j * from] - m);
    }
    GROUP_FOLD(part, me, GROUP, sum, PLUS)
    const T scale = SCALE(sum);
    for (INDEX j = me; j < length; j += GROUP) {
      out[at1 + j * to] = RESULT(in0[at0 + j * from], m, scale);
    }
  }
}
#endif
