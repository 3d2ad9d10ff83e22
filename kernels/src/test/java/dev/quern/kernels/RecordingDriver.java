package dev.quern.kernels;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.spi.Buffer;
import dev.quern.spi.DeviceInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A driver that keeps what it was told to start. */
final class RecordingDriver implements Driver {
  /** What was started once. */
  record Launch(
      String entry,
      SortedMap<String, String> macros,
      Grid grid,
      List<Block> blocks,
      List<Long> words) {}

  /** Memory that is a length only. */
  record Memory(String name, long bytes) implements Block {}

  /** A buffer of this driver's. */
  record Elements(DType dtype, long size, Memory memory) implements Buffer {
    Elements(DType dtype, long size, String name) {
      this(dtype, size, new Memory(name, size * dtype.bytes()));
    }

    @Override
    public void close() {}
  }

  private record Named(KernelKey key) implements Kernel {
    @Override
    public String name() {
      return key.entry();
    }
  }

  final List<Launch> launches = new ArrayList<>();
  final List<KernelKey> compiled = new ArrayList<>();
  final List<Block> allocated = new ArrayList<>();
  final List<Block> freed = new ArrayList<>();
  private final Traits traits;
  boolean failing;

  RecordingDriver(Traits traits) {
    this.traits = traits;
  }

  static RecordingDriver processor() {
    return new RecordingDriver(new Traits(false, 2, 4096, 2 << 20, 1L << 30, 64, true, false));
  }

  static RecordingDriver gpu(int units) {
    return new RecordingDriver(new Traits(true, units, 256, 32 << 10, 1L << 30, 64, true, false));
  }

  static RecordingDriver prebuilt(int units) {
    return new RecordingDriver(new Traits(true, units, 1024, 48 << 10, 1L << 40, 64, true, true));
  }

  List<String> entries() {
    return launches.stream().map(Launch::entry).toList();
  }

  @Override
  public DeviceInfo info() {
    return new DeviceInfo("opencl:0", "recording", traits.gpu(), "");
  }

  @Override
  public Traits traits() {
    return traits;
  }

  @Override
  public Block allocate(long bytes) {
    Memory memory = new Memory("scratch" + allocated.size(), bytes);
    allocated.add(memory);
    return memory;
  }

  @Override
  public void free(Block block) {
    freed.add(block);
  }

  @Override
  public void upload(Object array, int start, Block target, long byteOffset, int count) {
    throw new UnsupportedOperationException("upload");
  }

  @Override
  public void download(Block source, long byteOffset, Object array, int start, int count) {
    throw new UnsupportedOperationException("download");
  }

  @Override
  public Kernel kernel(KernelKey key) {
    compiled.add(key);
    return new Named(key);
  }

  @Override
  public void launch(Kernel kernel, Grid grid, Block[] blocks, long[] parameters) {
    if (failing) {
      throw new BackendException("launch: failed");
    }
    List<Long> words = new ArrayList<>();
    for (long word : parameters) {
      words.add(word);
    }
    launches.add(
        new Launch(kernel.name(), ((Named) kernel).key.defines(), grid, List.of(blocks), words));
  }

  @Override
  public void synchronize() {}

  @Override
  public Counters counters() {
    throw new UnsupportedOperationException();
  }

  @Override
  public void profile(@Nullable Consumer<Run> listener) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void close() {}
}
