package dev.quern.trainer.learn;

/** Decides when training saves its state, and takes it. */
public interface Checkpoints {
  /** Saves nothing. */
  Checkpoints NONE =
      new Checkpoints() {
        @Override
        public boolean isDue(long steps) {
          return false;
        }

        @Override
        public void save(TrainingState state) {}
      };

  /** Returns whether to save after so many steps. */
  boolean isDue(long steps);

  /** Saves a state; called where due, and when training ends. */
  void save(TrainingState state);
}
