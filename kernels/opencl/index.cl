// gather and scatter_add along one axis.
//
// An index out of range touches nothing outside: the first one found is reported in the launch's
// slot of fault, {1, index (two words), place in row-major order (two words)}, which the host looks at
// when it waits for the device. What gather cannot read becomes NOTHING: NaN, or 0 for integers.
//
// gather: out[place] = source[place with the index on the axis], a work item per element.
//   Words: size, extent of the axis, its stride in the source, place of the slot, then the layout of index,
//   source (stride 0 on the axis) and output (see Geometry).
// scatter_add: target[place with the index on the axis] += source[place]; a work item per line
//   along the axis, so that equal indices are added in order, without atomics.
//   Words: lines, length of the axis in the index, extent in the target, strides on the axis in
//   index, source and target, place of the slot, then the layout of index, source and target.
#include "quern.h"

void report(global int* fault, long index, long place) {
  if (atomic_cmpxchg(fault, 0, 1) == 0) {
    fault[1] = (int)index;
    fault[2] = (int)(index >> 32);
    fault[3] = (int)place;
    fault[4] = (int)(place >> 32);
  }
}

#ifdef GATHER
kernel void gather(
    global const I* index, global const T* source, global T* out, global int* fault,
    const Params p) {
  const INDEX size = (INDEX)p.v[0];
  const long extent = p.v[1];
  for (INDEX o = get_global_id(0); o < size; o += get_global_size(0)) {
    LOCATE
    long k = index[at0];
    if (k < -extent || k >= extent) {
      report(fault + p.v[3], k, o);
      out[at2] = NOTHING;
    } else {
      k = k < 0 ? k + extent : k;
      out[at2] = source[at1 + (INDEX)k * (INDEX)p.v[2]];
    }
  }
}
#else
kernel void scatter_add(
    global const I* index, global const T* source, global T* target, global int* fault,
    const Params p) {
  const INDEX lines = (INDEX)p.v[0];
  const INDEX length = (INDEX)p.v[1];
  const long extent = p.v[2];
  for (INDEX o = get_global_id(0); o < lines; o += get_global_size(0)) {
    LOCATE
    for (INDEX j = 0; j < length; j++) {
      long k = index[at0 + j * (INDEX)p.v[3]];
      if (k < -extent || k >= extent) {
        report(fault + p.v[6], k, o * length + j);
      } else {
        k = k < 0 ? k + extent : k;
        const INDEX to = at2 + (INDEX)k * (INDEX)p.v[5];
        target[to] = ADD(target[to], source[at1 + j * (INDEX)p.v[4]]);
      }
    }
  }
}
#endif
