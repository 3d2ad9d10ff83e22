// Computes small sums for the driver's tests. Arguments: the blocks, then the structure of words.
#include "drivertest-types.cl"
#include "drivertest-types.cl"

// out[i] = FACTOR * a[i] + shift for i < n
kernel void scale(global const float* a, global float* out, Scale p) {
  for (long i = get_global_id(0); i < p.n; i += get_global_size(0)) {
    out[i] = FACTOR * a[i] + (float)p.shift;
  }
}

// Writes where it runs: the global ids of both axes and the group of the third.
kernel void places(global int* out, Scale p) {
  long x = get_global_id(0);
  long y = get_global_id(1);
  long z = get_global_id(2);
  long at = (z * get_global_size(1) + y) * get_global_size(0) + x;
  if (at < p.n) {
    out[at] = (int)(x + 100 * y + 10000 * z);
  }
}

// out[i] += 1 for each call, slowly
kernel void count(global int* out, Scale p) {
  for (long i = get_global_id(0); i < p.n; i += get_global_size(0)) {
    out[i] = out[i] + 1;
  }
}

kernel void nothing(global int* out, Scale p) {}
