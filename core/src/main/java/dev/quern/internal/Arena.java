package dev.quern.internal;

import dev.quern.DType;
import dev.quern.Shape;
import dev.quern.spi.Buffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The memory of a tape: buffers that are freed while it records serve again for as many elements of
 * the same type, but go back to the device only when it is closed, since each replay uses them.
 */
final class Arena {
  private record Kind(DType dtype, long size) {}

  /** A buffer and its accounting. */
  private record Slab(Buffer buffer, Storage.@Nullable Ticket ticket) {
    void dispose() {
      if (ticket == null) {
        buffer.close();
      } else {
        ticket.run();
      }
    }
  }

  private final Map<Kind, Deque<Slab>> free = new HashMap<>();
  private boolean closed;

  /** Returns a storage in memory that serves again, if there is any. */
  synchronized @Nullable Storage reuse(DType dtype, Shape shape) {
    Deque<Slab> slabs = free.get(new Kind(dtype, shape.size()));
    return slabs == null || slabs.isEmpty() ? null : storage(slabs.pop());
  }

  /** Returns a storage in new memory. */
  Storage adopt(Buffer buffer, Storage.@Nullable Ticket ticket) {
    return storage(new Slab(buffer, ticket));
  }

  private Storage storage(Slab slab) {
    return new Storage(this, slab.buffer(), () -> give(slab));
  }

  private void give(Slab slab) {
    synchronized (this) {
      if (!closed) {
        Buffer buffer = slab.buffer();
        Kind kind = new Kind(buffer.dtype(), buffer.size());
        free.computeIfAbsent(kind, key -> new ArrayDeque<>()).push(slab);
        return;
      }
    }
    slab.dispose();
  }

  /** Returns whether replays may still write to the memory. */
  synchronized boolean isOpen() {
    return !closed;
  }

  /** Frees what nothing holds and no call uses. */
  void keep(Set<Buffer> used) {
    List<Slab> rest = new ArrayList<>();
    synchronized (this) {
      for (Deque<Slab> slabs : free.values()) {
        slabs.removeIf(slab -> !used.contains(slab.buffer()) && rest.add(slab));
      }
    }
    rest.forEach(Slab::dispose);
  }

  /** Frees what nothing holds, now and from now on as soon as nothing holds it. */
  void close() {
    List<Slab> all = new ArrayList<>();
    synchronized (this) {
      closed = true;
      free.values().forEach(all::addAll);
      free.clear();
    }
    all.forEach(Slab::dispose);
  }
}
