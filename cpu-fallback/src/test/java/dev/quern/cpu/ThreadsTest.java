package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ThreadsTest {
  private final Threads threads = new Threads(4);

  @AfterEach
  void close() {
    threads.close();
  }

  @Test
  void shouldRunEachTaskOnce() {
    for (int round = 0; round < 200; round++) {
      AtomicIntegerArray runs = new AtomicIntegerArray(round);
      threads.run(round, runs::incrementAndGet);

      for (int i = 0; i < round; i++) {
        assertEquals(1, runs.get(i));
      }
    }
  }

  @Test
  void shouldRunAgainAfterWorkersHaveParked() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    for (int round = 0; round < 5; round++) {
      Thread.sleep(5);
      threads.run(10, i -> runs.incrementAndGet());
    }

    assertEquals(50, runs.get());
  }

  @Test
  void shouldSplitRangesWithoutGaps() {
    for (long count : new long[] {0, 1, 7, 1000, 12_345}) {
      AtomicIntegerArray seen = new AtomicIntegerArray((int) count);
      threads.ranges(
          count,
          1e6,
          (from, to) -> {
            for (long i = from; i < to; i++) {
              seen.incrementAndGet((int) i);
            }
          });

      for (int i = 0; i < count; i++) {
        assertEquals(1, seen.get(i));
      }
    }
  }

  @Test
  void shouldKeepSmallWorkInTheCallingThread() {
    List<Thread> seen = new ArrayList<>();
    threads.ranges(100, 1, (from, to) -> seen.add(Thread.currentThread()));

    assertEquals(List.of(Thread.currentThread()), seen);
  }

  @Test
  void shouldRunNestedWork() {
    AtomicInteger runs = new AtomicInteger();
    threads.run(8, i -> threads.run(8, j -> runs.incrementAndGet()));

    assertEquals(64, runs.get());
  }

  @Test
  void shouldServeSeveralCallersAtOnce() throws InterruptedException {
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(6);
    for (int caller = 0; caller < 6; caller++) {
      new Thread(
              () -> {
                for (int round = 0; round < 100; round++) {
                  threads.run(20, i -> runs.incrementAndGet());
                }
                done.countDown();
              })
          .start();
    }
    done.await();

    assertEquals(6 * 100 * 20, runs.get());
  }

  @Test
  void shouldThrowWhatATaskThrew() {
    IllegalStateException thrown = new IllegalStateException("task 7");

    IllegalStateException caught =
        assertThrows(
            IllegalStateException.class,
            () ->
                threads.run(
                    20,
                    i -> {
                      if (i == 7) {
                        throw thrown;
                      }
                    }));

    assertSame(thrown, caught);
  }

  @Test
  void shouldGoOnAfterAFailure() {
    assertThrows(
        ArithmeticException.class,
        () ->
            threads.run(
                20,
                i -> {
                  throw new ArithmeticException();
                }));
    AtomicInteger runs = new AtomicInteger();
    threads.run(20, i -> runs.incrementAndGet());

    assertEquals(20, runs.get());
  }
}
