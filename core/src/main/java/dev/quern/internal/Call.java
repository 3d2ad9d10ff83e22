package dev.quern.internal;

import dev.quern.Precision;
import dev.quern.spi.Backend;
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
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** One call of a backend that runs a kernel: to be made, described, or made again. */
sealed interface Call {
  /** Makes the call. */
  void run(Backend backend);

  /** Returns the views that are read. */
  List<View> reads();

  /** Returns the views that are written. */
  List<View> writes();

  /** Returns the same call on other views. */
  Call on(UnaryOperator<View> other);

  /** Returns what a profile says of it. */
  KernelRun described(long nanos);

  private static KernelRun described(String name, List<View> views, long nanos, long flops) {
    String shapes =
        views.stream()
            .map(view -> view.dtype() + Arrays.toString(view.shape()))
            .collect(Collectors.joining(" "));
    return new KernelRun(name, shapes, nanos, bytes(views), flops);
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

  private static String name(Program program) {
    if (program.length() == 0) {
      return program.inputCount() == 0 ? "fill" : "copy";
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < program.length(); i++) {
      text.append(i == 0 ? "" : "+").append(program.instruction(i).op());
    }
    return lower(text.toString());
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  private static List<View> joined(List<View> inputs, List<View> outputs) {
    List<View> views = new ArrayList<>(inputs);
    views.addAll(outputs);
    return views;
  }

  private static List<View> on(List<View> views, UnaryOperator<View> other) {
    return views.stream().map(other).toList();
  }

  /** See {@link Backend#map}. */
  record Map(Program program, List<View> reads, List<View> writes) implements Call {
    @Override
    public void run(Backend backend) {
      backend.map(program, reads, writes);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Map(program, Call.on(reads, other), Call.on(writes, other));
    }

    @Override
    public KernelRun described(long nanos) {
      long flops = writes.get(0).size() * program.length();
      return Call.described(name(program), joined(reads, writes), nanos, flops);
    }
  }

  /** See {@link Backend#reduce}. */
  record Reduce(Reduction reduction, Program program, List<View> reads, int kept, View output)
      implements Call {
    @Override
    public void run(Backend backend) {
      backend.reduce(reduction, program, reads, kept, output);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Reduce(reduction, program, Call.on(reads, other), kept, other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      String prologue = program.length() == 0 ? "" : name(program) + "+";
      long flops = reads.get(0).size() * (1 + program.length());
      return Call.described(
          prologue + lower(reduction.name()), joined(reads, writes()), nanos, flops);
    }
  }

  /** See {@link Backend#argReduce}. */
  record ArgReduce(boolean max, View input, int kept, View output) implements Call {
    @Override
    public void run(Backend backend) {
      backend.argReduce(max, input, kept, output);
    }

    @Override
    public List<View> reads() {
      return List.of(input);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new ArgReduce(max, other.apply(input), kept, other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      String name = max ? "argmax" : "argmin";
      return Call.described(name, List.of(input, output), nanos, input.size());
    }
  }

  /** See {@link Backend#matmul}. */
  record Matmul(View a, View b, Epilogue epilogue, Precision precision, View output)
      implements Call {
    @Override
    public void run(Backend backend) {
      backend.matmul(a, b, epilogue, precision, output);
    }

    @Override
    public List<View> reads() {
      View bias = epilogue.bias();
      return bias == null ? List.of(a, b) : List.of(a, b, bias);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      View bias = epilogue.bias();
      Epilogue moved =
          bias == null ? epilogue : new Epilogue(other.apply(bias), epilogue.activation());
      return new Matmul(other.apply(a), other.apply(b), moved, precision, other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      long flops = 2 * output.size() * a.shape()[2];
      String name = precision == Precision.F32 ? "matmul" : "matmul_" + lower(precision.name());
      return Call.described(name, List.of(a, b, output), nanos, flops);
    }
  }

  /** See {@link Backend#softmax}. */
  record Softmax(boolean log, View input, View output) implements Call {
    @Override
    public void run(Backend backend) {
      backend.softmax(log, input, output);
    }

    @Override
    public List<View> reads() {
      return List.of(input);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Softmax(log, other.apply(input), other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      String name = log ? "log_softmax" : "softmax";
      return Call.described(name, List.of(input, output), nanos, 4 * input.size());
    }
  }

  /** See {@link Backend#scan}. */
  record Scan(Reduction reduction, View input, View output) implements Call {
    @Override
    public void run(Backend backend) {
      backend.scan(reduction, input, output);
    }

    @Override
    public List<View> reads() {
      return List.of(input);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Scan(reduction, other.apply(input), other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      String name = "scan_" + lower(reduction.name());
      return Call.described(name, List.of(input, output), nanos, input.size());
    }
  }

  /** See {@link Backend#gather}. */
  record Gather(String op, View source, View index, int axis, View output) implements Call {
    @Override
    public void run(Backend backend) {
      backend.gather(op, source, index, axis, output);
    }

    @Override
    public List<View> reads() {
      return List.of(source, index);
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Gather(op, other.apply(source), other.apply(index), axis, other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      return Call.described("gather", List.of(index, output, output), nanos, 0);
    }
  }

  /** See {@link Backend#scatterAdd}: the target is read too. */
  record ScatterAdd(String op, View source, View index, int axis, View target) implements Call {
    @Override
    public void run(Backend backend) {
      backend.scatterAdd(op, source, index, axis, target);
    }

    @Override
    public List<View> reads() {
      return List.of(source, index, target);
    }

    @Override
    public List<View> writes() {
      return List.of(target);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new ScatterAdd(op, other.apply(source), other.apply(index), axis, other.apply(target));
    }

    @Override
    public KernelRun described(long nanos) {
      return Call.described("scatter_add", List.of(index, source, source), nanos, source.size());
    }
  }

  /** See {@link Backend#random}. */
  record Random(RandomKind kind, long seed, long counter, View output) implements Call {
    @Override
    public void run(Backend backend) {
      backend.random(kind, seed, counter, output);
    }

    @Override
    public List<View> reads() {
      return List.of();
    }

    @Override
    public List<View> writes() {
      return List.of(output);
    }

    @Override
    public Call on(UnaryOperator<View> other) {
      return new Random(kind, seed, counter, other.apply(output));
    }

    @Override
    public KernelRun described(long nanos) {
      return Call.described(lower(kind.name()), List.of(output), nanos, output.size());
    }
  }
}
