// Products of matrices, c[i] = activation(a[i] . b[i] + bias[i]), in F32 or F64 (macro F64).
//
// Arguments: the pointers of each kernel, then Params. Every view is [batch, row, column] with any strides and an
// offset, in elements. K may be cut into splits, whose partial sums are added by matmul_sum in a fixed order.
// Every element is a chain of fma in ascending k (matmul_dot and matmul_rows: one chain per lane), so a result does
// not depend on the grid.
//
// On a processor, in groups of one work item:
//   matmul_pack     copies b into panels of `width` columns, zero-padded                      W
//   matmul_tile     a block of rows times a panel, ROWS x VECTORS*W sums in registers         W ROWS VECTORS BLOCK
//   matmul_dot      few rows, b contiguous along k: ROWS x COLUMNS dot products               W ROWS COLUMNS
// On a GPU:
//   matmul_local    TILE_M x TILE_N a group through local memory, ITEM_M x ITEM_N a work item TILE_* ITEM_* VECTOR
//   matmul_columns  few rows, b contiguous along its rows: a work item per column             ROWS
//   matmul_rows     few rows, b in any other layout: a group per column                       ROWS GROUP
//   All three: ACTIVATION, which is the activation in Params.
// On both:
//   matmul_sum      adds the splits and applies the epilogue
#include "prelude.h"
#include "f32.h"
#include "ops.h"

#ifdef F64
typedef double real;
#define REAL double
#define SIGMOID q_sigmoid_f64
#define TANH q_tanh_f64
#else
typedef float real;
#define REAL float
#define SIGMOID q_sigmoid_f32
#define TANH q_tanh_f32
#endif

#define PASTE(a, b) a##b
#define JOIN(a, b) PASTE(a, b)

struct View {
  long offset;
  long batch;
  long row;
  long column;
};

struct Params {
  long m;
  long n;
  long k;
  long batches;
  long splits;
  long depth;  // of a split
  struct View a;
  struct View b;
  struct View bias;
  struct View c;
  long c_split;     // from one split's sums to the next's
  long biased;      // whether there is a bias
  long activation;  // 0 none, 1 relu, 2 sigmoid, 3 tanh
  long width;       // of b's packed panels; 0: b is not packed
  long block_k;     // matmul_tile: the depth worked on at a time; matmul_pack: the depth of an item
};

static real relu(real x) {
  return x < 0 ? 0 : x;
}

static real activate(real x, long activation) {
#ifdef ACTIVATION
  // A GPU's kernel, being unrolled, would hold all of them once for each element.
  activation = ACTIVATION;
#endif
  switch (activation) {
    case 1:
      return relu(x);
    case 2:
      return SIGMOID(x);
    case 3:
      return TANH(x);
    default:
      return x;
  }
}

#ifdef W
typedef JOIN(REAL, W) vec;
#define LOAD(pointer) JOIN(vload, W)(0, pointer)
#define STORE(value, pointer) JOIN(vstore, W)(value, 0, pointer)

__kernel void matmul_pack(__global const real *restrict b, __global real *restrict panels, struct Params p) {
  const long across = (p.n + p.width - 1) / p.width;
  const long along = (p.k + p.block_k - 1) / p.block_k;
  const long items = p.batches * across * along;
  for (long item = get_global_id(0); item < items; item += get_global_size(0)) {
    const long k0 = item % along * p.block_k;
    const int depth = (int)min(p.block_k, p.k - k0);
    const long panel = item / along;
    const long j0 = panel % across * p.width;
    const int width = (int)min(p.width, p.n - j0);
    const int step = (int)p.width;
    __global const real *from = b + p.b.offset + panel / across * p.b.batch + k0 * p.b.row + j0 * p.b.column;
    __global real *to = panels + (panel * p.k + k0) * step;
    if (p.b.column == 1) {
      for (int k = 0; k < depth; k++) {
        int j = 0;
        for (; j + W <= width; j += W) {
          STORE(LOAD(from + k * p.b.row + j), to + k * step + j);
        }
        for (; j < width; j++) {
          to[k * step + j] = from[k * p.b.row + j];
        }
      }
    } else {
      // W values of k at once, so that columns whose distance is a power of two do not evict one another.
      for (int k1 = 0; k1 < depth; k1 += W) {
        const int k2 = min(depth, k1 + W);
        for (int j = 0; j < width; j++) {
          for (int k = k1; k < k2; k++) {
            to[k * step + j] = from[k * p.b.row + j * p.b.column];
          }
        }
      }
    }
    for (int k = 0; k < depth; k++) {
      for (int j = width; j < step; j++) {
        to[k * step + j] = 0;
      }
    }
  }
}

// Applies the epilogue to a run of sums and writes them.
static void finish(real *x, int count, __global const real *bias, __global real *c, const struct Params *p) {
  if (p->biased) {
    for (int j = 0; j < count; j++) {
      x[j] += bias[j * p->bias.column];
    }
  }
  // One loop each, so that they become vector instructions.
  switch (p->activation) {
    case 1:
      for (int j = 0; j < count; j++) {
        x[j] = relu(x[j]);
      }
      break;
    case 2:
      for (int j = 0; j < count; j++) {
        x[j] = SIGMOID(x[j]);
      }
      break;
    case 3:
      for (int j = 0; j < count; j++) {
        x[j] = TANH(x[j]);
      }
      break;
    default:
      break;
  }
  if (p->c.column == 1) {
    for (int j = 0; j < count; j++) {
      c[j] = x[j];
    }
  } else {
    for (int j = 0; j < count; j++) {
      c[j * p->c.column] = x[j];
    }
  }
}
#endif

#ifdef BLOCK
#define SPAN (VECTORS * W)

// sums (+)= a . b for ROWS rows of a and SPAN columns of b
static void multiply(
    __global const real *a, const long *rows, long a_step, __global const real *b, long b_step, long depth,
    real *sums, bool add) {
  vec sum[ROWS][VECTORS];
  __global const real *row[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    row[r] = a + rows[r];
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      sum[r][v] = add ? LOAD(sums + r * SPAN + v * W) : (vec)(0);
    }
  }
  for (long k = 0; k < depth; k++) {
    vec y[VECTORS];
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      y[v] = LOAD(b + v * W);
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      const vec x = (vec)(row[r][k * a_step]);
#pragma unroll
      for (int v = 0; v < VECTORS; v++) {
        sum[r][v] = fma(x, y[v], sum[r][v]);
      }
    }
    b += b_step;
  }
#pragma unroll
  for (int r = 0; r < ROWS; r++) {
#pragma unroll
    for (int v = 0; v < VECTORS; v++) {
      STORE(sum[r][v], sums + r * SPAN + v * W);
    }
  }
}

// An unpacked b has contiguous rows of at least SPAN columns.
__kernel void matmul_tile(
    __global const real *restrict a, __global const real *restrict b, __global const real *restrict bias,
    __global real *restrict c, struct Params p) {
  const long down = (p.m + BLOCK - 1) / BLOCK;
  const long across = (p.n + SPAN - 1) / SPAN;
  const long items = p.batches * p.splits * across * down;
  real sums[BLOCK * SPAN];
  for (long item = get_global_id(0); item < items; item += get_global_size(0)) {
    const long i0 = item % down * BLOCK;
    const int height = (int)min((long)BLOCK, p.m - i0);
    long rest = item / down;
    const long panel = rest % across;
    const long j0 = panel * SPAN;
    const int width = (int)min((long)SPAN, p.n - j0);
    rest /= across;
    const long split = rest % p.splits;
    const long batch = rest / p.splits;
    const long from = split * p.depth;
    const long to = min(p.k, from + p.depth);
    // The last columns of an unpacked b are read from further left, never from beyond its end.
    const int skipped = p.width == 0 ? SPAN - width : 0;
    const long b_step = p.width == 0 ? p.b.row : SPAN;
    __global const real *right = p.width == 0 ? b + p.b.offset + batch * p.b.batch + (j0 - skipped)
                                              : b + p.b.offset + batch * p.b.batch + panel * p.k * SPAN;
    __global const real *left = a + p.a.offset + batch * p.a.batch;
    long k0 = from;
    do {
      const long depth = min(p.block_k, to - k0);
      for (int r0 = 0; r0 < height; r0 += ROWS) {
        long rows[ROWS];
        for (int r = 0; r < ROWS; r++) {
          rows[r] = min(i0 + r0 + r, p.m - 1) * p.a.row;
        }
        multiply(
            left + k0 * p.a.column, rows, p.a.column, right + k0 * b_step, b_step, depth, sums + r0 * SPAN,
            k0 != from);
      }
      k0 += p.block_k;
    } while (k0 < to);
    for (int r = 0; r < height; r++) {
      finish(
          sums + r * SPAN + skipped, width,
          bias + p.bias.offset + batch * p.bias.batch + (i0 + r) * p.bias.row + j0 * p.bias.column,
          c + p.c.offset + batch * p.c.batch + split * p.c_split + (i0 + r) * p.c.row + j0 * p.c.column, &p);
    }
  }
}
#endif

#ifdef COLUMNS
// a and b are contiguous along k.
__kernel void matmul_dot(
    __global const real *restrict a, __global const real *restrict b, __global const real *restrict bias,
    __global real *restrict c, struct Params p) {
  const long across = (p.n + COLUMNS - 1) / COLUMNS;
  const long items = p.batches * p.splits * across;
  for (long item = get_global_id(0); item < items; item += get_global_size(0)) {
    const long j0 = item % across * COLUMNS;
    const int width = (int)min((long)COLUMNS, p.n - j0);
    const long split = item / across % p.splits;
    const long batch = item / across / p.splits;
    const long from = split * p.depth;
    const long to = min(p.k, from + p.depth);
    __global const real *row[ROWS];
    __global const real *column[COLUMNS];
    vec sum[ROWS][COLUMNS];
    real tail[ROWS][COLUMNS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      row[r] = a + p.a.offset + batch * p.a.batch + min((long)r, p.m - 1) * p.a.row;
    }
#pragma unroll
    for (int j = 0; j < COLUMNS; j++) {
      column[j] = b + p.b.offset + batch * p.b.batch + min(j0 + j, p.n - 1) * p.b.column;
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        sum[r][j] = (vec)(0);
        tail[r][j] = 0;
      }
    }
    long k = from;
    for (; k + W <= to; k += W) {
      vec x[ROWS];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        x[r] = LOAD(row[r] + k);
      }
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        const vec y = LOAD(column[j] + k);
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          sum[r][j] = fma(x[r], y, sum[r][j]);
        }
      }
    }
    for (; k < to; k++) {
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          tail[r][j] = fma(row[r][k], column[j][k], tail[r][j]);
        }
      }
    }
    real lanes[ROWS][COLUMNS][W];
    real result[ROWS][COLUMNS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
#pragma unroll
      for (int j = 0; j < COLUMNS; j++) {
        STORE(sum[r][j], lanes[r][j]);
        result[r][j] = tail[r][j];
      }
    }
    for (int r = 0; r < ROWS && r < p.m; r++) {
      for (int j = 0; j < width; j++) {
        for (int step = W / 2; step > 0; step /= 2) {
          for (int l = 0; l < step; l++) {
            lanes[r][j][l] += lanes[r][j][l + step];
          }
        }
        result[r][j] += lanes[r][j][0];
      }
      finish(
          result[r], width, bias + p.bias.offset + batch * p.bias.batch + r * p.bias.row + j0 * p.bias.column,
          c + p.c.offset + batch * p.c.batch + split * p.c_split + r * p.c.row + j0 * p.c.column, &p);
    }
  }
}
#endif

// Applies the epilogue to one sum and writes it.
static void put(
    real x, long i, long j, long batch, long split, __global const real *bias, __global real *c,
    const struct Params *p) {
  if (p->biased) {
    x += bias[p->bias.offset + batch * p->bias.batch + i * p->bias.row + j * p->bias.column];
  }
  c[p->c.offset + batch * p->c.batch + split * p->c_split + i * p->c.row + j * p->c.column] =
      activate(x, p->activation);
}

#ifdef TILE_K
#define ACROSS (TILE_N / ITEM_N)
#define DOWN (TILE_M / ITEM_M)
#define ITEMS (ACROSS * DOWN)
#define EACH_A (TILE_M * TILE_K / ITEMS)
#define EACH_B (TILE_N * TILE_K / ITEMS)

// How a work item walks through a matrix, a TILE_K deep piece of some rows (or columns) at a time.
struct Walk {
  long step;    // from one of its elements to the next
  long onward;  // from one piece to the next
  int side;     // its first row in the piece
  int depth;    // its first k in the piece
  int side_step;
  int depth_step;
};

// Neighbouring work items read along whichever side is contiguous.
static struct Walk walk(int item, int size, long side_stride, long k_stride) {
  const bool by_side = side_stride == 1;
  struct Walk w;
  w.side = by_side ? item % size : item / TILE_K;
  w.depth = by_side ? item / size : item % TILE_K;
  w.side_step = by_side ? 0 : ITEMS / TILE_K;
  w.depth_step = by_side ? ITEMS / size : 0;
  w.step = by_side ? w.depth_step * k_stride : w.side_step * side_stride;
  w.onward = TILE_K * k_stride;
  return w;
}

// Reads a work item's elements of a piece; those beyond the matrix are 0.
static void fetch(
    real *values, int count, __global const real *from, const struct Walk *w, int sides, int depths) {
#pragma unroll
  for (int i = 0; i < count; i++) {
    const bool inside = w->side + i * w->side_step < sides && w->depth + i * w->depth_step < depths;
    values[i] = inside ? from[i * w->step] : 0;
  }
}

static void share(const real *values, int count, __local real *piece, int pitch, const struct Walk *w) {
#pragma unroll
  for (int i = 0; i < count; i++) {
    piece[(w->depth + i * w->depth_step) * pitch + w->side + i * w->side_step] = values[i];
  }
}

__kernel __attribute__((reqd_work_group_size(ACROSS, DOWN, 1))) void matmul_local(
    __global const real *restrict a, __global const real *restrict b, __global const real *restrict bias,
    __global real *restrict c, struct Params p) {
  // The padding spreads a column over the banks.
  __local real left[TILE_K][TILE_M + VECTOR] __attribute__((aligned(16)));
  __local real right[TILE_K][TILE_N + VECTOR] __attribute__((aligned(16)));
  const int x = (int)get_local_id(0);
  const int y = (int)get_local_id(1);
  const struct Walk walk_a = walk(y * ACROSS + x, TILE_M, p.a.row, p.a.column);
  const struct Walk walk_b = walk(y * ACROSS + x, TILE_N, p.b.column, p.b.row);
  const long down = (p.m + TILE_M - 1) / TILE_M;
  const long across = (p.n + TILE_N - 1) / TILE_N;
  const long tiles = p.batches * p.splits * across * down;
  for (long tile = get_group_id(0); tile < tiles; tile += get_num_groups(0)) {
    const long i0 = tile % down * TILE_M;
    const long j0 = tile / down % across * TILE_N;
    const long split = tile / down / across % p.splits;
    const long batch = tile / down / across / p.splits;
    const long from = split * p.depth;
    const long to = min(p.k, from + p.depth);
    const int rows = (int)min((long)TILE_M, p.m - i0);
    const int columns = (int)min((long)TILE_N, p.n - j0);
    __global const real *from_a = a + p.a.offset + batch * p.a.batch + (i0 + walk_a.side) * p.a.row +
                                  (from + walk_a.depth) * p.a.column;
    __global const real *from_b = b + p.b.offset + batch * p.b.batch + (j0 + walk_b.side) * p.b.column +
                                  (from + walk_b.depth) * p.b.row;
    real next_a[EACH_A];
    real next_b[EACH_B];
    real sum[ITEM_M][ITEM_N];
#pragma unroll
    for (int i = 0; i < ITEM_M; i++) {
#pragma unroll
      for (int j = 0; j < ITEM_N; j++) {
        sum[i][j] = 0;
      }
    }
    int deep = (int)min((long)TILE_K, to - from);
    fetch(next_a, EACH_A, from_a, &walk_a, rows, deep);
    fetch(next_b, EACH_B, from_b, &walk_b, columns, deep);
    for (long k = from; k < to; k += TILE_K) {
      share(next_a, EACH_A, left[0], TILE_M + VECTOR, &walk_a);
      share(next_b, EACH_B, right[0], TILE_N + VECTOR, &walk_b);
      barrier(CLK_LOCAL_MEM_FENCE);
      // The next piece is on its way while this one is worked on.
      from_a += walk_a.onward;
      from_b += walk_b.onward;
      deep = (int)max(0L, min((long)TILE_K, to - k - TILE_K));
      fetch(next_a, EACH_A, from_a, &walk_a, rows, deep);
      fetch(next_b, EACH_B, from_b, &walk_b, columns, deep);
      // All of them at once would take twice the registers.
#pragma unroll 4
      for (int d = 0; d < TILE_K; d++) {
        real u[ITEM_M];
        real v[ITEM_N];
#pragma unroll
        for (int i = 0; i < ITEM_M; i++) {
          u[i] = left[d][(i / VECTOR * DOWN + y) * VECTOR + i % VECTOR];
        }
#pragma unroll
        for (int j = 0; j < ITEM_N; j++) {
          v[j] = right[d][(j / VECTOR * ACROSS + x) * VECTOR + j % VECTOR];
        }
#pragma unroll
        for (int i = 0; i < ITEM_M; i++) {
#pragma unroll
          for (int j = 0; j < ITEM_N; j++) {
            sum[i][j] = fma(u[i], v[j], sum[i][j]);
          }
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
#pragma unroll
    for (int i = 0; i < ITEM_M; i++) {
      const int row = (i / VECTOR * DOWN + y) * VECTOR + i % VECTOR;
#pragma unroll
      for (int j = 0; j < ITEM_N; j++) {
        const int column = (j / VECTOR * ACROSS + x) * VECTOR + j % VECTOR;
        if (row < rows && column < columns) {
          put(sum[i][j], i0 + row, j0 + column, batch, split, bias, c, &p);
        }
      }
    }
  }
}
#endif

#if defined(ROWS) && !defined(W) && !defined(GROUP)
__kernel void matmul_columns(
    __global const real *restrict a, __global const real *restrict b, __global const real *restrict bias,
    __global real *restrict c, struct Params p) {
  const long items = p.batches * p.splits * p.n;
  for (long item = get_global_id(0); item < items; item += get_global_size(0)) {
    const long j = item % p.n;
    const long split = item / p.n % p.splits;
    const long batch = item / p.n / p.splits;
    const long to = min(p.k, split * p.depth + p.depth);
    __global const real *left = a + p.a.offset + batch * p.a.batch;
    __global const real *right = b + p.b.offset + batch * p.b.batch + j * p.b.column;
    real sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      sum[r] = 0;
    }
    for (long k = split * p.depth; k < to; k++) {
      const real y = right[k * p.b.row];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        sum[r] = fma(left[min((long)r, p.m - 1) * p.a.row + k * p.a.column], y, sum[r]);
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      if (r < p.m) {
        put(sum[r], r, j, batch, split, bias, c, &p);
      }
    }
  }
}
#endif

#ifdef GROUP
__kernel __attribute__((reqd_work_group_size(GROUP, 1, 1))) void matmul_rows(
    __global const real *restrict a, __global const real *restrict b, __global const real *restrict bias,
    __global real *restrict c, struct Params p) {
  __local real sums[ROWS][GROUP];
  const int lane = (int)get_local_id(0);
  const long columns = p.batches * p.splits * p.n;
  for (long column = get_group_id(0); column < columns; column += get_num_groups(0)) {
    const long j = column % p.n;
    const long split = column / p.n % p.splits;
    const long batch = column / p.n / p.splits;
    const long to = min(p.k, split * p.depth + p.depth);
    __global const real *left = a + p.a.offset + batch * p.a.batch;
    __global const real *right = b + p.b.offset + batch * p.b.batch + j * p.b.column;
    real sum[ROWS];
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      sum[r] = 0;
    }
    for (long k = split * p.depth + lane; k < to; k += GROUP) {
      const real y = right[k * p.b.row];
#pragma unroll
      for (int r = 0; r < ROWS; r++) {
        sum[r] = fma(left[min((long)r, p.m - 1) * p.a.row + k * p.a.column], y, sum[r]);
      }
    }
#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      sums[r][lane] = sum[r];
    }
    barrier(CLK_LOCAL_MEM_FENCE);
    for (int kept = GROUP / 2; kept > 0; kept /= 2) {
      if (lane < kept) {
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          sums[r][lane] += sums[r][lane + kept];
        }
      }
      barrier(CLK_LOCAL_MEM_FENCE);
    }
    if (lane < ROWS && lane < p.m) {
      put(sums[lane][0], lane, j, batch, split, bias, c, &p);
    }
    barrier(CLK_LOCAL_MEM_FENCE);
  }
}
#endif

// a holds the splits' sums, [split, batch, row, column] without gaps.
__kernel void matmul_sum(
    __global const real *restrict a, __global const real *restrict bias, __global real *restrict c, struct Params p) {
  const long items = p.batches * p.m * p.n;
  for (long item = get_global_id(0); item < items; item += get_global_size(0)) {
    real sum = a[item];
    for (long split = 1; split < p.splits; split++) {
      sum += a[split * items + item];
    }
    put(sum, item / p.n % p.m, item % p.n, item / p.n / p.m, 0, bias, c, &p);
  }
}
