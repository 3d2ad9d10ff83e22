package dev.quern.trainer;

import dev.quern.Tensor;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.trainer.data.DataException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that choose an optimizer. */
final class OptimizerOptions {
  private static final double DEFAULT_MOMENTUM = 0.9;

  /** The optimizers to choose from. */
  enum Kind {
    SGD,
    MOMENTUM,
    NESTEROV,
    ADAM,
    ADAMW
  }

  @Option(
      names = "--optimizer",
      paramLabel = "NAME",
      description = "sgd (default), momentum, nesterov, adam or adamw.")
  private Kind kind = Kind.SGD;

  @Option(
      names = "--lr",
      paramLabel = "RATE",
      description = "Learning rate; by default 0.1, with adam and adamw 0.001.")
  private @Nullable Double rate;

  @Option(
      names = "--momentum",
      paramLabel = "MU",
      description = "Momentum in [0, 1]; by default 0.9 with momentum and nesterov.")
  private @Nullable Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "DECAY",
      description = {
        "Weight decay of the optimizer, which biases feel too; by default 0, with adamw 0.01."
      })
  private @Nullable Double decay;

  /**
   * Returns a new optimizer of the parameters.
   *
   * @throws DataException if the options contradict each other or a number is out of range
   */
  Optimizer create(List<Tensor> parameters) {
    boolean adaptive = kind == Kind.ADAM || kind == Kind.ADAMW;
    if (adaptive && momentum != null) {
      throw new DataException("--momentum does not go with --optimizer " + name());
    }
    double lr = rate != null ? rate : adaptive ? 0.001 : 0.1;
    double mu = momentum != null ? momentum : kind == Kind.SGD ? 0 : DEFAULT_MOMENTUM;
    double wd = decay != null ? decay : kind == Kind.ADAMW ? 0.01 : 0;
    try {
      return switch (kind) {
        case SGD, MOMENTUM -> new Sgd(parameters, lr, mu, false, wd);
        case NESTEROV -> new Sgd(parameters, lr, mu, true, wd);
        case ADAM -> new Adam(parameters, lr, 0.9, 0.999, 1e-8, wd);
        case ADAMW -> Adam.adamW(parameters, lr, wd);
      };
    } catch (IllegalArgumentException e) {
      throw new DataException(String.valueOf(e.getMessage()));
    }
  }

  private String name() {
    return kind.name().toLowerCase(Locale.ROOT);
  }
}
