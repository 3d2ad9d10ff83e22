package dev.quern;

import java.lang.System.Logger.Level;
import java.lang.ref.Cleaner;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * With {@code -Dquern.leaks=trace}, remembers where every open tensor was made, and reports those
 * that the collector found before anybody closed them.
 */
final class LeakTrace {
  private static final boolean ENABLED = "trace".equals(System.getProperty("quern.leaks"));
  private static final Map<Token, Throwable> OPEN = new ConcurrentHashMap<>();

  private LeakTrace() {}

  private static final class Cleaners {
    static final Cleaner CLEANER = Cleaner.create();
  }

  /** One open tensor. */
  static final class Token implements Runnable {
    private final String what;

    Token(String what) {
      this.what = what;
    }

    void closed() {
      OPEN.remove(this);
    }

    @Override
    public void run() {
      Throwable made = OPEN.remove(this);
      if (made != null) {
        System.getLogger("dev.quern")
            .log(Level.WARNING, "tensor never closed: " + what + ", made here:", made);
      }
    }
  }

  static @Nullable Token track(Tensor tensor) {
    if (!ENABLED) {
      return null;
    }
    Token token = new Token(tensor.dtype() + " " + tensor.shape());
    OPEN.put(token, new Throwable("made by " + Thread.currentThread().getName()));
    Cleaners.CLEANER.register(tensor, token);
    return token;
  }

  static List<Throwable> open() {
    return List.copyOf(OPEN.values());
  }
}
