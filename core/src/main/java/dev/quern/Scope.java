package dev.quern;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Frees, when it closes, every tensor that was made inside it on the same thread, except those
 * {@linkplain #keep kept}. Scopes nest.
 *
 * <pre>{@code
 * Tensor model;
 * try (Scope scope = Scope.open()) {
 *   Tensor scores = x.matmul(w).add(b);
 *   model = scope.keep(scores.softmax(1));
 * }
 * }</pre>
 */
public final class Scope implements AutoCloseable {
  private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

  private final Thread thread = Thread.currentThread();
  private final @Nullable Scope outer;
  private List<Tensor> tensors = new ArrayList<>();
  private boolean closed;

  private Scope(@Nullable Scope outer) {
    this.outer = outer;
  }

  /** Opens a scope on this thread, inside the one that is open, if any. */
  public static Scope open() {
    Scope scope = new Scope(CURRENT.get());
    CURRENT.set(scope);
    return scope;
  }

  /**
   * Moves a tensor out of this scope to the one around it; without one, the caller closes it, or
   * the collector does. A tensor of an inner scope moves as far; one from elsewhere stays where it
   * is. A deferred value is computed, so that it holds no inputs.
   *
   * @return the tensor
   * @throws IllegalStateException if the scope or the tensor is closed, or this is another thread's
   */
  public Tensor keep(Tensor tensor) {
    check();
    tensor.realize();
    Scope owner = tensor.scope();
    if (owner != null && owner.isWithin(this)) {
      owner.remove(tensor);
      if (outer != null) {
        outer.add(tensor);
      }
    }
    return tensor;
  }

  private boolean isWithin(Scope other) {
    Scope scope = this;
    while (scope != null && scope != other) {
      scope = scope.outer;
    }
    return scope == other;
  }

  /** Moves a tensor out of all scopes without computing it; whoever asked for this closes it. */
  void disown(Tensor tensor) {
    if (tensor.scope() == this) {
      remove(tensor);
    }
  }

  /**
   * Returns where each tensor that is open now was made, if the program runs with {@code
   * -Dquern.leaks=trace}; else nothing.
   */
  public static List<Throwable> unclosed() {
    return LeakTrace.open();
  }

  static @Nullable Scope current() {
    return CURRENT.get();
  }

  void add(Tensor tensor) {
    tensor.setScope(this, tensors.size());
    tensors.add(tensor);
  }

  /** Forgets a tensor: the last one takes its place, so that closing early costs nothing. */
  void remove(Tensor tensor) {
    if (closed || Thread.currentThread() != thread) {
      // Closing from another thread only leaves the closed handle in the list until the scope ends.
      return;
    }
    int slot = tensor.scopeSlot();
    Tensor last = tensors.remove(tensors.size() - 1);
    if (last != tensor) {
      tensors.set(slot, last);
      last.setScope(this, slot);
    }
    tensor.setScope(null, -1);
  }

  /** Closes this scope, and before it those inside that were left open. */
  void unwind() {
    for (Scope inner = CURRENT.get();
        inner != null && inner != this && inner.isWithin(this);
        inner = CURRENT.get()) {
      inner.close();
    }
    close();
  }

  private void check() {
    if (closed) {
      throw new IllegalStateException("scope: already closed");
    }
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("scope: opened by thread " + thread.getName());
    }
  }

  /**
   * Frees what was made inside. Closing twice is harmless.
   *
   * @throws IllegalStateException if an inner scope is still open or this is another thread's
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    check();
    if (CURRENT.get() != this) {
      throw new IllegalStateException("scope: an inner scope is still open");
    }
    // Not removed: the next scope of this thread would have to make the entry again.
    CURRENT.set(outer);
    closed = true;
    for (Tensor tensor : tensors) {
      tensor.close();
    }
    tensors = List.of();
  }
}
