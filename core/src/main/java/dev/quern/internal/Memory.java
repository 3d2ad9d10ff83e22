package dev.quern.internal;

import dev.quern.BackendException;
import dev.quern.DType;
import dev.quern.MemoryStats;
import dev.quern.Shape;
import dev.quern.spi.Backend;
import dev.quern.spi.Buffer;
import dev.quern.spi.OutOfDeviceMemoryException;
import java.util.Comparator;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

/** Allocates on one device, accounts for what is held, and recovers from exhaustion. */
final class Memory {
  /** Host arrays below this are not worth a cleaner: the collector takes them by itself. */
  private static final long MIN_ACCOUNTED_BYTES = 4096;

  private final Backend backend;
  private final Set<Storage.Ticket> tickets = ConcurrentHashMap.newKeySet();
  private final AtomicLong inUse = new AtomicLong();
  private final AtomicLong peak = new AtomicLong();

  Memory(Backend backend) {
    this.backend = backend;
  }

  void register(Storage.Ticket ticket) {
    tickets.add(ticket);
    long now = inUse.addAndGet(ticket.bytes());
    peak.accumulateAndGet(now, Math::max);
  }

  void unregister(Storage.Ticket ticket) {
    if (tickets.remove(ticket)) {
      inUse.addAndGet(-ticket.bytes());
    }
  }

  /** Returns what is in use, cached, and was at most. */
  MemoryStats stats() {
    return new MemoryStats(inUse.get(), backend.cachedBytes(), peak.get(), tickets.size());
  }

  /**
   * Returns a storage with arbitrary content.
   *
   * @param op what it is for, named with the shape in the error when memory is exhausted
   */
  Storage allocate(DType dtype, Shape shape, String op) {
    Tape tape = Tape.here();
    if (tape == null) {
      Buffer buffer = buffer(dtype, shape, op);
      return new Storage(this, buffer, isSmall(buffer) ? null : new Storage.Origin(op, shape));
    }
    tape.require(backend);
    Storage again = tape.arena().reuse(dtype, shape);
    if (again != null) {
      return tape.born(again);
    }
    Buffer buffer = buffer(dtype, shape, op);
    Storage.Origin origin = new Storage.Origin(op, shape);
    Storage.Ticket ticket = isSmall(buffer) ? null : new Storage.Ticket(this, buffer, origin);
    return tape.born(tape.arena().adopt(buffer, ticket));
  }

  private boolean isSmall(Buffer buffer) {
    return backend.isHeap() && buffer.size() * buffer.dtype().bytes() < MIN_ACCOUNTED_BYTES;
  }

  private Buffer buffer(DType dtype, Shape shape, String op) {
    long size = shape.size();
    try {
      return backend.allocate(dtype, size);
    } catch (OutOfDeviceMemoryException first) {
      return allocateAfterTrim(dtype, size, op + " " + shape);
    }
  }

  private Buffer allocateAfterTrim(DType dtype, long size, String origin) {
    backend.trim();
    System.gc();
    try {
      // Unreachable buffers are freed by the cleaner's own thread soon after the collection.
      Thread.sleep(50);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    backend.trim();
    try {
      return backend.allocate(dtype, size);
    } catch (OutOfDeviceMemoryException second) {
      String holders =
          tickets.stream()
              .sorted(Comparator.comparingLong(Storage.Ticket::bytes).reversed())
              .limit(5)
              .map(Storage.Ticket::toString)
              .collect(Collectors.joining("; "));
      throw new BackendException(
          origin
              + ": out of memory on "
              + backend.info().id()
              + ": requested "
              + size * dtype.bytes()
              + " bytes, in use "
              + inUse.get()
              + ", "
              + second.getMessage()
              + (holders.isEmpty() ? "" : "; largest: " + holders),
          second);
    }
  }
}
