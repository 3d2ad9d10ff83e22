package dev.quern.trainer;

import dev.quern.Tensor;
import dev.quern.optim.Adam;
import dev.quern.optim.Optimizer;
import dev.quern.optim.Sgd;
import dev.quern.trainer.data.DataException;
import java.util.List;
import java.util.Map;
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
    ADAMW;

    private boolean isAdaptive() {
      return this == ADAM || this == ADAMW;
    }
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
      description = "Momentum in [0, 1); by default 0.9 with momentum and nesterov.")
  private @Nullable Double momentum;

  @Option(
      names = "--weight-decay",
      paramLabel = "DECAY",
      description = {
        "Weight decay of the optimizer, which biases feel too; by default 0, with adamw 0.01."
      })
  private @Nullable Double decay;

  /**
   * Checks that the options do not contradict each other and numbers are in range.
   *
   * @throws DataException if not
   */
  void check() {
    if (kind.isAdaptive() && momentum != null) {
      throw new DataException("--momentum does not go with --optimizer " + EnumNames.of(kind));
    }
    requireRange("--lr", rate(), Double.POSITIVE_INFINITY, "finite and not negative");
    requireRange("--momentum", momentum(), 1, "from 0 to below 1");
    requireRange("--weight-decay", decay(), Double.POSITIVE_INFINITY, "finite and not negative");
    if (kind == Kind.NESTEROV && momentum() == 0) {
      throw new DataException("--momentum must be above 0 with --optimizer nesterov");
    }
  }

  private static void requireRange(String option, double value, double limit, String range) {
    if (!(value >= 0 && value < limit)) {
      throw new DataException(option + " must be " + range + ": " + value);
    }
  }

  private double rate() {
    return rate != null ? rate : kind.isAdaptive() ? 0.001 : 0.1;
  }

  private double momentum() {
    return momentum != null
        ? momentum
        : kind == Kind.MOMENTUM || kind == Kind.NESTEROV ? DEFAULT_MOMENTUM : 0;
  }

  private double decay() {
    return decay != null ? decay : kind == Kind.ADAMW ? 0.01 : 0;
  }

  /** Adds what the optimizer's steps depend on. */
  void describe(Map<String, String> options) {
    options.put("--optimizer", EnumNames.of(kind));
    options.put("--lr", String.valueOf(rate()));
    options.put("--momentum", String.valueOf(momentum()));
    options.put("--weight-decay", String.valueOf(decay()));
  }

  /** Returns a new optimizer of the parameters. */
  Optimizer create(List<Tensor> parameters) {
    return switch (kind) {
      case SGD, MOMENTUM -> new Sgd(parameters, rate(), momentum(), false, decay());
      case NESTEROV -> new Sgd(parameters, rate(), momentum(), true, decay());
      case ADAM -> new Adam(parameters, rate(), 0.9, 0.999, 1e-8, decay());
      case ADAMW -> Adam.adamW(parameters, rate(), decay());
    };
  }
}
