package dev.quern;

import java.lang.ref.Cleaner;
import java.util.function.Supplier;

/**
 * A step that was run once and can be run again with nothing to plan, to allocate or to
 * differentiate: {@link #replay} does on the same memory what calling the step again would do, with
 * the same bits. On a GPU all kernels go to the device at once.
 *
 * <pre>{@code
 * Tensor x = Tensor.zeros(64, 784);           // made before, to be filled for each step
 * Tensor y = Tensor.zeros(DType.I64, 64);
 * try (Recording step = device.record(() -> {
 *       optimizer.zeroGrad();
 *       Tensor loss = Losses.crossEntropy(model.forward(x), y);
 *       loss.backward();
 *       optimizer.step();
 *       return loss;
 *     })) {
 *   for (Batch batch : batches) {
 *     x.assign(batch.pixels());
 *     y.assign(batch.digits());
 *     step.replay();
 *   }
 *   System.out.println(step.result().item());
 * }
 * }</pre>
 *
 * <p>The step reads tensors that were made before, and changes them with {@link Tensor#assign}, as
 * optimizers do. These, the gradients and the result show after each replay what the step has made
 * of them. A tensor that shares its memory with another, such as a view, gets memory of its own the
 * first time the step uses it. What one gets from such tensors elsewhere are copies, and operations
 * on them run when called, since a replay may change the elements at any time; a gradient that
 * needs their values is to be computed before the next replay. A gradient that the step adds to or
 * reads is taken as it is before each replay.
 *
 * <p>Shapes, and whatever Java code decides, stay as they were. An optimizer's rate and count of
 * steps, and a {@link dev.quern.optim.Schedule} applied to it, go on; other numbers that change
 * come from {@link #numbers}. While a step is recorded these throw {@link IllegalStateException},
 * and then all is as it was before: reading elements, copying an array to the device, random
 * numbers, kernels of another device, another recording, keeping old elements of an assigned tensor
 * in a scope from outside, a gradient that is added to one which was not there the first time.
 *
 * <p>Recordings keep their memory until they are closed. Replays of one recording wait for one
 * another; other threads may use the device meanwhile, but not the tensors of the step.
 */
public final class Recording implements AutoCloseable {
  private final Recorder recorder;
  private final Cleaner.Cleanable cleanable;

  Recording(Recorder recorder) {
    this.recorder = recorder;
    cleanable = recorder.closeWith(this);
  }

  /**
   * Runs the step once more.
   *
   * @throws IllegalStateException if the recording or the GPU is closed, this thread records or is
   *     in a replay of this recording, or a gradient that the step reads is not there, or one is
   *     that was not
   */
  public void replay() {
    recorder.replay();
  }

  /**
   * Returns a new handle of what the step returned: it shows the newest value, and the last one
   * when the recording is closed.
   *
   * @throws IllegalStateException if the recording is closed or the step returns nothing
   */
  public Tensor result() {
    return recorder.shown();
  }

  /** Returns how many kernels a replay runs. */
  public int kernels() {
    return recorder.kernels();
  }

  /**
   * Returns a vector of numbers that depend on the host, such as a rate that falls: computed now,
   * and while a step is recorded once more before each replay.
   *
   * <pre>{@code
   * Tensor noise = Recording.numbers(DType.F32, () -> new double[] {annealed(steps++)});
   * }</pre>
   *
   * @param dtype F32 or F64, to which each number is rounded
   * @param values how to compute them; always the same count
   * @throws IllegalArgumentException if the type is another
   */
  public static Tensor numbers(DType dtype, Supplier<double[]> values) {
    if (dtype != DType.F32 && dtype != DType.F64) {
      throw new IllegalArgumentException("numbers: type must be F32 or F64: " + dtype);
    }
    Recorder current = Recorder.current();
    if (current != null) {
      return current.numbers(dtype, values);
    }
    double[] now = values.get();
    return Tensor.of(now, now.length).cast(dtype);
  }

  /** Returns whether this thread records a step at present. */
  public static boolean isActive() {
    return Recorder.current() != null;
  }

  /**
   * Has something done on the host before the kernels of each replay, such as counting; outside of
   * a recording, nothing. The step itself does it the first time. Actions happen in the order in
   * which they were given and {@linkplain #numbers numbers} asked for.
   *
   * @param action what to do
   * @param undo how to reverse it: if a replay cannot start, or this recording fails
   */
  public static void onReplay(Runnable action, Runnable undo) {
    Recorder current = Recorder.current();
    if (current != null) {
      current.onReplay(action, undo);
    }
  }

  /** Frees the memory that nothing else holds. Closing twice is harmless. */
  @Override
  public void close() {
    cleanable.clean();
  }
}
