// Kernels with faults, to show that the checks find them.

typedef struct {
  long n;
} Params;

// Sums in a tree without the barrier between two steps.
kernel void race(global int* data, const Params p) {
  local int part[GROUP];
  int me = get_local_id(0);
  part[me] = data[me];
  for (int s = GROUP / 2; s > 0; s /= 2) {
    if (me < s) {
      part[me] += part[me + s];
    }
  }
  data[me] = part[0];
}

// Writes one element beyond the end.
kernel void beyond(global int* data, const Params p) {
  data[get_global_id(0) + p.n - 7] = 1;
}

// Reads local memory that nobody wrote.
kernel void uninitialised(global int* data, const Params p) {
  local int part[GROUP];
  int me = get_local_id(0);
  if (me > 0) {
    part[me] = me;
  }
  barrier(CLK_LOCAL_MEM_FENCE);
  data[me] = part[GROUP - 1 - me] > 2 ? 1 : 0;
}
