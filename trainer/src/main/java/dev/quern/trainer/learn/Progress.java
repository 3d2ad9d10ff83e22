package dev.quern.trainer.learn;

/** Told how training goes on. */
public interface Progress {
  /** A listener that wants to know nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public boolean wantsLoss() {
          return false;
        }

        @Override
        public void step() {}

        @Override
        public void epoch(int epoch, double loss) {}
      };

  /** Returns whether it is time to show the loss, which costs a wait for the device. */
  boolean wantsLoss();

  /** Called after each step. */
  void step();

  /** Called after an epoch at whose end the loss was wanted. */
  void epoch(int epoch, double loss);
}
