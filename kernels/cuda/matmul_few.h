// Products of few rows, which read b once and do little with it.

constexpr int FEW_THREADS = 128;

// matmul_columns: a thread has ROWS sums of some columns, neighbours if b is aligned, so that it reads 16 bytes at a
// time. The block keeps a piece of a in shared memory. Every element is a chain of fma in ascending k.
template <typename T, int ROWS>
struct Columns {
  static constexpr int EACH = Pack<T>::SIZE;
  static constexpr int WIDTH = FEW_THREADS * EACH;
  static constexpr int DEPTH = 64;
  // How many k a thread reads at a time: enough of them to hide how long that takes.
  static constexpr int AHEAD = ROWS > 8 ? 4 : 8;
  // How many rows go through the epilogue at a time.
  static constexpr int OUT_ROWS = ROWS > 8 ? 8 : ROWS;
  static constexpr int OUT_SIZE = OUT_ROWS * EACH * FEW_THREADS;
  static constexpr int SIZE = OUT_SIZE > DEPTH * ROWS ? OUT_SIZE : DEPTH * ROWS;

  // A thread's columns: the first, the distance of them, and how far away the first beyond the matrix is.
  struct Mine {
    int first;
    int step;
    int inside;
    bool wide;  // whether they are neighbours in memory
  };

  // sum += COUNT columns of a . as many rows of b
  template <int COUNT, bool WIDE>
  static __device__ __forceinline__ void add(const T* rows, const T* from, const View& b_at, const Mine& mine,
                                             T (&sum)[ROWS][EACH]) {
    T y[COUNT][EACH];
#pragma unroll
    for (int k = 0; k < COUNT; k++) {
      if (WIDE) {
        load_pack(from + k * b_at.row, y[k]);
      } else {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          const int j = e * mine.step;
          y[k][e] = j < mine.inside ? from[k * b_at.row + j * b_at.column] : (T)0;
        }
      }
    }
#pragma unroll
    for (int k = 0; k < COUNT; k++) {
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          sum[r][e] = fma(rows[k * ROWS + r], y[k][e], sum[r][e]);
        }
      }
    }
  }

  template <bool WIDE>
  static __device__ __forceinline__ void add_all(const T* rows, const T* from, const View& b_at, int depth,
                                                 const Mine& mine, T (&sum)[ROWS][EACH]) {
    int k = 0;
#pragma unroll 1
    for (; k + AHEAD <= depth; k += AHEAD) {
      add<AHEAD, WIDE>(rows + k * ROWS, from + k * b_at.row, b_at, mine, sum);
    }
#pragma unroll 1
    for (; k < depth; k++) {
      add<1, WIDE>(rows + k * ROWS, from + k * b_at.row, b_at, mine, sum);
    }
  }

  static __device__ __forceinline__ void run(const Params& p) {
    __shared__ __align__(16) T memory[SIZE];
    const int thread = threadIdx.x;
    const long tiles = Place::count(p, ROWS, WIDTH);
    for (long tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      const Place at(p, tile, ROWS, WIDTH);
      const T* a = static_cast<const T*>(p.a) + p.a_at.offset + at.batch * p.a_at.batch + at.from * p.a_at.column;
      const T* b = static_cast<const T*>(p.b) + p.b_at.offset + at.batch * p.b_at.batch + at.from * p.b_at.row +
                   at.j0 * p.b_at.column;
      const bool aligned = p.b_at.column == 1 && is_aligned(b) && (p.b_at.row & (EACH - 1)) == 0;
      Mine mine;
      mine.first = aligned ? thread * EACH : thread;
      mine.step = aligned ? 1 : FEW_THREADS;
      mine.inside = (int)least(p.n - at.j0 - mine.first, WIDTH);
      mine.wide = aligned && mine.inside >= EACH;
      b += mine.first * p.b_at.column;
      T sum[ROWS][EACH];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
#pragma unroll
        for (int e = 0; e < EACH; e++) {
          sum[r][e] = 0;
        }
      }
      for (long k = at.from; k < at.to; k += DEPTH) {
        const int depth = (int)least(DEPTH, at.to - k);
        __syncthreads();
        for (int e = thread; e < ROWS * DEPTH; e += FEW_THREADS) {
          const int r = e / DEPTH;
          const int d = e % DEPTH;
          memory[d * ROWS + r] = r < p.m && d < depth ? a[r * p.a_at.row + d * p.a_at.column] : (T)0;
        }
        __syncthreads();
        if (mine.wide) {
          add_all<true>(memory, b, p.b_at, depth, mine, sum);
        } else {
          add_all<false>(memory, b, p.b_at, depth, mine, sum);
        }
        a += DEPTH * p.a_at.column;
        b += DEPTH * p.b_at.row;
      }
#pragma unroll
      for (int r0 = 0; r0 < ROWS; r0 += OUT_ROWS) {
        __syncthreads();
        // A thread reads what it wrote, and a loop over registers would have to be unrolled.
#pragma unroll
        for (int r = 0; r < OUT_ROWS; r++) {
#pragma unroll
          for (int e = 0; e < EACH; e++) {
            memory[(r * EACH + e) * FEW_THREADS + thread] = sum[r0 + r][e];
          }
        }
#pragma unroll 1
        for (int r = 0; r < OUT_ROWS && r0 + r < p.m && mine.inside > 0; r++) {
          put_columns(p, at, r0 + r, memory + r * EACH * FEW_THREADS + thread, mine);
        }
      }
    }
  }

  static __device__ __forceinline__ void put_columns(const Params& p, const Place& at, int r, const T* sums,
                                                     const Mine& mine) {
    const long j = at.j0 + mine.first;
    T x[EACH];
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      x[e] = sums[e * FEW_THREADS];
    }
    finish<EACH>(p, at.batch, r, j, mine.step, mine.inside, x);
    T* c = static_cast<T*>(p.c) + p.c_at.offset + at.batch * p.c_at.batch + at.split * p.c_split + r * p.c_at.row +
           j * p.c_at.column;
#pragma unroll
    for (int e = 0; e < EACH; e++) {
      if (e * mine.step < mine.inside) {
        c[e * mine.step * p.c_at.column] = x[e];
      }
    }
  }
};

// matmul_rows: a warp has ROWS x COLUMNS sums, each lane those of every 32nd k, or of every 32nd four of them if a and
// b are contiguous along k and aligned. The lanes' sums are added in a tree.
template <typename T, int ROWS>
struct Rows {
  // As many columns as it takes to read a seldom enough, and as fit the registers.
  static constexpr int COLUMNS = ROWS > 1 ? Pack<T>::SIZE : 1;
  // How many k's, or fours of them, it reads at a time.
  static constexpr int AHEAD = ROWS > 1 ? 1 : 4;
  static constexpr int COUNT = ROWS * COLUMNS;
  static constexpr int EACH = Pack<T>::SIZE;

  // sum += COUNT k's of all rows and columns; those beyond the matrix take the last one's place.
  template <int SIZE>
  static __device__ __forceinline__ void add(const Params& p, const T* a, const T* b, long columns, T (&sum)[COUNT]) {
    T y[COLUMNS][SIZE];
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      read<SIZE>(b + least(j, columns - 1) * p.b_at.column, y[j]);
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      T x[SIZE];
      read<SIZE>(a + least(r, p.m - 1) * p.a_at.row, x);
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
#pragma unroll
        for (int e = 0; e < SIZE; e++) {
          sum[r * COLUMNS + j] = fma(x[e], y[j][e], sum[r * COLUMNS + j]);
        }
      }
    }
  }

  template <int SIZE>
  static __device__ __forceinline__ void read(const T* from, T* x) {
    if (SIZE == 1) {
      x[0] = *from;
    } else {
      load_pack(from, x);
    }
  }

  static __device__ __forceinline__ void run(const Params& p) {
    const int lane = threadIdx.x % 32;
    const long tiles = Place::count(p, ROWS, COLUMNS);
    const long warps = (long)gridDim.x * (FEW_THREADS / 32);
    for (long tile = (long)blockIdx.x * (FEW_THREADS / 32) + threadIdx.x / 32; tile < tiles; tile += warps) {
      const Place at(p, tile, ROWS, COLUMNS);
      const long columns = p.n - at.j0;
      const T* a = static_cast<const T*>(p.a) + p.a_at.offset + at.batch * p.a_at.batch + at.from * p.a_at.column;
      const T* b = static_cast<const T*>(p.b) + p.b_at.offset + at.batch * p.b_at.batch + at.from * p.b_at.row +
                   at.j0 * p.b_at.column;
      T sum[COUNT];
#pragma unroll
      for (int i = 0; i < COUNT; i++) {
        sum[i] = 0;
      }
      const long depth = at.to - at.from;
      long packs = 0;
      if (p.a_at.column == 1 && p.b_at.row == 1 && is_aligned(a) && is_aligned(b) &&
          ((p.a_at.row | p.b_at.column) & (EACH - 1)) == 0) {
        packs = depth / EACH * EACH;
#pragma unroll AHEAD
        for (long k = lane * EACH; k < packs; k += 32 * EACH) {
          add<EACH>(p, a + k, b + k, columns, sum);
        }
      }
#pragma unroll AHEAD
      for (long k = packs + lane; k < depth; k += 32) {
        add<1>(p, a + k * p.a_at.column, b + k * p.b_at.row, columns, sum);
      }
      put_sums(p, at, sum, lane);
    }
  }

  // At each step a lane gives half of its sums to another and takes that one's part of the other half, until each has
  // its own; then the lanes that have the same add them up. Returns the first sum that a lane has in the end.
  template <int LEFT, int STEP>
  static __device__ __forceinline__ int share(T* sum, int lane) {
    if constexpr (STEP == 0) {
      return 0;
    } else if constexpr (LEFT == 1) {
      sum[0] += __shfl_xor_sync(0xffffffffu, sum[0], STEP);
      return share<1, STEP / 2>(sum, lane);
    } else {
      const bool upper = (lane & STEP) != 0;
#pragma unroll
      for (int i = 0; i < LEFT / 2; i++) {
        const T mine = upper ? sum[i + LEFT / 2] : sum[i];
        const T given = upper ? sum[i] : sum[i + LEFT / 2];
        sum[i] = mine + __shfl_xor_sync(0xffffffffu, given, STEP);
      }
      return (upper ? LEFT / 2 : 0) + share<LEFT / 2, STEP / 2>(sum, lane);
    }
  }

  static __device__ __forceinline__ void put_sums(const Params& p, const Place& at, T (&sum)[COUNT], int lane) {
    constexpr int KEPT = COUNT > 32 ? COUNT / 32 : 1;
    constexpr int SAME = COUNT < 32 ? 32 / COUNT : 1;
    const int first = share<COUNT, 16>(sum, lane);
    if (lane % SAME == 0) {
#pragma unroll
      for (int i = 0; i < KEPT; i++) {
        const int r = (first + i) / COLUMNS;
        const long j = at.j0 + (first + i) % COLUMNS;
        if (r < p.m && j < p.n) {
          put(p, Plain<T>(p), at.batch, at.split, r, j, sum[i]);
        }
      }
    }
  }
};

#define MATMUL_FEW(TYPE, T, ROWS)                                                                                \
  Q_KERNEL __launch_bounds__(FEW_THREADS) matmul_columns_##TYPE##_##ROWS(const __grid_constant__ Params p) {     \
    Columns<T, ROWS>::run(p);                                                                                    \
  }                                                                                                              \
  Q_KERNEL __launch_bounds__(FEW_THREADS) matmul_rows_##TYPE##_##ROWS(const __grid_constant__ Params p) {        \
    Rows<T, ROWS>::run(p);                                                                                       \
  }
