// The instructions of tensor cores, of compute capability 8.0 on, each with a body for the emulator. A fragment is what
// the lanes of a warp together have of a matrix: lane 4 g + t has the elements of row g, and of row g + 8, whose
// columns lie in the 4 bytes from 4 t on, and from 16 + 4 t on.

#ifdef QUERN_EMULATOR
Q_FUNCTION float mma_f16(uint bits) {
  return q_cast_f16_f32((q_f16)bits);
}

Q_FUNCTION float mma_bf16(uint bits) {
  return q_cast_bf16_f32((q_bf16)bits);
}

// d += a . b, b being the transpose of a fragment of 8 rows; STEP elements in 4 bytes.
template <int STEP, typename Value>
Q_FUNCTION void emulated_mma(float (&d)[4], const uint (&a)[4], uint b0, uint b1, Value value) {
  struct Mine {
    uint a[4];
    uint b[2];
  } mine = {{a[0], a[1], a[2], a[3]}, {b0, b1}}, all[32];
  emulator_gather(mine, all);
  const int lane = threadIdx.x % 32;
  for (int e = 0; e < 4; e++) {
    const int row = lane / 4 + e / 2 * 8;
    const int column = lane % 4 * 2 + e % 2;
    double sum = d[e];
    for (int k = 0; k < 8 * STEP; k++) {
      const int word = k / STEP;
      const uint x = all[row % 8 * 4 + word % 4].a[row / 8 + word / 4 * 2];
      const uint y = all[column * 4 + word % 4].b[word / 4];
      const int shift = STEP == 2 ? k % 2 * 16 : 0;
      sum += (double)value(x >> shift) * value(y >> shift);
    }
    d[e] = (float)sum;
  }
}
#endif

// Four matrices of 8 rows of 16 bytes, one register each: lane l gives the address of row l % 8 of matrix l / 8. If
// transposed, they are of 16-bit elements and the lanes have their columns.
Q_FUNCTION void load_matrices(uint (&r)[4], uint address, bool transposed) {
#ifdef QUERN_EMULATOR
  uint all[32];
  emulator_gather(address, all);
  const int lane = threadIdx.x % 32;
  for (int i = 0; i < 4; i++) {
    if (transposed) {
      const auto* even = static_cast<const unsigned short*>(emulator_shared_pointer(all[8 * i + lane % 4 * 2]));
      const auto* odd = static_cast<const unsigned short*>(emulator_shared_pointer(all[8 * i + lane % 4 * 2 + 1]));
      r[i] = even[lane / 4] | (uint)odd[lane / 4] << 16;
    } else {
      r[i] = static_cast<const uint*>(emulator_shared_pointer(all[8 * i + lane / 4]))[lane % 4];
    }
  }
#else
  // Predicates rather than a branch, so that the compiler can order them among other instructions.
  asm volatile(
      "{\n\t.reg .pred t;\n\tsetp.ne.u32 t, %5, 0;\n\t"
      "@!t ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n\t"
      "@t ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0, %1, %2, %3}, [%4];\n\t}"
      : "=r"(r[0]), "=r"(r[1]), "=r"(r[2]), "=r"(r[3])
      : "r"(address), "r"((uint)transposed)
      : "memory");
#endif
}

// The same for 32-bit elements, which no instruction transposes: if transposed, lane 4 g + t reads them at two
// addresses, those of rows g and g + 8 in column t, and 4 columns on from each.
template <int FOUR_ON>
Q_FUNCTION void load_words(uint (&r)[4], uint address, bool transposed, uint first, uint second) {
#ifdef QUERN_EMULATOR
  if (transposed) {
    r[0] = *static_cast<const uint*>(emulator_shared_pointer(first));
    r[1] = *static_cast<const uint*>(emulator_shared_pointer(second));
    r[2] = *static_cast<const uint*>(emulator_shared_pointer(first + FOUR_ON));
    r[3] = *static_cast<const uint*>(emulator_shared_pointer(second + FOUR_ON));
  } else {
    load_matrices(r, address, false);
  }
#else
  asm volatile(
      "{\n\t.reg .pred t;\n\tsetp.ne.u32 t, %5, 0;\n\t"
      "@!t ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0, %1, %2, %3}, [%4];\n\t"
      "@t ld.shared.b32 %0, [%6];\n\t"
      "@t ld.shared.b32 %1, [%7];\n\t"
      "@t ld.shared.b32 %2, [%6 + %8];\n\t"
      "@t ld.shared.b32 %3, [%7 + %8];\n\t}"
      : "=&r"(r[0]), "=&r"(r[1]), "=&r"(r[2]), "=&r"(r[3])
      : "r"(address), "r"((uint)transposed), "r"(first), "r"(second), "n"(FOUR_ON)
      : "memory");
#endif
}

// F32 to TF32, to the nearest, ties away from 0.
Q_FUNCTION uint round_to_tf32(uint bits) {
#ifdef QUERN_EMULATOR
  const uint magnitude = bits & 0x7fffffffu;
  return magnitude > 0x7f800000u ? 0x7fffffffu : magnitude == 0x7f800000u ? bits : (bits + 0x1000u) & ~0x1fffu;
#else
  uint rounded;
  asm("cvt.rna.tf32.f32 %0, %1;" : "=r"(rounded) : "f"(__uint_as_float(bits)));
  return rounded;
#endif
}

#ifdef QUERN_EMULATOR
#define MMA(SHAPE, TYPE, STEP, VALUE) emulated_mma<STEP>(d, a, b0, b1, VALUE)
#else
#define MMA(SHAPE, TYPE, STEP, VALUE)                                                                            \
  asm volatile("mma.sync.aligned." SHAPE ".row.col.f32." TYPE "." TYPE                                           \
               ".f32 {%0, %1, %2, %3}, {%4, %5, %6, %7}, {%8, %9}, {%0, %1, %2, %3};"                            \
               : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])                                                  \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1))
#endif

// The types of elements: how they are stored, loaded as fragments 32 bytes deep and multiplied.
struct F16 {
  static constexpr int BYTES = 2;
  static constexpr bool ROUNDED = false;

  static __device__ __forceinline__ void multiply(float (&d)[4], const uint (&a)[4], uint b0, uint b1) {
    MMA("m16n8k16", "f16", 2, mma_f16);
  }

  static __device__ __forceinline__ uint round(float x) {
    return q_cast_f32_f16(x);
  }
};

struct Bf16 {
  static constexpr int BYTES = 2;
  static constexpr bool ROUNDED = false;

  static __device__ __forceinline__ void multiply(float (&d)[4], const uint (&a)[4], uint b0, uint b1) {
    MMA("m16n8k16", "bf16", 2, mma_bf16);
  }

  static __device__ __forceinline__ uint round(float x) {
    return q_cast_f32_bf16(x);
  }
};

// F32 in memory
struct Tf32 {
  static constexpr int BYTES = 4;
  static constexpr bool ROUNDED = true;

  static __device__ __forceinline__ void multiply(float (&d)[4], const uint (&a)[4], uint b0, uint b1) {
    MMA("m16n8k8", "tf32", 1, __uint_as_float);
  }
};
