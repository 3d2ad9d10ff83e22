package dev.quern.spi;

import dev.quern.DType;
import dev.quern.Halves;
import java.util.Arrays;

/**
 * A short straight-line program over table ops that is run once per element: what a chain of
 * deferred elementwise operations becomes.
 *
 * <p>Values are numbered: first the inputs, then the constants, then one per instruction, whose
 * operands always have smaller numbers. The outputs are numbers of values; an output may be an
 * input (a copy) or a constant (a fill).
 *
 * <p>Values of a 16-bit floating type are moved, chosen by {@link Op#WHERE} and cast, nothing else:
 * the core casts them to F32 for any other operation, and casts them directly only to F32, and only
 * from F32, F64 and I64.
 */
public final class Program {
  /** The greatest number of inputs. */
  public static final int MAX_INPUTS = 8;

  /** The greatest number of constants. */
  public static final int MAX_CONSTANTS = 16;

  /** The greatest number of instructions. */
  public static final int MAX_INSTRUCTIONS = 32;

  /** The greatest number of outputs. */
  public static final int MAX_OUTPUTS = 4;

  /**
   * One operation.
   *
   * @param op the table row
   * @param dtype the result's type
   * @param a the first operand's value number
   * @param b the second operand's, or -1
   * @param c the third operand's, or -1
   */
  public record Instruction(Op op, DType dtype, int a, int b, int c) {}

  private final DType[] inputs;
  private final DType[] constantTypes;
  private final long[] constants;
  private final Instruction[] code;
  private final int[] outputs;

  /**
   * Creates a program; the arrays are not copied.
   *
   * @param inputs the inputs' types
   * @param constantTypes the constants' types
   * @param constants the constants: raw bits of floating types (in the low part), else the value
   * @param code the instructions in order
   * @param outputs the value numbers to write out
   */
  public Program(
      DType[] inputs, DType[] constantTypes, long[] constants, Instruction[] code, int[] outputs) {
    assert inputs.length <= MAX_INPUTS && constants.length <= MAX_CONSTANTS;
    assert code.length <= MAX_INSTRUCTIONS && outputs.length <= MAX_OUTPUTS;
    this.inputs = inputs;
    this.constantTypes = constantTypes;
    this.constants = constants;
    this.code = code;
    this.outputs = outputs;
  }

  /** Returns the program that copies its one input. */
  public static Program copy(DType dtype) {
    return new Program(
        new DType[] {dtype}, new DType[0], new long[0], new Instruction[0], new int[] {0});
  }

  /** Returns the program that fills its one output with a constant, given as raw bits. */
  public static Program fill(DType dtype, long bits) {
    return new Program(
        new DType[0], new DType[] {dtype}, new long[] {bits}, new Instruction[0], new int[] {0});
  }

  /** Returns the number of inputs. */
  public int inputCount() {
    return inputs.length;
  }

  /** Returns the number of constants. */
  public int constantCount() {
    return constants.length;
  }

  /** Returns the raw bits of a constant, counted from 0. */
  public long constantBits(int index) {
    return constants[index];
  }

  /** Returns the number of instructions. */
  public int length() {
    return code.length;
  }

  /** Returns an instruction, counted from 0. */
  public Instruction instruction(int index) {
    return code[index];
  }

  /** Returns the number of outputs. */
  public int outputCount() {
    return outputs.length;
  }

  /** Returns the value number of an output, counted from 0. */
  public int output(int index) {
    return outputs[index];
  }

  /** Returns the number of the first constant. */
  public int firstConstant() {
    return inputs.length;
  }

  /** Returns the number of the first instruction's value. */
  public int firstResult() {
    return inputs.length + constants.length;
  }

  /** Returns a value's type. */
  public DType dtype(int value) {
    if (value < inputs.length) {
      return inputs[value];
    }
    int rest = value - inputs.length;
    return rest < constants.length ? constantTypes[rest] : code[rest - constants.length].dtype();
  }

  /** Returns whether output 0 is input 0 and nothing is computed. */
  public boolean isCopy() {
    return code.length == 0 && outputs.length == 1 && outputs[0] == 0 && inputs.length == 1;
  }

  /**
   * Returns a text that two programs share exactly if they differ in nothing but the constants'
   * values: the key under which compiled kernels are kept.
   */
  public String structure() {
    StringBuilder text = new StringBuilder();
    text.append(Arrays.toString(inputs)).append(Arrays.toString(constantTypes));
    for (Instruction i : code) {
      text.append(';').append(i.op()).append(':').append(i.dtype());
      text.append('(').append(i.a()).append(',').append(i.b()).append(',').append(i.c());
      text.append(')');
    }
    return text.append("->").append(Arrays.toString(outputs)).toString();
  }

  /** Returns the constant {@code value} of a type as raw bits. */
  public static long bits(DType dtype, double value) {
    return switch (dtype) {
      case F16 -> Halves.toF16(value) & 0xffff;
      case BF16 -> Halves.toBf16(value) & 0xffff;
      case F32 -> Float.floatToRawIntBits((float) value) & 0xffffffffL;
      case F64 -> Double.doubleToRawLongBits(value);
      case I32 -> (int) value;
      case I64 -> (long) value;
      case BOOL -> value != 0 ? 1 : 0;
    };
  }

  @Override
  public String toString() {
    return structure() + Arrays.toString(constants);
  }
}
