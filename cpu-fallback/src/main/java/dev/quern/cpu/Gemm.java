package dev.quern.cpu;

/** The matrix product of one type. */
@FunctionalInterface
interface Gemm {
  /** Computes a product of positive extents, in several threads where that pays. */
  void run(CpuContext context, Product p);
}
