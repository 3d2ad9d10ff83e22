package dev.quern.kernels;

import dev.quern.DType;
import dev.quern.Precision;
import dev.quern.kernels.MatmulProduct.Operand;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Starts the kernels of {@code matmul_tensor.cu}. They read 16 bytes at a time, so an operand that
 * is contiguous in neither direction, or not aligned, is copied first; so is one that is rounded to
 * BF16.
 */
final class TensorMatmul {
  /** What tensor cores multiply. */
  private enum Element {
    F16(2),
    BF16(2),
    TF32(4);

    final int bytes;

    Element(int bytes) {
      this.bytes = bytes;
    }

    // The elements of a pack of 16 bytes.
    int pack() {
      return 16 / bytes;
    }

    // 4 pieces of 64 bytes of each row and column.
    MatmulTile tile(int m, int n, int threads, double share) {
      return new MatmulTile(m, n, threads, 4 * 64 * (m + n), share);
    }

    List<MatmulTile> tiles() {
      return List.of(tile(128, 256, 256, 1), tile(128, 128, 128, 0.8), tile(64, 64, 128, 0.45));
    }

    String suffix() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private static final String FAMILY = "matmul_tensor";
  private static final int PACK_THREADS = 256;

  private final Driver driver;
  private final PrebuiltMatmul kernels;

  TensorMatmul(Driver driver, PrebuiltMatmul kernels) {
    this.driver = driver;
    this.kernels = kernels;
  }

  /**
   * Starts a product if tensor cores may compute it and gain by that; returns whether they do.
   *
   * @param operands the type of A and B
   * @param output the type of the result
   * @param precision how far F32 operands may be rounded
   */
  boolean run(MatmulProduct given, DType operands, DType output, Precision precision) {
    MatmulProduct p = given.contiguousRows();
    Element element;
    if (operands.isHalf()) {
      element = operands == DType.F16 ? Element.F16 : Element.BF16;
    } else if (mayRound(p, operands, precision)) {
      boolean to16 = precision == Precision.BF16 && gainsByRounding(p);
      element = to16 ? Element.BF16 : Element.TF32;
    } else {
      return false;
    }
    List<Block> scratch = new ArrayList<>();
    try {
      Operand a = ready(p.a(), p.m(), p, operands, element, scratch);
      Operand b = ready(p.b().turned(), p.n(), p, operands, element, scratch).turned();
      start(p.withA(a).withB(b), output, element);
    } finally {
      scratch.forEach(driver::free);
    }
    return true;
  }

  // Few rows, and few products for each result, are no work for tensor cores.
  private boolean mayRound(MatmulProduct p, DType operands, Precision precision) {
    return operands == DType.F32
        && precision != Precision.F32
        && driver.traits().tensorCores()
        && Math.min(p.m(), p.n()) > MatmulKernel.FEW
        && p.k() > MatmulKernel.FEW;
  }

  // BF16 is twice as fast as TF32, but operands are read, rounded and written first: two launches
  // of 3 microseconds, and 6 bytes for each element at 3 TB/s, against 350 TFLOP/s.
  private static boolean gainsByRounding(MatmulProduct p) {
    double gained = (double) p.batches() * p.m() * p.n() * p.k() / 350e12;
    double rounded = 6.0 * p.batches() * p.k() * (p.m() + p.n()) / 3e12;
    return gained > rounded + 6e-6;
  }

  private void start(MatmulProduct p, DType output, Element element) {
    boolean rounded = output != DType.F32;
    MatmulTile.Plan plan =
        MatmulTile.plan(element.tiles(), p, driver.traits(), MatmulTile.Speed.OF_TENSOR_CORES);
    String name = "matmul_tensor_" + element.suffix() + "_" + plan.tile().suffix();
    kernels.start(
        new PrebuiltMatmul.Choice(
            p,
            PrebuiltMatmul.key(FAMILY, name),
            rounded
                ? PrebuiltMatmul.key(FAMILY, "matmul_tensor_sum_" + element.suffix())
                : PrebuiltMatmul.sum(DType.F32),
            plan.parts(),
            64 / element.bytes,
            rounded ? 1 : 0,
            plan.grid(p)));
  }

  /**
   * Returns an operand as the kernels take it.
   *
   * @param x its rows are those of the result, or the result's columns; its columns run along K
   */
  private Operand ready(
      Operand x, long rows, MatmulProduct p, DType type, Element element, List<Block> scratch) {
    if (element.bytes == type.bytes() && isReady(x, element.pack())) {
      return x;
    }
    // The copy keeps the direction in which neighbours are read.
    boolean deep = Math.abs(x.column()) <= Math.abs(x.row());
    return deep
        ? packed(x, rows, p.k(), p.batches(), type, element, scratch)
        : packed(x.turned(), p.k(), rows, p.batches(), type, element, scratch).turned();
  }

  private static boolean isReady(Operand x, int pack) {
    boolean aligned = x.offset() % pack == 0 && x.batch() % pack == 0;
    boolean deep = x.column() == 1 && x.row() % pack == 0;
    return aligned && (deep || (x.row() == 1 && x.column() % pack == 0));
  }

  private Operand packed(
      Operand x,
      long rows,
      long columns,
      long batches,
      DType type,
      Element element,
      List<Block> scratch) {
    int pack = element.pack();
    long matrices = x.batch() == 0 ? 1 : batches;
    long packs = MatmulKernel.ceil(columns, pack);
    long pitch = packs * pack;
    Block block = driver.allocate(matrices * rows * pitch * element.bytes);
    scratch.add(block);
    Operand target = new Operand(block, 0, matrices == 1 ? 0 : rows * pitch, pitch, 1);
    MatmulProduct copied =
        new MatmulProduct(DType.F32, matrices, rows, 1, columns, x, x, null, target, 0);
    long threads = matrices * rows * packs;
    kernels.launch(
        PrebuiltMatmul.key(FAMILY, copier(type, element)),
        Grid.of(MatmulKernel.atMost(MatmulKernel.ceil(threads, PACK_THREADS)), PACK_THREADS),
        MatmulKernel.arguments(copied),
        MatmulKernel.words(copied, 1, columns, 0, 0, 0));
    return target;
  }

  private static String copier(DType type, Element element) {
    if (type != DType.F32) {
      return "matmul_pack_16";
    }
    return element == Element.TF32 ? "matmul_pack_32" : "matmul_pack_bf16";
  }
}
