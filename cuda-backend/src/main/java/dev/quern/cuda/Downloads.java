package dev.quern.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.CudaException;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Copies from the device to arrays through slots of pinned memory: while the host empties one, the
 * device fills the others.
 */
final class Downloads implements AutoCloseable {
  private final Context context;
  private final CUstream stream;
  private final List<Slot> slots = new ArrayList<>();

  Downloads(Context context, CUstream stream) {
    this.context = context;
    this.stream = stream;
  }

  /** Copies to an array, after all work in the queue. */
  synchronized void copy(CudaBlock source, long offset, HostArray to) {
    long asked = 0;
    try {
      for (long done = 0; done < to.bytes(); done += Slot.BYTES) {
        while (asked < to.bytes() && asked - done < (long) Slot.COUNT * Slot.BYTES) {
          Slot slot = slot(asked);
          JCudaDriver.cuMemcpyDtoHAsync(
              slot.memory().at(0),
              source.memory.plus(offset + asked),
              Math.min(Slot.BYTES, to.bytes() - asked),
              stream);
          JCudaDriver.cuEventRecord(slot.used(), stream);
          asked += Slot.BYTES;
        }
        Slot slot = slot(done);
        JCudaDriver.cuEventSynchronize(slot.used());
        int piece = (int) Math.min(Slot.BYTES, to.bytes() - done);
        to.write(done, slot.memory().bytes(), 0, piece);
      }
    } catch (CudaException e) {
      throw context.failed("cuMemcpyDtoHAsync: " + to.bytes() + " bytes", e);
    }
  }

  private Slot slot(long at) {
    int index = (int) (at / Slot.BYTES % Slot.COUNT);
    if (index == slots.size()) {
      slots.add(Slot.create(context));
    }
    return slots.get(index);
  }

  @Override
  public synchronized void close() {
    slots.forEach(Slot::close);
    slots.clear();
  }
}
