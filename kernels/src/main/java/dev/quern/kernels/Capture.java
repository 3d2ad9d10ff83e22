package dev.quern.kernels;

import dev.quern.BackendException;
import dev.quern.spi.Replay;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Launches that were noted, with the scratch memory that they use and the places where they report
 * indices out of range: both stay theirs until this is closed.
 */
final class Capture implements Replay {
  private final Driver driver;
  private final BlockPool pool;
  private final Faults faults;
  private final Faults found;
  private final Consumer<Capture> closed;
  private final List<Launch> launches = new ArrayList<>();
  private final List<Block> scratch = new ArrayList<>();
  private final List<Block> idle = new ArrayList<>();
  private @Nullable Replay prepared;

  /**
   * Creates a capture without launches.
   *
   * @param found what is told of faults that nobody has seen when this is closed
   * @param closed who is told when it is
   */
  Capture(Driver driver, BlockPool pool, Faults found, Consumer<Capture> closed) {
    this.driver = driver;
    this.pool = pool;
    this.found = found;
    this.closed = closed;
    faults = Faults.lasting(driver);
  }

  // ---------------------------------------------------------------- while launches are noted

  void add(Launch launch) {
    launches.add(launch);
  }

  /** Returns where the launches report. */
  Faults faults() {
    return faults;
  }

  /** Returns scratch memory of a length that was given back before, if there is any. */
  @Nullable Block reuse(long length) {
    for (int i = 0; i < idle.size(); i++) {
      if (idle.get(i).bytes() == length) {
        return idle.remove(i);
      }
    }
    return null;
  }

  /** Keeps a new block of scratch memory. */
  Block keep(Block block) {
    scratch.add(block);
    return block;
  }

  /** Takes scratch memory back for later launches; returns whether it is of this capture. */
  boolean give(Block block) {
    return scratch.contains(block) && idle.add(block);
  }

  /** Makes what was noted ready to run. */
  void prepare() {
    prepared = driver.prepare(List.copyOf(launches));
    launches.clear();
  }

  // ---------------------------------------------------------------- afterwards

  @Override
  public void run() {
    Replay ready = prepared;
    if (ready == null) {
      throw new IllegalStateException(driver.info().id() + " is closed");
    }
    ready.run();
    faults.launchedAgain();
  }

  /** Gives all back; a second call does nothing, be it that the device was closed before. */
  @Override
  public synchronized void close() {
    try {
      found.take(faults);
    } catch (BackendException | IllegalStateException e) {
      // A device that is broken or closed is for the next call to report: who frees did not ask.
    } finally {
      free();
    }
  }

  /** Gives all back, whatever was found. */
  synchronized void free() {
    closed.accept(this);
    if (prepared != null) {
      prepared.close();
      prepared = null;
    }
    faults.close();
    scratch.forEach(pool::give);
    scratch.clear();
  }
}
