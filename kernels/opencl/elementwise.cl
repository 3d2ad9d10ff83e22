// map: runs a fused program once per element and writes its outputs.
//
// Pointers: the inputs, then the outputs (ARGUMENTS). Words: outer and inner extent, then the
// layout of the views (see Geometry). LOCATE finds, from o, where each view's row starts; RUN
// computes element i of it. Rows are spread over the second axis of the grid, their elements over
// the first: each work item takes a contiguous piece, of which a processor's compiler makes vectors;
// with INTERLEAVED, on a GPU, neighbouring work items take neighbouring elements.
//
// map_vector: the same for views without gaps (or of one element), WIDTH neighbouring elements a
// work item: RUN_VECTOR loads and stores them together. Used on GPUs.
#include "quern.h"

kernel void map(ARGUMENTS, const Params p) {
  const INDEX outer = (INDEX)p.v[0];
  const INDEX inner = (INDEX)p.v[1];
#ifdef INTERLEAVED
  const INDEX first = get_global_id(0);
  const INDEX last = inner;
  const INDEX step = get_global_size(0);
#else
  const INDEX piece = (inner + (INDEX)get_global_size(0) - 1) / (INDEX)get_global_size(0);
  const INDEX first = min(inner, (INDEX)get_global_id(0) * piece);
  const INDEX last = min(inner, first + piece);
  const INDEX step = 1;
#endif
  for (INDEX o = get_global_id(1); o < outer; o += get_global_size(1)) {
    LOCATE
    for (INDEX i = first; i < last; i += step) {
      RUN
    }
  }
}

#ifdef RUN_VECTOR
kernel void map_vector(ARGUMENTS, const Params p) {
  const INDEX inner = (INDEX)p.v[1];
  const INDEX o = 0;
  LOCATE
  const INDEX vectors = inner / WIDTH;
  for (INDEX j = get_global_id(0); j < vectors; j += get_global_size(0)) {
    RUN_VECTOR
  }
  for (INDEX i = vectors * WIDTH + (INDEX)get_global_id(0); i < inner; i += get_global_size(0)) {
    RUN
  }
}
#endif
