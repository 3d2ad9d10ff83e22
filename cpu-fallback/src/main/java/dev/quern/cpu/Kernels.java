package dev.quern.cpu;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Reduction;
import org.jspecify.annotations.Nullable;

/** The inner loops of which there are two kinds: plain Java, and SIMD. */
interface Kernels {
  /** Returns the loop of an operation other than CAST, by its operands' type. */
  Loop loop(Op op, DType operand);

  /**
   * Returns the loop of {@code second(first(a, b), c)} on F32, or of {@code second(c, first(a, b))}
   * if {@code turned}, and of RELU after them if {@code relu}; null where one after the other is as
   * fast.
   */
  @Nullable Loop pair(Op first, Op second, boolean turned, boolean relu);

  /** Returns the loop that reduces a run of elements to one; not for LOG_SUM_EXP. */
  Segment segment(Reduction reduction, DType dtype);

  /** Returns what adds up eight rows of F32 at once, or null where one by one is as fast. */
  @Nullable EightRows eightRows();

  /** Returns what adds up long runs of F32, or null where block after block is as fast. */
  @Nullable LongRuns longRuns();

  /** Returns the matrix product of a floating type. */
  Gemm gemm(DType dtype);

  /** Returns the passes of an F32 softmax, or null where single operations are as fast. */
  @Nullable SoftmaxLoops softmax();

  /** Returns the loop of one instruction. */
  default Loop loop(Program program, Program.Instruction code) {
    Op op = code.op();
    // WHERE's first operand is a BOOL whatever the others are.
    DType operand = program.dtype(op == Op.WHERE ? code.b() : code.a());
    return op == Op.CAST ? CastLoops.of(operand, code.dtype()) : loop(op, operand);
  }
}
