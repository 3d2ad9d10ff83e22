package dev.quern.bench.gpu;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The tasks of a report, the most telling first: time may run out. */
final class Tasks {
  private static final long MANY = 1L << 28;
  // Shorter extents are part of a task's character, such as the number of classes.
  private static final long SHORT = 256;
  private static final long LEAST = 16;

  private Tasks() {}

  /** Returns all tasks, with about so much of the work each: 1 is the size for a large GPU. */
  static List<Task> all(double scale) {
    if (!(scale > 0 && scale <= 1)) {
      throw new IllegalArgumentException("scale: must be above 0 and at most 1: " + scale);
    }
    List<Task> tasks = new ArrayList<>();
    tasks.add(flat("copy", scale, MANY));
    for (long ops : new long[] {1, 3, 8}) {
      tasks.add(Task.of("map", "f32", ops, scaled(MANY, scale)));
    }
    tasks.add(flat("sum", scale, MANY));
    tasks.add(table("colsum", scale, 65536, 4096));
    tasks.add(table("softmax", scale, 65536, 1024));
    tasks.add(product("f32", scale, 4096, 4096, 4096));
    tasks.add(product("tf32", scale, 4096, 4096, 4096));
    tasks.add(product("bf16", scale, 4096, 4096, 4096));
    tasks.add(network("f32", scale, 256, 784, 128, 10));
    tasks.add(network("f32", scale, 8192, 784, 4096, 4096, 10));
    tasks.add(network("tf32", scale, 8192, 784, 4096, 4096, 10));
    tasks.add(network("bf16", scale, 8192, 784, 4096, 4096, 10));
    tasks.add(Task.of("launch", "f32", SHORT));
    for (long n : new long[] {8192, 1024, 2048}) {
      for (String precision : List.of("f32", "tf32", "bf16")) {
        tasks.add(product(precision, scale, n, n, n));
      }
    }
    tasks.add(product("f32", scale, 256, 784, 128));
    tasks.add(product("f32", scale, 1024, 784, 10));
    tasks.add(product("f32", scale, 8192, 4096, 10));
    tasks.add(product("f32", scale, 10, 8192, 4096));
    tasks.add(product("f32", scale, 784, 8192, 4096));
    tasks.add(product("bf16", scale, 784, 8192, 4096));
    tasks.add(flat("tanh", scale, MANY));
    tasks.add(table("softmax", scale, 262144, 128));
    tasks.add(table("softmax", scale, 4096, 32768));
    tasks.add(table("colsum", scale, 4096, 65536));
    tasks.add(network("tf32", scale, 256, 784, 128, 10));
    return List.copyOf(tasks);
  }

  /** Returns one of them for each kind and precision: enough to try whether all goes together. */
  static List<Task> few(double scale) {
    Map<String, Task> first = new LinkedHashMap<>();
    all(scale).forEach(task -> first.putIfAbsent(task.kind() + task.precision(), task));
    return List.copyOf(first.values());
  }

  private static Task flat(String kind, double scale, long n) {
    return Task.of(kind, "f32", scaled(n, scale));
  }

  private static Task table(String kind, double scale, long rows, long columns) {
    double each = Math.sqrt(scale);
    return Task.of(kind, "f32", scaled(rows, each), scaled(columns, each));
  }

  private static Task product(String precision, double scale, long m, long k, long n) {
    double each = Math.cbrt(scale);
    return Task.of("matmul", precision, scaled(m, each), scaled(k, each), scaled(n, each));
  }

  private static Task network(String precision, double scale, long... sizes) {
    double each = Math.cbrt(scale);
    long[] all = sizes.clone();
    for (int i = 0; i < all.length; i++) {
      all[i] = scaled(all[i], each);
    }
    return Task.of("mlp", precision, all);
  }

  private static long scaled(long extent, double scale) {
    return extent < SHORT ? extent : Math.max(LEAST, Math.round(extent * scale));
  }
}
