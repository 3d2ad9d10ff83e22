package dev.quern.cuda;

import java.util.ArrayList;
import java.util.List;
import jcuda.CudaException;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * Copies arrays to the device through slots of pinned memory. Arrays are put into a slot one behind
 * the other, and the host goes on at once; when a slot is full the next one's turn comes, and only
 * if the device has not yet taken what is in that one does the host wait. So copies of many small
 * arrays do not wait for the kernels between them, and of a large one the host fills one slot while
 * the device empties another.
 */
final class Uploads implements AutoCloseable {
  private static final int ALIGNMENT = 8;

  private final Context context;
  private final CUstream stream;
  private final List<Slot> slots = new ArrayList<>();
  private int current;
  private int position;

  Uploads(Context context, CUstream stream) {
    this.context = context;
    this.stream = stream;
  }

  /** Puts the copy into the queue; the array may change once this returns. */
  synchronized void copy(HostArray from, CudaBlock target, long offset) {
    try {
      for (long done = 0; done < from.bytes(); ) {
        Slot slot = slot();
        int piece = (int) Math.min(Slot.BYTES - position, from.bytes() - done);
        from.read(done, slot.memory().bytes(), position, piece);
        JCudaDriver.cuMemcpyHtoDAsync(
            target.memory.plus(offset + done), slot.memory().at(position), piece, stream);
        done += piece;
        position = (position + piece + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
      }
    } catch (CudaException e) {
      throw context.failed("cuMemcpyHtoDAsync: " + from.bytes() + " bytes", e);
    }
  }

  // The slot that has room; made when its turn first comes.
  private Slot slot() {
    if (position == Slot.BYTES) {
      JCudaDriver.cuEventRecord(slots.get(current).used(), stream);
      current = (current + 1) % Slot.COUNT;
      position = 0;
      if (current < slots.size()) {
        JCudaDriver.cuEventSynchronize(slots.get(current).used());
      }
    }
    if (current == slots.size()) {
      slots.add(Slot.create(context));
    }
    return slots.get(current);
  }

  @Override
  public synchronized void close() {
    slots.forEach(Slot::close);
    slots.clear();
  }
}
