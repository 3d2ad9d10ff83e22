// matmul_local: a block computes a tile of c from pieces of a and b in shared memory, a thread ITEM_M x ITEM_N of its
// sums in registers. Every element is a chain of fma in ascending k, so a result does not depend on the grid.

// How a block of threads brings pieces of one side, SIDE rows of a or columns of b and K deep, to shared memory, where
// the side's elements of one k are neighbours. What lies beyond the matrix becomes 0 and is not read.
template <typename T, int SIDE, int K, int THREADS>
struct Loader {
  static constexpr int VECTOR = Pack<T>::SIZE;
  // The padding spreads over the banks what neighbouring threads write along k.
  static constexpr int PITCH = SIDE + VECTOR;
  static constexpr int EACH = SIDE * K / THREADS;
  static constexpr int PACKS = EACH / VECTOR;
  static_assert(SIDE * K % (THREADS * VECTOR) == 0, "all threads copy as much");
  static_assert(THREADS % SIDE == 0 && THREADS % K == 0, "a thread's elements are in one row or column");

  // How a thread's elements, or packs of them, follow one another.
  enum Way { ALONG_SIDE, ALONG_DEPTH, PACKS_OF_SIDE, PACKS_OF_DEPTH };

  const long side_stride;
  const long k_stride;
  const T* from;  // the thread's first element of the next piece
  int place;      // of that in the piece
  int depth;      // and its k
  // Of a thread's elements, or of a pack's where those are of the side, how many are in the matrix, leaving K aside.
  int count;
  Way way;
#if !QUERN_COPY_ASYNC
  T values[EACH];
#endif

  // Neighbouring threads read along whichever side is contiguous, 16 bytes each if all of those are aligned.
  __device__ __forceinline__ Loader(const T* piece, long side_stride, long k_stride, long left, int thread)
      : side_stride(side_stride), k_stride(k_stride) {
    const bool aligned = is_aligned(piece);
    const int sides = (int)least(left, SIDE);
    int side;
    if (side_stride == 1) {
      if (aligned && (k_stride & (VECTOR - 1)) == 0) {
        way = PACKS_OF_SIDE;
        side = thread % (SIDE / VECTOR) * VECTOR;
        depth = thread / (SIDE / VECTOR);
        count = max(0, min(VECTOR, sides - side));
      } else {
        way = ALONG_DEPTH;
        side = thread % SIDE;
        depth = thread / SIDE;
        count = side < sides ? EACH : 0;
      }
    } else {
      int across = K;
      way = ALONG_SIDE;
#if !QUERN_COPY_ASYNC
      if (k_stride == 1 && aligned && (side_stride & (VECTOR - 1)) == 0) {
        across = K / VECTOR;
        way = PACKS_OF_DEPTH;
      }
#endif
      side = thread / across;
      depth = thread % across * (K / across);
      count = max(0, (sides - side + THREADS / across - 1) / (THREADS / across));
    }
    from = piece + side * side_stride + depth * k_stride;
    place = depth * PITCH + side;
  }

#if QUERN_COPY_ASYNC
  template <int COUNT, int SIZE, int SIDE_STEP, int DEPTH_STEP>
  __device__ __forceinline__ void copy(T* to, int deep) const {
    const T* next = from;
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      const bool inside = (SIDE_STEP == 0 || i < count) && depth + i * DEPTH_STEP < deep;
      const int valid = SIDE_STEP == 0 ? min(count, SIZE) : SIZE;
      copy_async<SIZE * (int)sizeof(T)>(to + i * (DEPTH_STEP * PITCH + SIDE_STEP), next,
                                        inside ? valid * (int)sizeof(T) : 0);
      next += SIDE_STEP == 0 ? DEPTH_STEP * k_stride : SIDE_STEP * side_stride;
    }
  }

  // Starts to copy the next piece, of which `deep` are in the matrix.
  __device__ __forceinline__ void start(T* piece, int deep) {
    if (way == PACKS_OF_SIDE) {
      copy<PACKS, VECTOR, 0, THREADS / (SIDE / VECTOR)>(piece + place, deep);
    } else if (way == ALONG_DEPTH) {
      copy<EACH, 1, 0, THREADS / SIDE>(piece + place, deep);
    } else {
      copy<EACH, 1, THREADS / K, 0>(piece + place, deep);
    }
    from += K * k_stride;
  }
#else
  template <int COUNT, int SIDE_STEP, int DEPTH_STEP>
  __device__ __forceinline__ void read(int deep) {
    const T* next = from;
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      const bool inside = i < count && depth + i * DEPTH_STEP < deep;
      values[i] = inside ? *next : (T)0;
      next += SIDE_STEP == 0 ? DEPTH_STEP * k_stride : SIDE_STEP * side_stride;
    }
  }

  template <int COUNT, int SIDE_STEP, int DEPTH_STEP>
  __device__ __forceinline__ void read_packs(int deep) {
    const T* next = from;
#pragma unroll
    for (int i = 0; i < COUNT; i++) {
      const int inside = SIDE_STEP == 0 ? (depth + i * DEPTH_STEP < deep ? count : 0) : (i < count ? deep - depth : 0);
      if (inside >= VECTOR) {
        load_pack(next, values + i * VECTOR);
      } else {
#pragma unroll
        for (int e = 0; e < VECTOR; e++) {
          values[i * VECTOR + e] = e < inside ? next[e] : (T)0;
        }
      }
      next += SIDE_STEP == 0 ? DEPTH_STEP * k_stride : SIDE_STEP * side_stride;
    }
  }

  // Reads the next piece, of which `deep` are in the matrix, into registers.
  __device__ __forceinline__ void start(T*, int deep) {
    if (way == PACKS_OF_SIDE) {
      read_packs<PACKS, 0, THREADS / (SIDE / VECTOR)>(deep);
    } else if (way == PACKS_OF_DEPTH) {
      read_packs<PACKS, THREADS / (K / VECTOR), 0>(deep);
    } else if (way == ALONG_DEPTH) {
      read<EACH, 0, THREADS / SIDE>(deep);
    } else {
      read<EACH, THREADS / K, 0>(deep);
    }
    from += K * k_stride;
  }

  // Writes what was read.
  __device__ __forceinline__ void end(T* piece) const {
    T* to = piece + place;
    if (way == PACKS_OF_SIDE) {
#pragma unroll
      for (int i = 0; i < PACKS; i++) {
        store_pack(to + i * (THREADS / (SIDE / VECTOR) * PITCH), values + i * VECTOR);
      }
    } else if (way == PACKS_OF_DEPTH) {
#pragma unroll
      for (int i = 0; i < EACH; i++) {
        to[i % VECTOR * PITCH + i / VECTOR * (THREADS / (K / VECTOR))] = values[i];
      }
    } else {
#pragma unroll
      for (int i = 0; i < EACH; i++) {
        to[i * (way == ALONG_DEPTH ? THREADS / SIDE * PITCH : THREADS / K)] = values[i];
      }
    }
  }
#endif
};

template <typename T, int M, int N, int K, int ITEM_M, int ITEM_N>
struct Local {
  static constexpr int VECTOR = Pack<T>::SIZE;
  static constexpr int ACROSS = N / ITEM_N;
  static constexpr int DOWN = M / ITEM_M;
  static constexpr int THREADS = ACROSS * DOWN;
  typedef Loader<T, M, K, THREADS> Left;
  typedef Loader<T, N, K, THREADS> Right;
  static constexpr int STAGES = QUERN_COPY_ASYNC ? 4 : 2;
  static constexpr int STAGE = K * (Left::PITCH + Right::PITCH);
  // The sums are written a few rows at a time.
  static constexpr int OUT_PITCH = N + VECTOR;
  static constexpr int PARTS = QUERN_COPY_ASYNC || DOWN * VECTOR * OUT_PITCH <= STAGES * STAGE ? 1 : 2;
  static constexpr int OUT_ROWS = DOWN / PARTS * VECTOR;
  static constexpr int SIZE = STAGES * STAGE > OUT_ROWS * OUT_PITCH ? STAGES * STAGE : OUT_ROWS * OUT_PITCH;
  static_assert(ACROSS % 8 == 0 && DOWN % 4 == 0, "a warp is 8 threads wide and 4 high");

  static __device__ __forceinline__ void multiply(const T* left, const T* right, int x, int y,
                                                  T (&sum)[ITEM_M][ITEM_N]) {
#pragma unroll
    for (int k = 0; k < K; k++) {
      T u[ITEM_M];
      T v[ITEM_N];
#pragma unroll
      for (int i = 0; i < ITEM_M; i += VECTOR) {
        load_pack(left + k * Left::PITCH + (i * DOWN + y * VECTOR), u + i);
      }
#pragma unroll
      for (int j = 0; j < ITEM_N; j += VECTOR) {
        load_pack(right + k * Right::PITCH + (j * ACROSS + x * VECTOR), v + j);
      }
#pragma unroll
      for (int i = 0; i < ITEM_M; i++) {
#pragma unroll
        for (int j = 0; j < ITEM_N; j++) {
          sum[i][j] = fma(u[i], v[j], sum[i][j]);
        }
      }
    }
  }

  static __device__ __forceinline__ void run(const Params& p) {
    __shared__ __align__(16) T memory[SIZE];
    const int thread = threadIdx.x;
    const int lane = thread % 32;
    const int warp = thread / 32;
    // Lanes 0 to 3 are a square, so that two quarters of a warp read shared memory at once.
    const int x = warp % (ACROSS / 8) * 8 + (lane & 1) + (lane >> 1 & 6);
    const int y = warp / (ACROSS / 8) * 4 + (lane >> 1 & 1) + (lane >> 3 & 2);
    const long tiles = Place::count(p, M, N);
    for (long tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      T sum[ITEM_M][ITEM_N];
#pragma unroll
      for (int i = 0; i < ITEM_M; i++) {
#pragma unroll
        for (int j = 0; j < ITEM_N; j++) {
          sum[i][j] = 0;
        }
      }
      accumulate(p, Place(p, tile, M, N), memory, thread, x, y, sum);
      const Place at(p, anew(tile), M, N);
#pragma unroll
      for (int i = 0; i < ITEM_M; i += VECTOR) {
#pragma unroll
        for (int part = 0; part < PARTS; part++) {
          __syncthreads();
          if (PARTS == 1 || y / (DOWN / PARTS) == part) {
#pragma unroll
            for (int e = 0; e < VECTOR; e++) {
              T* row = memory + (y % (DOWN / PARTS) * VECTOR + e) * OUT_PITCH;
#pragma unroll
              for (int j = 0; j < ITEM_N; j += VECTOR) {
                store_pack(row + j * ACROSS + x * VECTOR, sum[i + e] + j);
              }
            }
          }
          __syncthreads();
          const int first = i * DOWN + part * OUT_ROWS;
          put_rows<OUT_ROWS, N, OUT_PITCH, THREADS, OUT_ROWS, 0>(p, Plain<T>(p), at, first, memory, thread);
        }
      }
      __syncthreads();
    }
  }

#if QUERN_COPY_ASYNC
  // Pieces are on their way to all stages but one, which is worked on.
  static __device__ __forceinline__ void accumulate(const Params& p, const Place& at, T* memory, int thread, int x,
                                                    int y, T (&sum)[ITEM_M][ITEM_N]) {
    Left left(static_cast<const T*>(p.a) + p.a_at.offset + at.batch * p.a_at.batch + at.i0 * p.a_at.row +
                  at.from * p.a_at.column,
              p.a_at.row, p.a_at.column, p.m - at.i0, thread);
    Right right(static_cast<const T*>(p.b) + p.b_at.offset + at.batch * p.b_at.batch + at.j0 * p.b_at.column +
                    at.from * p.b_at.row,
                p.b_at.column, p.b_at.row, p.n - at.j0, thread);
    long depth = at.to - at.from;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
      start(left, right, memory + s * STAGE, depth - s * K);
    }
    int stage = 0;
    for (; depth > 0; depth -= K) {
      wait_for_copies<STAGES - 2>();
      __syncthreads();
      start(left, right, memory + (stage + STAGES - 1) % STAGES * STAGE, depth - (STAGES - 1) * K);
      const T* piece = memory + stage * STAGE;
      multiply(piece, piece + K * Left::PITCH, x, y, sum);
      stage = (stage + 1) % STAGES;
    }
  }

  // Ends a group in any case: waiting counts them.
  static __device__ __forceinline__ void start(Left& left, Right& right, T* piece, long ahead) {
    if (ahead > 0) {
      const int deep = (int)least(ahead, K);
      left.start(piece, deep);
      right.start(piece + K * Left::PITCH, deep);
    }
    commit_copies();
  }
#else
  // The next piece is on its way to registers while one is worked on.
  static __device__ __forceinline__ void accumulate(const Params& p, const Place& at, T* memory, int thread, int x,
                                                    int y, T (&sum)[ITEM_M][ITEM_N]) {
    Left left(static_cast<const T*>(p.a) + p.a_at.offset + at.batch * p.a_at.batch + at.i0 * p.a_at.row +
                  at.from * p.a_at.column,
              p.a_at.row, p.a_at.column, p.m - at.i0, thread);
    Right right(static_cast<const T*>(p.b) + p.b_at.offset + at.batch * p.b_at.batch + at.j0 * p.b_at.column +
                    at.from * p.b_at.row,
                p.b_at.column, p.b_at.row, p.n - at.j0, thread);
    long depth = at.to - at.from;
    if (depth <= 0) {
      return;
    }
    T* piece = memory;
    left.start(piece, (int)least(depth, K));
    right.start(piece, (int)least(depth, K));
    left.end(piece);
    right.end(piece + K * Left::PITCH);
    for (long ahead = depth - K;; ahead -= K) {
      __syncthreads();
      if (ahead > 0) {
        left.start(piece, (int)least(ahead, K));
        right.start(piece, (int)least(ahead, K));
      }
      multiply(piece, piece + K * Left::PITCH, x, y, sum);
      if (ahead <= 0) {
        return;
      }
      piece = memory + (piece == memory ? STAGE : 0);
      left.end(piece);
      right.end(piece + K * Left::PITCH);
    }
  }
#endif
};

#define MATMUL_LOCAL(NAME, T, M, N, K, ITEM_M, ITEM_N, BLOCKS)                                                   \
  Q_KERNEL __launch_bounds__((M) / (ITEM_M) * ((N) / (ITEM_N)), BLOCKS) NAME(const __grid_constant__ Params p) { \
    Local<T, M, N, K, ITEM_M, ITEM_N>::run(p);                                                                   \
  }
