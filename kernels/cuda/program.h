// Interprets fused programs: what elementwise.cu and reduce.cu share.
//
// A program is a list of instructions of 64 bits (dev.quern.kernels.ProgramCode). A thread runs it
// for WIDTH elements at once, whose values are words of 32 bits, or of 64 (WIDE) for programs that
// have longer values; a shorter value fills the lower bits. The last result stays in registers;
// values that are needed later are kept in slots of shared memory, each thread in its own, since
// local memory would be slower. All threads take the same branches.
//
// WHOLE: for long arrays. The views move along one axis, by 0 or 1, and start where single accesses
// can. A thread has two groups of QUAD neighbours, those of a warp following one another.
#include "prelude.h"
#include "f32.h"
#include "trig.h"
#include "ops.h"
#include "half.h"

#if defined(WIDE)
typedef ulong Word;
#define WIDTH 2
#elif defined(WHOLE)
typedef uint Word;
#define QUAD 4
#define WIDTH 8
#else
typedef uint Word;
#define WIDTH 4
#endif

// As in dev.quern.spi.Program and Geometry.
#define MAX_VIEWS 12
#define MAX_CONSTANTS 16
#define MAX_AXES 6
#define MAX_CODE 64

// An operand is the last result, nothing, or from one of these on a slot, a constant, an input.
#define NOTHING 255
#define LAST 254
#define INPUT 128
#define CONSTANT 64

struct alignas(16) Lanes {
  Word w[WIDTH];
};

struct View {
  long offset;
  long stride[MAX_AXES];
};

struct Program {
  void* block[MAX_VIEWS];
  long sizes;   // of the views' elements: 4 bits each, the logarithm of the bytes
  long length;  // of the code
  long dim[MAX_AXES];
  View view[MAX_VIEWS];
  long constant[MAX_CONSTANTS];
  long code[MAX_CODE];
};

// WIDTH elements along the last axis, of which `count` are there; the coordinates on the axes before.
struct Place {
  long c[MAX_AXES - 1];
  long i;
  int count;
};

template <typename T>
__device__ T q_as(Word w);
template <>
__device__ __forceinline__ q_bool q_as<q_bool>(Word w) {
  return (q_bool)w;
}
// Both types of 16 bits
template <>
__device__ __forceinline__ q_f16 q_as<q_f16>(Word w) {
  return (q_f16)w;
}
template <>
__device__ __forceinline__ q_i32 q_as<q_i32>(Word w) {
  return (q_i32)w;
}
template <>
__device__ __forceinline__ q_f32 q_as<q_f32>(Word w) {
  return __int_as_float((int)w);
}
#ifdef WIDE
template <>
__device__ __forceinline__ q_i64 q_as<q_i64>(Word w) {
  return (q_i64)w;
}
template <>
__device__ __forceinline__ q_f64 q_as<q_f64>(Word w) {
  return __longlong_as_double((long long)w);
}
#endif

Q_FUNCTION Word q_word(bool x) {
  return x ? 1 : 0;
}
Q_FUNCTION Word q_word(q_bool x) {
  return x;
}
Q_FUNCTION Word q_word(q_f16 x) {
  return x;
}
Q_FUNCTION Word q_word(q_i32 x) {
  return (uint)x;
}
Q_FUNCTION Word q_word(q_f32 x) {
  return (uint)__float_as_int(x);
}
#ifdef WIDE
Q_FUNCTION Word q_word(q_i64 x) {
  return (ulong)x;
}
Q_FUNCTION Word q_word(q_f64 x) {
  return (ulong)__double_as_longlong(x);
}
#endif

#ifdef WIDE
typedef ulong2 Quad;
typedef uint2 Pair;
typedef ushort2 Half;
typedef uchar2 Bytes;
#else
typedef uint4 Pair;
typedef ushort4 Half;
typedef uchar4 Bytes;
#endif

Q_FUNCTION int q_size(const Program& p, int v) {
  return (int)(p.sizes >> (4 * v)) & 15;
}

#ifdef WHOLE
#include "program_whole.h"
#else
// Where an element lies: the views move along AXES axes, the last AXES of MAX_AXES.
template <int AXES>
Q_FUNCTION long q_offset(const Program& p, int v, const Place& at) {
  const View& view = p.view[v];
  long offset = view.offset + at.i * view.stride[MAX_AXES - 1];
#pragma unroll
  for (int a = MAX_AXES - AXES; a < MAX_AXES - 1; a++) {
    offset += at.c[a] * view.stride[a];
  }
  return offset;
}

// Neighbouring elements, of which all are there, at an address that suits a single access.
template <typename T, typename V>
Q_FUNCTION void q_take(Lanes& r, const T* from) {
  const V v = *reinterpret_cast<const V*>(from);
  const T* t = reinterpret_cast<const T*>(&v);
#pragma unroll
  for (int l = 0; l < WIDTH; l++) {
    r.w[l] = t[l];
  }
}

template <typename T, typename V>
Q_FUNCTION Lanes q_load(const void* block, long offset, long step, int count) {
  const T* from = static_cast<const T*>(block) + offset;
  Lanes r;
  if (step == 1 && count == WIDTH && (reinterpret_cast<size_t>(from) & (sizeof(V) - 1)) == 0) {
    q_take<T, V>(r, from);
  } else if (step == 0) {
    const T x = *from;
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      r.w[l] = x;
    }
  } else {
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      r.w[l] = l < count ? from[l * step] : 0;
    }
  }
  return r;
}

template <typename T, typename V>
Q_FUNCTION void q_store(void* block, long offset, long step, int count, const Lanes& r) {
  T* to = static_cast<T*>(block) + offset;
  if (step == 1 && count == WIDTH && (reinterpret_cast<size_t>(to) & (sizeof(V) - 1)) == 0) {
    V v;
    T* t = reinterpret_cast<T*>(&v);
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      t[l] = (T)r.w[l];
    }
    *reinterpret_cast<V*>(to) = v;
  } else {
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      if (l < count) {
        to[l * step] = (T)r.w[l];
      }
    }
  }
}

template <int AXES>
Q_FUNCTION Lanes q_input(const Program& p, int v, const Place& at) {
  const long offset = q_offset<AXES>(p, v, at);
  const long step = p.view[v].stride[MAX_AXES - 1];
  switch (q_size(p, v)) {
    case 0:
      return q_load<uchar, Bytes>(p.block[v], offset, step, at.count);
    case 1:
      return q_load<ushort, Half>(p.block[v], offset, step, at.count);
    case 2:
      return q_load<uint, Pair>(p.block[v], offset, step, at.count);
#ifdef WIDE
    default:
      return q_load<ulong, Quad>(p.block[v], offset, step, at.count);
#else
    default:
      return Lanes();
#endif
  }
}

template <int AXES>
Q_FUNCTION void q_output(const Program& p, int v, const Place& at, const Lanes& r) {
  const long offset = q_offset<AXES>(p, v, at);
  const long step = p.view[v].stride[MAX_AXES - 1];
  switch (q_size(p, v)) {
    case 0:
      q_store<uchar, Bytes>(p.block[v], offset, step, at.count, r);
      break;
    case 1:
      q_store<ushort, Half>(p.block[v], offset, step, at.count, r);
      break;
    case 2:
      q_store<uint, Pair>(p.block[v], offset, step, at.count, r);
      break;
#ifdef WIDE
    default:
      q_store<ulong, Quad>(p.block[v], offset, step, at.count, r);
#endif
  }
}

// Slots lie so that neighbouring threads access neighbouring memory.
Q_FUNCTION Lanes q_get(const Lanes* slots, int slot) {
  return slots[slot * blockDim.x + threadIdx.x];
}

Q_FUNCTION void q_put(Lanes* slots, int slot, const Lanes& r) {
  slots[slot * blockDim.x + threadIdx.x] = r;
}
#endif

template <int AXES>
Q_FUNCTION Lanes q_operand(
    const Program& p, int operand, const Place& at, const Lanes* slots, const Lanes& last) {
  if (operand >= LAST) {
    return last;
  }
  if (operand >= INPUT) {
    return q_input<AXES>(p, operand - INPUT, at);
  }
  if (operand >= CONSTANT) {
    Lanes r;
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      r.w[l] = (Word)p.constant[operand - CONSTANT];
    }
    return r;
  }
  return q_get(slots, operand);
}

// One operation on all lanes. The cases are written from the op table.
Q_FUNCTION Lanes q_compute(int op, const Lanes& x, const Lanes& y, const Lanes& z) {
  Lanes r = x;
#define Q_LANES(e)                      \
  _Pragma("unroll")                     \
  for (int l = 0; l < WIDTH; l++) {     \
    e;                                  \
  }                                     \
  break;
#define Q_CASE1(op, T, R, e)            \
  case op:                              \
    Q_LANES(const T a = q_as<T>(x.w[l]); r.w[l] = q_word((R)(e)))
#define Q_CASE2(op, T, R, e)            \
  case op:                              \
    Q_LANES(const T a = q_as<T>(x.w[l]); const T b = q_as<T>(y.w[l]); r.w[l] = q_word((R)(e)))
#define Q_CASE3(op, T, R, e)            \
  case op:                              \
    Q_LANES(const T a = q_as<T>(x.w[l]); const T b = q_as<T>(y.w[l]); const T c = q_as<T>(z.w[l]); \
            r.w[l] = q_word((R)(e)))
#define Q_SELECT(op) \
  case op:           \
    Q_LANES(r.w[l] = x.w[l] != 0 ? y.w[l] : z.w[l])
  switch (op) {
#include "cases.h"
    default:
      break;
  }
  return r;
}

// Runs a program: returns its last result, and writes what is marked to be written.
template <int AXES>
Q_FUNCTION Lanes q_run(const Program& p, const Place& at, Lanes* slots) {
  Lanes last = Lanes();
  for (int k = 0; k < (int)p.length; k++) {
    const ulong code = p.code[k];
    const int b = (int)(code >> 28) & 255;
    const int c = (int)(code >> 36) & 255;
    const Lanes x = q_operand<AXES>(p, (int)(code >> 20) & 255, at, slots, last);
    const Lanes y = b == NOTHING ? x : q_operand<AXES>(p, b, at, slots, last);
    const Lanes z = c == NOTHING ? x : q_operand<AXES>(p, c, at, slots, last);
    last = q_compute((int)code & 0xfff, x, y, z);
    const int slot = (int)(code >> 12) & 255;
    if (slot != NOTHING) {
      q_put(slots, slot, last);
    }
    const int view = (int)(code >> 44) & 15;
    if (view != 0) {
      q_output<AXES>(p, view - 1, at, last);
    }
  }
  return last;
}
