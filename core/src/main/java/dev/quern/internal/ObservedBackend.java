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
import dev.quern.spi.Replay;
import dev.quern.spi.View;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A backend whose kernels are timed while somebody watches, and noted while a tape runs. */
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

  private void run(Call call) {
    Tape tape = Tape.here();
    if (tape == null) {
      make(call);
    } else {
      tape.require(this);
      tape.note(call, () -> make(call));
    }
  }

  private void make(Call call) {
    Consumer<KernelRun> told = observer;
    if (told == null) {
      call.run(real);
    } else {
      long nanos = real.timed(() -> call.run(real));
      told.accept(call.described(nanos));
    }
  }

  /** Makes calls that are no part of what a tape of this thread notes. */
  void make(List<Call> calls) {
    calls.forEach(this::make);
  }

  /** Runs what was captured from these calls; one by one while somebody watches. */
  void replay(Replay replay, List<Call> calls) {
    if (observer == null) {
      replay.run();
    } else {
      make(calls);
    }
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
    run(new Call.Map(program, inputs, outputs));
  }

  @Override
  public void reduce(
      Reduction reduction, Program program, List<View> inputs, int kept, View output) {
    run(new Call.Reduce(reduction, program, inputs, kept, output));
  }

  @Override
  public void argReduce(boolean max, View input, int kept, View output) {
    run(new Call.ArgReduce(max, input, kept, output));
  }

  @Override
  public void matmul(View a, View b, Epilogue epilogue, Precision precision, View output) {
    run(new Call.Matmul(a, b, epilogue, precision, output));
  }

  @Override
  public boolean multiplies(DType dtype) {
    return real.multiplies(dtype);
  }

  @Override
  public void softmax(boolean log, View input, View output) {
    run(new Call.Softmax(log, input, output));
  }

  @Override
  public void scan(Reduction reduction, View input, View output) {
    run(new Call.Scan(reduction, input, output));
  }

  @Override
  public void gather(String op, View source, View index, int axis, View output) {
    run(new Call.Gather(op, source, index, axis, output));
  }

  @Override
  public void scatterAdd(String op, View source, View index, int axis, View target) {
    run(new Call.ScatterAdd(op, source, index, axis, target));
  }

  @Override
  public void random(RandomKind kind, long seed, long counter, View output) {
    run(new Call.Random(kind, seed, counter, output));
  }

  @Override
  public Replay capture(Runnable work) {
    return real.capture(work);
  }

  /** Captures calls. */
  Replay capture(List<Call> calls) {
    Call[] fixed = calls.toArray(Call[]::new);
    return real.capture(
        () -> {
          for (Call call : fixed) {
            call.run(real);
          }
        });
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
