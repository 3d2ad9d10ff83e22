package dev.quern.cuda;

import dev.quern.kernels.Launch;
import dev.quern.spi.Replay;
import java.util.List;
import jcuda.driver.CUgraphExec;

/** Launches that the device starts as a whole: one call for all of them. */
final class LaunchGraph implements Replay {
  final CUgraphExec executable;
  final List<Launch> launches;
  private final CudaDriver driver;
  private boolean destroyed;

  LaunchGraph(CudaDriver driver, CUgraphExec executable, List<Launch> launches) {
    this.driver = driver;
    this.executable = executable;
    this.launches = launches;
  }

  /** Returns what errors call it. */
  String name() {
    return "graph of " + launches.size() + " kernels";
  }

  @Override
  public void run() {
    driver.launch(this);
  }

  @Override
  public void close() {
    driver.destroy(this);
  }

  /** Says that the executable is no more; returns whether it was until now. */
  synchronized boolean setDestroyed() {
    boolean before = destroyed;
    destroyed = true;
    return !before;
  }

  synchronized boolean isDestroyed() {
    return destroyed;
  }
}
