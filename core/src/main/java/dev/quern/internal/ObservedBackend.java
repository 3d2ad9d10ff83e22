package dev.quern.internal;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.DeviceInfo;
import dev.quern.spi.Epilogue;
import dev.quern.spi.KernelRun;
import dev.quern.spi.Program;
import dev.quern.spi.RandomKind;
import dev.quern.spi.Reduction;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A backend whose kernels are timed while somebody watches. */
final class ObservedBackend implements Backend {
  private final Backend real;
  private volatile @Nullable Consumer<KernelRun> observer;

  ObservedBackend(Backend real) {
    this.real = real;
  }

  /** Sets who is told of every kernel, or null. */
  void observe(@Nullable Consumer<KernelRun> consumer) {
    observer = consumer;
  }

  private static List<View> all(List<View> inputs, View output) {
    List<View> views = new ArrayList<>(inputs);
    views.add(output);
    return views;
  }

  // Broadcast elements are read once.
  private static long bytes(List<View> views) {
    long bytes = 0;
    for (View view : views) {
      long size = view.dtype().bytes();
      for (int i = 0; i < view.rank(); i++) {
        size *= view.strides()[i] == 0 ? 1 : view.shape()[i];
      }
      bytes += size;
    }
    return bytes;
  }

  private static String shapes(List<View> views) {
    return views.stream()
        .map(view -> view.dtype() + Arrays.toString(view.shape()))
        .collect(Collectors.joining(" "));
  }

  private static String name(Program program) {
    if (program.length() == 0) {
      return program.inputCount() == 0 ? "fill" : "copy";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < program.length(); i++) {
      text.append(i == 0 ? "" : "+").append(program.instruction(i).op());
    }
    return text.toString().toLowerCase(Locale.ROOT);
  }

  private void run(Runnable kernel, Description description) {
    Consumer<KernelRun> told = observer;
    if (told == null) {
      kernel.run();
    } else {
      long nanos = real.timed(kernel);
      told.accept(description.of(nanos));
    }
  }

  /** Made only if somebody watches. */
  private interface Description {
    KernelRun of(long nanos);
  }

  private static KernelRun described(String name, List<View> views, long nanos, long flops) {
    return new KernelRun(name, shapes(views), nanos, bytes(views), flops);
  }

  @Override
  public DeviceInfo info() {
    return real.info();
  }

  @Override
  public Buffer allocate(DType dtype, long size) {
    return real.allocate(dtype, size);
  }

  @Override
  public Optional<Buffer> wrap(Object array) {
    return real.wrap(array);
  }

  @Override
  public boolean isHeap() {
    return real.isHeap();
  }

  @Override
  public void upload(Object source, int sourceStart, Buffer target, long targetStart, int count) {
    real.upload(source, sourceStart, target, targetStart, count);
  }

  @Override
  public void download(Buffer source, long sourceStart, Object target, int targetStart, int count) {
    real.download(source, sourceStart, target, targetStart, count);
  }

  @Override
  public void map(Program program, List<View> inputs, List<View> outputs) {
    run(
        () -> real.map(program, inputs, outputs),
        nanos -> {
          List<View> views = new ArrayList<>(inputs);
          views.addAll(outputs);
          long flops = outputs.get(0).size() * program.length();
          return described(name(program), views, nanos, flops);
        });
  }

  @Override
  public void reduce(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    run(
        () -> real.reduce(reduction, program, inputs, kept, output),
        nanos -> {
          String prologue = program.length() == 0 ? "" : name(program) + "+";
          String kernel = prologue + reduction.name().toLowerCase(Locale.ROOT);
          long flops = inputs.get(0).size() * (1 + program.length());
          return described(kernel, all(inputs, output), nanos, flops);
        });
  }

  @Override
  public void argReduce(boolean max, View input, int kept, View output) {
    run(
        () -> real.argReduce(max, input, kept, output),
        nanos -> described(max ? "argmax" : "argmin", List.of(input, output), nanos, input.size()));
  }

  @Override
  public void matmul(View a, View b, Epilogue epilogue, Precision precision, View output) {
    run(
        () -> real.matmul(a, b, epilogue, precision, output),
        nanos -> {
          long flops = 2 * output.size() * a.shape()[2];
          String name =
              precision == Precision.F32
                  ? "matmul"
                  : "matmul_" + precision.name().toLowerCase(Locale.ROOT);
          return described(name, List.of(a, b, output), nanos, flops);
        });
  }

  @Override
  public boolean multiplies(DType dtype) {
    return real.multiplies(dtype);
  }

  @Override
  public void softmax(boolean log, View input, View output) {
    run(
        () -> real.softmax(log, input, output),
        nanos -> {
          String name = log ? "log_softmax" : "softmax";
          return described(name, List.of(input, output), nanos, 4 * input.size());
        });
  }

  @Override
  public void scan(Reduction reduction, View input, View output) {
    run(
        () -> real.scan(reduction, input, output),
        nanos -> {
          String name = "scan_" + reduction.name().toLowerCase(Locale.ROOT);
          return described(name, List.of(input, output), nanos, input.size());
        });
  }

  @Override
  public void gather(String op, View source, View index, int axis, View output) {
    run(
        () -> real.gather(op, source, index, axis, output),
        nanos -> described("gather", List.of(index, output, output), nanos, 0));
  }

  @Override
  public void scatterAdd(String op, View source, View index, int axis, View target) {
    run(
        () -> real.scatterAdd(op, source, index, axis, target),
        nanos -> described("scatter_add", List.of(index, source, source), nanos, source.size()));
  }

  @Override
  public void random(RandomKind kind, long seed, long counter, View output) {
    run(
        () -> real.random(kind, seed, counter, output),
        nanos ->
            described(kind.name().toLowerCase(Locale.ROOT), List.of(output), nanos, output.size()));
  }

  @Override
  public void synchronize() {
    real.synchronize();
  }

  @Override
  public long timed(Runnable work) {
    return real.timed(work);
  }

  @Override
  public List<String> tune(Consumer<String> progress) {
    return real.tune(progress);
  }

  @Override
  public void trim() {
    real.trim();
  }

  @Override
  public long cachedBytes() {
    return real.cachedBytes();
  }

  @Override
  public void close() {
    real.close();
  }
}
