package dev.quern.spi;

import dev.quern.Precision;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * One open device. The core validates and canonicalises before it calls: types agree, shapes agree
 * (broadcast operands arrive with strides of 0), axes that can be merged are merged. A backend
 * therefore holds mathematics only, and asserts.
 *
 * <p>Elements of F16 and BF16 are kept, copied, filled, gathered and cast (see {@link Program}); no
 * other method sees them, except {@link #matmul} where {@link #multiplies} asks for them.
 *
 * <p>Work runs in the order it was handed over. Methods may be called from several threads at once.
 * An output never overlaps an input, except that {@link #map} may write a view that is identical to
 * one of its inputs.
 */
public interface Backend extends AutoCloseable {
  /** Returns what device this is. */
  DeviceInfo info();

  /**
   * Allocates memory with arbitrary content.
   *
   * @throws OutOfDeviceMemoryException if there is not enough; the core frees what it can and tries
   *     once more
   * @throws IllegalArgumentException if the device can never hold that many elements, or not that
   *     type
   */
  Buffer allocate(dev.quern.DType dtype, long size);

  /**
   * Returns a buffer that shares a Java array, where device memory is host memory: {@code float[]},
   * {@code double[]}, {@code int[]}, {@code long[]}, or {@code byte[]} for BOOL.
   */
  default Optional<Buffer> wrap(Object array) {
    return Optional.empty();
  }

  /** Returns whether buffers are Java arrays, which the collector frees by itself. */
  default boolean isHeap() {
    return false;
  }

  /**
   * Copies {@code count} elements from a Java array of the buffer's type: byte[] for BOOL, short[]
   * with the bits of F16 and BF16.
   */
  void upload(Object source, int sourceStart, Buffer target, long targetStart, int count);

  /** Copies {@code count} elements to a Java array, after all work handed over before. */
  void download(Buffer source, long sourceStart, Object target, int targetStart, int count);

  /** Runs a program once per element. All views have one shape. */
  void map(Program program, List<View> inputs, List<View> outputs);

  /**
   * Reduces the program's only output. The inputs' first {@code kept} axes are the output's axes;
   * the remaining ones are reduced and may be empty.
   */
  void reduce(Reduction reduction, Program program, List<View> inputs, int kept, View output);

  /**
   * Writes, for each row along the reduced axes (those after the first {@code kept}), the row-major
   * index of its first greatest ({@code max}) or least element; a NaN beats every number. The
   * output is I64; rows are not empty.
   */
  void argReduce(boolean max, View input, int kept, View output);

  /**
   * Multiplies matrices: {@code out[b] = epilogue(a[b] . b[b])} for views of shape [B, M, K], [B,
   * K, N] and [B, M, N] of F32 or F64; K may be 0. Strides are arbitrary.
   *
   * <p>Operands of a type that {@link #multiplies} arrive as they are, both of that type, with an
   * output of that type or of F32; the bias is F32 then. Their products are exact, sums and
   * epilogue F32, and a 16-bit output is rounded once, at the end.
   *
   * @param precision how far F32 operands may be rounded first, where that gains time; F64 operands
   *     are not
   */
  void matmul(View a, View b, Epilogue epilogue, Precision precision, View output);

  /**
   * Returns whether {@link #matmul} takes operands of a 16-bit type. Where it does not, the core
   * casts them to F32 first, and the product back.
   */
  default boolean multiplies(dev.quern.DType dtype) {
    return false;
  }

  /** Computes softmax, or its logarithm, along the last axis (extent at least 1). */
  void softmax(boolean log, View input, View output);

  /**
   * Writes the running sum ({@link Reduction#SUM}) or product ({@link Reduction#PROD}) along the
   * last axis (extent at least 1), element k being that of elements 0 to k. F32, F64 or I64, whose
   * results wrap. The error of a floating sum must not grow faster than the logarithm of the
   * length, nor may an order of work that differs from run to run change a bit. A scan from the end
   * arrives with negative strides, one that leaves out the element itself as shifted views.
   */
  void scan(Reduction reduction, View input, View output);

  /**
   * Writes {@code out[i.., k, j..] = source[i.., index[i.., k, j..], j..]}, the index taken along
   * {@code axis}; negative indices count from the end. {@code index} (I32 or I64) has the output's
   * shape.
   *
   * @param op the user's operation, to name in an error
   * @throws IndexOutOfBoundsException if an index is out of range; a device that computes later
   *     throws at the next synchronisation
   */
  void gather(String op, View source, View index, int axis, View output);

  /**
   * Adds {@code source[i.., k, j..]} to {@code target[i.., index[i.., k, j..], j..]}, the reverse
   * of {@link #gather}, repeated indices in ascending order of k.
   */
  void scatterAdd(String op, View source, View index, int axis, View target);

  /** Fills a contiguous view with random numbers, starting at block {@code counter}. */
  void random(RandomKind kind, long seed, long counter, View output);

  /**
   * Notes the kernels that {@code work} hands over on this thread, in a form that can be handed
   * over again at little cost. Nothing is computed yet. The work only calls methods of this backend
   * that run kernels; it may be run any number of times. Its buffers stay open as long as the
   * result.
   *
   * <p>Where nothing better is known, the result runs {@code work} each time.
   */
  default Replay capture(Runnable work) {
    return new Replay() {
      @Override
      public void run() {
        work.run();
      }

      @Override
      public void close() {
        // Nothing was kept.
      }
    };
  }

  /** Waits for all work handed over and reports what failed in it. */
  void synchronize();

  /**
   * Runs something that hands over work, waits for it, and returns how long the device took for it,
   * in nanoseconds.
   */
  default long timed(Runnable work) {
    synchronize();
    long start = System.nanoTime();
    work.run();
    synchronize();
    return System.nanoTime() - start;
  }

  /**
   * Measures which sizes of tiles and the like suit this device and remembers them for this user,
   * from the next time the device is opened.
   *
   * @param progress told of each thing tried
   * @return what was found, a line each
   * @throws IllegalArgumentException if there is nothing to tune
   */
  default List<String> tune(Consumer<String> progress) {
    throw new IllegalArgumentException("tune: " + info().id() + " has nothing to tune");
  }

  /** Gives cached memory back to the system, as far as possible. */
  void trim();

  /** Returns how many bytes are cached for reuse. */
  long cachedBytes();

  @Override
  void close();
}
