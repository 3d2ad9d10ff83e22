// matmul_sum: a holds the splits' sums, [split, batch, row, column] without gaps.
template <typename T, typename Out>
Q_FUNCTION void sum_splits(const Params& p, const Out& out) {
  const T* a = static_cast<const T*>(p.a);
  const long each = p.m * p.n;
  const long items = p.batches * each;
  Q_LOOP_OVER(item, items) {
    T sum = a[item];
#pragma unroll 4
    for (long split = 1; split < p.splits; split++) {
      sum += a[split * items + item];
    }
    const long batch = item / each;
    const long rest = item - batch * each;
    const long i = rest / p.n;
    put(p, out, batch, 0, i, rest - i * p.n, sum);
  }
}
