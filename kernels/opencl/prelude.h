// What the common files need of the language, here of OpenCL C 1.2, and the types.

#pragma OPENCL FP_CONTRACT OFF
#ifdef FLOAT64
#pragma OPENCL EXTENSION cl_khr_fp64 : enable
#endif

typedef uchar q_bool;
typedef int q_i32;
typedef long q_i64;
typedef float q_f32;
// The bits: no device needs to know these types.
typedef ushort q_f16;
typedef ushort q_bf16;
#ifdef FLOAT64
typedef double q_f64;
#endif

#define Q_FUNCTION inline static
#define Q_LOOP_OVER(i, n) for (INDEX i = get_global_id(0); i < (n); i += get_global_size(0))

Q_FUNCTION int q_bits(float x) {
  return as_int(x);
}

Q_FUNCTION float q_float(int bits) {
  return as_float(bits);
}

#define WORD_q_bool(w) ((q_bool)(w))
#define WORD_q_i32(w) ((q_i32)(w))
#define WORD_q_i64(w) (w)
#define WORD_q_f16(w) ((q_f16)(w))
#define WORD_q_bf16(w) ((q_bf16)(w))
#define WORD_q_f32(w) as_float((int)(w))
#define WORD_q_f64(w) as_double(w)
