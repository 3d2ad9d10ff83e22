package dev.quern.trainer.learn;

/** Thrown when the loss is no longer a finite number. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  DivergenceException(int epoch, double loss, double learningRate) {
    super(
        "training diverged: the loss was "
            + loss
            + " by epoch "
            + epoch
            + "; try a learning rate below "
            + learningRate);
  }
}
