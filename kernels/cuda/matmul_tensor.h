// matmul_tensor: a block computes a tile of c with tensor cores, from pieces of a and b in shared memory that are 64
// bytes of elements deep; a warp has WARP_M x WARP_N of its sums. Sums are F32.
//
// Pieces are in shared memory as they are in global memory, which copies 16 bytes at a time demand: either the rows of
// a (or columns of b) are contiguous, "deep" pieces of a row of 64 bytes for each, or their elements of one k are. The
// launcher copies other operands first. Within rows the places of 16-byte packs are permuted so that what eight lanes
// read or write at once is in different banks.

template <typename Type, int SIDE, int THREADS>
struct Piece {
  static constexpr int EACH = 16 / Type::BYTES;  // elements of a pack
  static constexpr int DEPTH = 64 / Type::BYTES;
  static constexpr int BYTES = SIDE * 64;
  static constexpr int PACKS = SIDE * 4 / THREADS;         // of a thread
  static constexpr int ACROSS = SIDE / EACH;               // packs of one k
  static constexpr int PITCH = SIDE * Type::BYTES;         // bytes of one k
  static constexpr int DEEP_STEP = THREADS / 4 * 64;       // from one of a thread's packs to the next
  static constexpr int WIDE_STEP = THREADS / ACROSS * PITCH;
  static_assert(SIDE * 4 % THREADS == 0 && THREADS % ACROSS == 0, "all threads copy as much");
  static_assert(THREADS / ACROSS % (Type::BYTES == 2 ? 8 : 4) == 0, "a thread's packs are permuted alike");

  const long side_stride;
  const long k_stride;
  const char* from;  // the thread's first pack of the next piece
  int place;         // of that in the piece
  int depth;         // and its k
  int count;         // how many of its packs are in the matrix; of a pack's elements if not deep
  bool deep;

  static __device__ __forceinline__ int permute_deep(int side, int pack) {
    return pack ^ (side >> 1 & 3);
  }

  static __device__ __forceinline__ int permute_wide(int k, int pack) {
    return Type::BYTES == 2 ? pack ^ (k & 7) : pack ^ (k & 3) * 2;
  }

  __device__ __forceinline__ Piece(const void* block, long offset, long side_stride, long k_stride, long left,
                                   int thread)
      : side_stride(side_stride), k_stride(k_stride) {
    deep = k_stride == 1 && (side_stride & (EACH - 1)) == 0;
    const int sides = (int)least(left, SIDE);
    int side;
    if (deep) {
      side = thread / 4;
      depth = thread % 4 * EACH;
      place = side * 64 + permute_deep(side, thread % 4) * 16;
      count = max(0, (sides - side + THREADS / 4 - 1) / (THREADS / 4));
    } else {
      side = thread % ACROSS * EACH;
      depth = thread / ACROSS;
      place = depth * PITCH + permute_wide(depth, thread % ACROSS) * 16;
      count = max(0, min(EACH, sides - side));
    }
    from = static_cast<const char*>(block) + (offset + side * side_stride + depth * k_stride) * Type::BYTES;
  }

  // Starts to copy the next piece, of which `left` k's are in the matrix.
  __device__ __forceinline__ void start(char* piece, int left) {
    const char* next = from;
    char* to = piece + place;
    if (deep) {
      const int valid = max(0, min(EACH, left - depth)) * Type::BYTES;
#pragma unroll
      for (int i = 0; i < PACKS; i++) {
        copy_async<16>(to + i * DEEP_STEP, next, i < count ? valid : 0);
        next += THREADS / 4 * side_stride * Type::BYTES;
      }
    } else {
#pragma unroll
      for (int i = 0; i < PACKS; i++) {
        copy_async<16>(to + i * WIDE_STEP, next, depth + i * (THREADS / ACROSS) < left ? count * Type::BYTES : 0);
        next += THREADS / ACROSS * k_stride * Type::BYTES;
      }
    }
    from += DEPTH * k_stride * Type::BYTES;
  }
};

// How a lane finds the fragments of 16 rows (or columns) and 32 bytes of k in a piece.
template <typename Type, int SIDE>
struct Fragments {
  static constexpr int PITCH = SIDE * Type::BYTES;

  uint base;   // of the first fragment
  uint word;   // where the lane's first 32-bit element is, if those are not deep
  bool wide;

  __device__ __forceinline__ Fragments(int first, bool deep, int lane) : word(0), wide(!deep) {
    if (deep) {
      const int side = first + lane % 16;
      base = side * 64 + (lane / 16 ^ (side >> 1 & 3)) * 16;
    } else if (Type::BYTES == 2) {
      const int k = lane / 16 * 8 + lane % 8;
      base = k * PITCH + ((first / 8 + (lane >> 3 & 1)) ^ (k & 7)) * 16;
    } else {
      const int k = lane % 4;
      const int side = first + lane / 4;
      base = 0;
      word = k * PITCH + (side / 4 ^ k * 2) * 16 + side % 4 * 4;
    }
  }

  // Reads the fragment of the 16 rows from 16 * i on, and of step s. Places are permuted by bits that i and s do not
  // reach otherwise, so that they are added by an exclusive or.
  __device__ __forceinline__ void load(uint (&r)[4], uint piece, int i, int s) const {
    if (Type::BYTES == 2) {
      load_matrices(r, piece + ((base ^ (wide ? i : s) * 32) + (wide ? s * 16 * PITCH : i * 1024)), wide);
    } else {
      // All places, computed before the loop, would take too many registers.
      const uint start = anew(word);
      const uint at = piece + s * 8 * PITCH;
      load_words<4 * PITCH>(r, piece + ((base ^ s * 32) + i * 1024), wide, at + (start ^ i * 64),
                            at + (start ^ (i * 64 + 32)));
    }
    if (Type::ROUNDED) {
#pragma unroll
      for (int e = 0; e < 4; e++) {
        r[e] = round_to_tf32(r[e]);
      }
    }
  }
};

// Where sums go as F32 or rounded to the operands' type.
template <typename Type>
struct Rounding {
  void* c;
  bool rounded;

  __device__ __forceinline__ explicit Rounding(const Params& p) : c(p.c), rounded(p.rounded) {}

  __device__ __forceinline__ bool is_aligned_at(long at) const {
    return rounded ? (reinterpret_cast<size_t>(static_cast<ushort*>(c) + at) & 7) == 0
                   : is_aligned(static_cast<float*>(c) + at);
  }

  __device__ __forceinline__ void put(long at, float x) const {
    if (rounded) {
      static_cast<ushort*>(c)[at] = (ushort)Type::round(x);
    } else {
      static_cast<float*>(c)[at] = x;
    }
  }

  __device__ __forceinline__ void put_pack(long at, const float* x) const {
    if (rounded) {
      *reinterpret_cast<uint2*>(static_cast<ushort*>(c) + at) =
          make_uint2(Type::round(x[0]) | Type::round(x[1]) << 16, Type::round(x[2]) | Type::round(x[3]) << 16);
    } else {
      store_pack(static_cast<float*>(c) + at, x);
    }
  }
};

template <typename Type, typename Out, int M, int N, int WARP_M, int WARP_N>
struct Tensor {
  static constexpr int ACROSS = N / WARP_N;  // warps
  static constexpr int DOWN = M / WARP_M;
  static constexpr int THREADS = ACROSS * DOWN * 32;
  typedef Piece<Type, M, THREADS> Left;
  typedef Piece<Type, N, THREADS> Right;
  static constexpr int DEPTH = Left::DEPTH;
  static constexpr int STAGES = 4;
  static constexpr int STAGE = Left::BYTES + Right::BYTES;
  static constexpr int STEPS = Type::ROUNDED ? 1 : 2;
  static constexpr int I = WARP_M / 16;
  static constexpr int J = WARP_N / 16;
  // The sums are written 16 rows of each warp at a time; the padding spreads them over the banks.
  static constexpr int OUT_PITCH = N + 8;
  static_assert(DOWN * 16 * OUT_PITCH * 4 <= STAGES * STAGE, "the launch gives so much shared memory");

  // sums of 16 rows and 16 columns: those of 8 and of 8 more
  typedef float Sums[I][J][2][4];

  static __device__ __forceinline__ void multiply(uint piece, const Fragments<Type, M>& left,
                                                  const Fragments<Type, N>& right, Sums& sum) {
#pragma unroll STEPS
    for (int s = 0; s < 2; s++) {
      uint b[J][4];
#pragma unroll
      for (int j = 0; j < J; j++) {
        right.load(b[j], piece + Left::BYTES, j, s);
      }
#pragma unroll
      for (int i = 0; i < I; i++) {
        uint a[4];
        left.load(a, piece, i, s);
#pragma unroll
        for (int j = 0; j < J; j++) {
          Type::multiply(sum[i][j][0], a, b[j][0], b[j][2]);
          Type::multiply(sum[i][j][1], a, b[j][1], b[j][3]);
        }
      }
    }
  }

  // Ends a group in any case: waiting counts them.
  static __device__ __forceinline__ void start(Left& left, Right& right, char* piece, long ahead) {
    if (ahead > 0) {
      const int count = (int)least(ahead, DEPTH);
      left.start(piece, count);
      right.start(piece + Left::BYTES, count);
    }
    commit_copies();
  }

  static __device__ __forceinline__ void accumulate(const Params& p, const Place& at, char* memory, int thread, int x,
                                                    int y, Sums& sum) {
    Left left(p.a, p.a_at.offset + at.batch * p.a_at.batch + at.i0 * p.a_at.row + at.from * p.a_at.column, p.a_at.row,
              p.a_at.column, p.m - at.i0, thread);
    Right right(p.b, p.b_at.offset + at.batch * p.b_at.batch + at.j0 * p.b_at.column + at.from * p.b_at.row,
                p.b_at.column, p.b_at.row, p.n - at.j0, thread);
    const Fragments<Type, M> rows(y * WARP_M, left.deep, thread % 32);
    const Fragments<Type, N> columns(x * WARP_N, right.deep, thread % 32);
    const uint shared = (uint)__cvta_generic_to_shared(memory);
    long depth = at.to - at.from;
#pragma unroll
    for (int s = 0; s < STAGES - 1; s++) {
      start(left, right, memory + s * STAGE, depth - s * DEPTH);
    }
    int stage = 0;
    for (; depth > 0; depth -= DEPTH) {
      wait_for_copies<STAGES - 2>();
      __syncthreads();
      start(left, right, memory + (stage + STAGES - 1) % STAGES * STAGE, depth - (STAGES - 1) * DEPTH);
      multiply(shared + stage * STAGE, rows, columns, sum);
      stage = (stage + 1) % STAGES;
    }
  }

  static __device__ __forceinline__ void run(const Params& p) {
    Q_DYNAMIC_SHARED(char, memory);
    const int thread = threadIdx.x;
    const int x = thread / 32 % ACROSS;
    const int y = thread / 32 / ACROSS;
    const long tiles = Place::count(p, M, N);
    for (long tile = blockIdx.x; tile < tiles; tile += gridDim.x) {
      Sums sum;
#pragma unroll
      for (int e = 0; e < I * J * 8; e++) {
        sum[e / 8 / J][e / 8 % J][e / 4 % 2][e % 4] = 0;
      }
      accumulate(p, Place(p, tile, M, N), memory, thread, x, y, sum);
      const Place at(p, anew(tile), M, N);
      float* rows = reinterpret_cast<float*>(memory);
      const int row = y * 16 + thread % 32 / 4;
      const int column = x * WARP_N + thread % 4 * 2;
#pragma unroll
      for (int i = 0; i < I; i++) {
        __syncthreads();
#pragma unroll
        for (int e = 0; e < J * 4; e++) {
          float* to = rows + (row + e % 2 * 8) * OUT_PITCH + column + e / 2 * 8;
          const float* two = sum[i][e / 4][e / 2 % 2] + e % 2 * 2;
          *reinterpret_cast<float2*>(to) = make_float2(two[0], two[1]);
        }
        __syncthreads();
        put_rows<DOWN * 16, N, OUT_PITCH, THREADS, 16, WARP_M>(p, Out(p), at, i * 16, rows, thread);
      }
      __syncthreads();
    }
  }
};

#define MATMUL_TENSOR(NAME, TYPE, OUT, M, N, WARP_M, WARP_N, BLOCKS)                                              \
  Q_KERNEL __launch_bounds__((M) / (WARP_M) * ((N) / (WARP_N)) * 32, BLOCKS) NAME(const __grid_constant__ Params p) { \
    Tensor<TYPE, OUT, M, N, WARP_M, WARP_N>::run(p);                                                              \
  }
