package dev.quern.bench.peers;

import dev.quern.bench.Contender;
import dev.quern.bench.Numbers;
import dev.quern.bench.Spec;
import java.util.Optional;
import org.ejml.concurrency.EjmlConcurrency;
import org.ejml.data.FMatrixRMaj;
import org.ejml.dense.row.CommonOps_FDRM;
import org.ejml.dense.row.CommonOps_MT_FDRM;

/** EJML: plain Java, matrices only. */
public final class Ejml implements Contender {
  /** Above this much work it takes too long. */
  static final double MOST_OPERATIONS = 3e8;

  private boolean parallel;

  /** Creates it; {@link java.util.ServiceLoader} does. */
  public Ejml() {}

  @Override
  public String name() {
    return "ejml";
  }

  @Override
  public void threads(int count) {
    parallel = count > 1;
    EjmlConcurrency.setMaxThreads(count);
  }

  @Override
  public String version() {
    return "EJML " + org.ejml.EjmlVersion.VERSION;
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    if (!spec.op().equals("matmul") || spec.operations() > MOST_OPERATIONS) {
      return Optional.empty();
    }
    int m = spec.dim(0);
    int k = spec.dim(1);
    int n = spec.dim(2);
    FMatrixRMaj a = spec.form().equals("tn") ? matrix(1, k, m) : matrix(1, m, k);
    FMatrixRMaj b = spec.form().equals("nt") ? matrix(2, n, k) : matrix(2, k, n);
    return Optional.of(new Product(spec.form(), parallel, a, b, new FMatrixRMaj(m, n)));
  }

  private static FMatrixRMaj matrix(int stream, int rows, int columns) {
    return FMatrixRMaj.wrap(rows, columns, Numbers.array((long) rows * columns, stream));
  }

  private record Product(String form, boolean parallel, FMatrixRMaj a, FMatrixRMaj b, FMatrixRMaj c)
      implements Work {
    @Override
    public void run() {
      switch (form) {
        case "tn" -> {
          if (parallel) {
            CommonOps_MT_FDRM.multTransA(a, b, c);
          } else {
            CommonOps_FDRM.multTransA(a, b, c);
          }
        }
        case "nt" -> {
          if (parallel) {
            CommonOps_MT_FDRM.multTransB(a, b, c);
          } else {
            CommonOps_FDRM.multTransB(a, b, c);
          }
        }
        default -> {
          if (parallel) {
            CommonOps_MT_FDRM.mult(a, b, c);
          } else {
            CommonOps_FDRM.mult(a, b, c);
          }
        }
      }
    }

    @Override
    public float[] result() {
      return c.getData();
    }

    @Override
    public void close() {
      // Nothing to free.
    }
  }
}
