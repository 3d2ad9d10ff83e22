package dev.quern.bench.peers;

import dev.quern.bench.Contender;
import dev.quern.bench.Numbers;
import dev.quern.bench.Spec;
import java.util.Optional;
import org.ojalgo.OjAlgoUtils;
import org.ojalgo.matrix.store.MatrixStore;
import org.ojalgo.matrix.store.R032Store;

/** ojAlgo: plain Java, matrices only; they lie column by column. */
public final class OjAlgo implements Contender {
  /** Creates it; {@link java.util.ServiceLoader} does. */
  public OjAlgo() {}

  @Override
  public String name() {
    return "ojalgo";
  }

  @Override
  public void threads(int count) {
    OjAlgoUtils.limitThreadsTo(count);
  }

  @Override
  public String version() {
    return "ojAlgo " + OjAlgoUtils.getVersion();
  }

  @Override
  public Optional<Work> prepare(Spec spec) {
    if (!spec.op().equals("matmul") || spec.operations() > Ejml.MOST_OPERATIONS) {
      return Optional.empty();
    }
    int m = spec.dim(0);
    int k = spec.dim(1);
    int n = spec.dim(2);
    MatrixStore<Double> a =
        spec.form().equals("tn") ? matrix(1, k, m).transpose() : matrix(1, m, k);
    MatrixStore<Double> b =
        spec.form().equals("nt") ? matrix(2, n, k).transpose() : matrix(2, k, n);
    return Optional.of(new Product(a, b, R032Store.FACTORY.make(m, n)));
  }

  private static R032Store matrix(int stream, int rows, int columns) {
    float[] data = new float[rows * columns];
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        data[j * rows + i] = Numbers.at((long) i * columns + j, stream);
      }
    }
    return R032Store.wrap(data, rows);
  }

  private record Product(MatrixStore<Double> a, MatrixStore<Double> b, R032Store c)
      implements Work {
    @Override
    public void run() {
      c.fillByMultiplying(a, b);
    }

    @Override
    public float[] result() {
      int rows = (int) c.countRows();
      int columns = (int) c.countColumns();
      float[] out = new float[rows * columns];
      for (int i = 0; i < rows; i++) {
        for (int j = 0; j < columns; j++) {
          out[i * columns + j] = c.floatValue(i, j);
        }
      }
      return out;
    }

    @Override
    public void close() {
      // Nothing to free.
    }
  }
}
