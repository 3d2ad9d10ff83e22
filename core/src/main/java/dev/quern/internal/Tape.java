package dev.quern.internal;

import dev.quern.internal.Node.Stored;
import dev.quern.spi.Buffer;
import dev.quern.spi.Program;
import dev.quern.spi.Replay;
import dev.quern.spi.View;
import java.lang.ref.Cleaner;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The kernel calls of one thread while it runs a step, and all memory they use: to make them again
 * with nothing to plan, to allocate or to differentiate.
 *
 * <p>While it records, memory comes from an {@linkplain Arena arena}, and what existed before is
 * pinned when it is first used, and not written to. A value that is to take the place of such
 * elements is moved there at the {@linkplain #seal end}: mostly by letting the kernel that computed
 * it write there in later runs.
 */
public abstract class Tape {
  private static final AtomicInteger EPOCH = new AtomicInteger();
  private static final ThreadLocal<@Nullable Tape> CURRENT = new ThreadLocal<>();
  // How many threads record: mostly none, and then nothing else is looked at.
  private static final AtomicInteger RECORDING = new AtomicInteger();

  /** What happens on the host before the kernels of each replay, and how to reverse it. */
  private record Hook(Runnable action, Runnable undo) {}

  /**
   * A value that takes the place of others at the end of each run.
   *
   * @param home a stored node, dense, which is where the value belongs
   * @param value where the first run left it
   */
  public record Move(Node home, Node value) {}

  private final Engine engine;
  private final int epoch;
  private final Arena arena = new Arena();
  private final Set<Storage> pinned = Collections.newSetFromMap(new IdentityHashMap<>());
  // What only one tensor had when the step first used it.
  private final Set<Node> alone = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Hook> hooks = new ArrayList<>();
  private List<Call> calls = new ArrayList<>();
  private final IdentityHashMap<Buffer, Integer> births = new IdentityHashMap<>();
  private boolean suspended;
  private @Nullable String failure;
  private @Nullable Replay replay;
  private boolean replaying;
  private boolean closed;

  /**
   * Starts to note what this thread does on a device.
   *
   * @throws IllegalStateException if it does already
   */
  protected Tape(Engine engine) {
    if (isRecording()) {
      throw new IllegalStateException("record: this thread is recording already");
    }
    this.engine = engine;
    engine.settle();
    epoch = EPOCH.incrementAndGet();
    RECORDING.incrementAndGet();
    CURRENT.set(this);
  }

  /** Notes nothing any more. */
  protected final void stop() {
    CURRENT.remove();
    RECORDING.decrementAndGet();
  }

  /** Returns the tape to which this thread's calls belong, if any. */
  public static @Nullable Tape here() {
    if (RECORDING.get() == 0) {
      return null;
    }
    Tape tape = CURRENT.get();
    return tape == null || tape.suspended ? null : tape;
  }

  /** Returns whether this thread records, be it that it makes an exception at present. */
  static boolean isRecording() {
    return RECORDING.get() > 0 && CURRENT.get() != null;
  }

  /** Returns how many tapes have been started so far: the age of what is made now. */
  public static int epoch() {
    return EPOCH.get();
  }

  // What a recording thread makes aside is as good as if it had been made before.
  static int epochOfStorage() {
    return isRecording() && here() == null ? 0 : epoch();
  }

  /** Returns whether something was made since this tape started. */
  protected final boolean isNewer(int age) {
    return age >= epoch;
  }

  /**
   * Refuses an operation if this thread records.
   *
   * @throws IllegalStateException if so
   */
  public static void refuse(String op, String why) {
    Tape tape = here();
    if (tape != null) {
      throw tape.failed(op, why);
    }
  }

  // Even if the step catches the exception, the recording is lost.
  private IllegalStateException failed(String op, String why) {
    if (failure == null) {
      failure = "record: " + op + ": " + why;
    }
    return new IllegalStateException(failure);
  }

  /** Fails if something was refused. */
  protected final void requireSound() {
    if (failure != null) {
      throw new IllegalStateException(failure);
    }
  }

  /** Runs code whose kernels are not noted and whose memory is not the tape's. */
  protected final <T extends @Nullable Object> T aside(Supplier<T> body) {
    boolean before = suspended;
    suspended = true;
    try {
      return body.get();
    } finally {
      suspended = before;
    }
  }

  /** Returns the device's engine. */
  protected final Engine engine() {
    return engine;
  }

  final Arena arena() {
    return arena;
  }

  /** Notes that a storage of the arena begins its life. */
  final Storage born(Storage storage) {
    births.put(storage.buffer(), calls.size());
    return storage;
  }

  /** Requires that a kernel or memory is of the device that is recorded. */
  final void require(Object backend) {
    if (backend != engine.backend()) {
      throw failed("device", "only " + engine.backend().info().id() + " is recorded");
    }
    requireSound();
  }

  /** Notes a call that succeeds. What is behind the backend is not looked at. */
  final void note(Call call, Runnable body) {
    aside(body);
    calls.add(call);
  }

  private void aside(Runnable body) {
    aside(
        () -> {
          body.run();
          return null;
        });
  }

  /** Says that a kernel of this thread is about to use a storage; under the graph's lock. */
  static void use(Storage storage) {
    Tape tape = here();
    if (tape == null || storage.isOf(tape.arena) || tape.pinned.contains(storage)) {
      return;
    }
    if (storage.isWrapped() || storage.epoch() < tape.epoch) {
      tape.pin(storage);
    } else if (tape.failure == null) {
      tape.failure = "record: another thread computed what this one uses";
    }
  }

  /**
   * Returns whether this thread's kernels may write over a storage. While a tape records that is
   * memory which the step has written before: all else must be the same for each replay, and be
   * there if the recording fails.
   */
  static boolean mayWriteOver(Storage storage) {
    Tape tape = RECORDING.get() == 0 ? null : CURRENT.get();
    return tape == null || storage.isOf(tape.arena);
  }

  private void pin(Storage storage) {
    if (pinned.add(storage)) {
      storage.pin();
    }
  }

  /**
   * Returns the node by which a tensor that was made before goes on: one whose elements lie dense
   * in memory that no other tensor has, so that replays can change them. Takes over one reference
   * to the node and returns one.
   */
  protected final Node settled(Node node) {
    if (node.engine() != engine) {
      return node;
    }
    return aside(
        () -> {
          engine.realize(node);
          Node own = isOwn(node) ? node : engine.copy(node);
          Graph.lock();
          try {
            Storage storage = storage(own);
            if (!storage.isWrapped() && !storage.isTaped()) {
              alone.add(own);
            }
            pin(storage);
            if (own != node) {
              node.release();
            }
          } finally {
            Graph.unlock();
          }
          return own;
        });
  }

  // What replays may change anyway, or the owner of an array, is everybody's.
  private static boolean isOwn(Node node) {
    Graph.lock();
    try {
      Stored stored = (Stored) node.state();
      Storage storage = stored.storage();
      if (storage.isWrapped() || storage.isTaped()) {
        return true;
      }
      return node.refs == 1
          && storage.refs() == 1
          && storage.buffer().size() == node.shape.size()
          && stored.offset() == 0
          && Layouts.isContiguous(node.shape, stored.strides());
    } finally {
      Graph.unlock();
    }
  }

  /**
   * Returns a node with the elements of a stored one, which is retained if they are in memory of
   * the tape, and else copied there: what others write to shows through only after a replay.
   */
  protected final Node owned(Node node) {
    if (storage(node).isOf(arena)) {
      node.retain();
      return node;
    }
    return engine.copy(node);
  }

  /** Adds what is to happen on the host before each replay; in this order. */
  public final void onReplay(Runnable action, Runnable undo) {
    hooks.add(new Hook(action, undo));
  }

  // ---------------------------------------------------------------- the end of a recording

  /**
   * Makes the calls final, with the values moved home, and brings the first run's values there. Up
   * to this nothing that existed before has changed.
   */
  protected final void seal(List<Move> moves) {
    requireForgotten(moves);
    List<Call> once = new ArrayList<>();
    List<Move> rest = new ArrayList<>();
    for (Move move : moves) {
      if (move.home().shape.size() == 0 || storage(move.home()) == storage(move.value())) {
        continue;
      }
      if (isReadByAnother(move, moves) || !redirect(move)) {
        rest.add(move);
      } else {
        once.add(copy(view(move.value()), view(move.home())));
      }
    }
    int from = calls.size();
    copyAll(rest);
    once.addAll(calls.subList(from, calls.size()));
    calls = List.copyOf(calls);
    births.clear();
    alone.clear();
    replay = aside(() -> engine.capture(calls));
    aside(() -> engine.make(once));
  }

  // Whoever still has old elements would see them change.
  private void requireForgotten(List<Move> moves) {
    Graph.lock();
    try {
      for (Move move : moves) {
        Node home = move.home();
        if (alone.contains(home) && isKept(home, moves)) {
          throw failed(
              "assign",
              "what "
                  + home.dtype
                  + " "
                  + home.shape
                  + " was before, or a view of it, is kept beyond the step; return it, or copy it");
        }
      }
    } finally {
      Graph.unlock();
    }
  }

  // Other values of the step may be the old elements; then they are copied in time.
  private static boolean isKept(Node home, List<Move> moves) {
    Set<Node> known = Collections.newSetFromMap(new IdentityHashMap<>());
    known.add(home);
    int handles = 1;
    for (Move move : moves) {
      if (storage(move.value()) == storage(home)) {
        known.add(move.value());
        handles += move.value() == home ? 1 : 0;
      }
    }
    return home.refs > handles || storage(home).refs() > known.size();
  }

  private static Storage storage(Node node) {
    return ((Stored) node.state()).storage();
  }

  private static View view(Node node) {
    return Views.of((Stored) node.state(), node.shape, node.shape);
  }

  private static Call copy(View from, View to) {
    List<View> merged = Layouts.merge(List.of(from, to), to.shape(), to.rank()).views();
    return new Call.Map(Program.copy(to.dtype()), List.of(merged.get(0)), List.of(merged.get(1)));
  }

  private static boolean isReadByAnother(Move move, List<Move> moves) {
    return moves.stream().anyMatch(other -> storage(other.value()) == storage(move.home()));
  }

  // All at once: what another copy overwrites is saved first.
  private void copyAll(List<Move> moves) {
    List<View> sources = new ArrayList<>();
    for (Move move : moves) {
      View from = view(move.value());
      if (isRead(move, moves)) {
        Storage saved = engine.allocate(move.value().dtype, move.value().shape, "assign");
        View aside = Views.whole(saved.buffer(), move.value().shape);
        calls.add(copy(from, aside));
        from = aside;
      }
      sources.add(from);
    }
    for (int i = 0; i < sources.size(); i++) {
      calls.add(copy(sources.get(i), view(moves.get(i).home())));
    }
  }

  private static boolean isRead(Move move, List<Move> moves) {
    return moves.stream().anyMatch(other -> storage(other.home()) == storage(move.value()));
  }

  /**
   * Lets the kernels that write a value write it where it belongs. They may as soon as nothing
   * needs the old elements any more: after the first of them, which may be a map in place.
   */
  private boolean redirect(Move move) {
    Stored value = (Stored) move.value().state();
    Storage storage = value.storage();
    if (!storage.isOf(arena)
        || storage.refs() > 1
        || move.value().refs > 1
        || !Layouts.isContiguous(move.value().shape, value.strides())) {
      return false;
    }
    Buffer from = storage.buffer();
    Stored home = (Stored) move.home().state();
    if (home.offset() != 0
        || !Layouts.isContiguous(move.home().shape, home.strides())
        || home.storage().buffer().size() != from.size()
        || from.size() != move.value().shape.size()) {
      return false;
    }
    Buffer to = home.storage().buffer();
    int first = firstWrite(from);
    if (first < 0 || !mayWriteOver(calls.get(first), from, to)) {
      return false;
    }
    for (Call call : calls.subList(first + 1, calls.size())) {
      if (uses(call.reads(), to) || uses(call.writes(), to)) {
        return false;
      }
    }
    for (int i = first; i < calls.size(); i++) {
      Call call = calls.get(i);
      if (uses(call.reads(), from) || uses(call.writes(), from)) {
        calls.set(i, call.on(view -> moved(view, from, to)));
      }
    }
    return true;
  }

  // Earlier uses of the same memory belong to values that were freed before it served again.
  private int firstWrite(Buffer buffer) {
    for (int i = births.getOrDefault(buffer, 0); i < calls.size(); i++) {
      if (uses(calls.get(i).writes(), buffer)) {
        return i;
      }
    }
    return -1;
  }

  private static boolean uses(List<View> views, Buffer buffer) {
    for (View view : views) {
      if (view.buffer() == buffer) {
        return true;
      }
    }
    return false;
  }

  // A map may write over a view that it reads, if it is the very same.
  private static boolean mayWriteOver(Call call, Buffer from, Buffer to) {
    if (!uses(call.reads(), to) && !uses(call.writes(), to)) {
      return true;
    }
    if (!(call instanceof Call.Map) || call.writes().size() > 1) {
      return false;
    }
    View written = call.writes().get(0);
    for (View read : call.reads()) {
      boolean same =
          Arrays.equals(read.shape(), written.shape())
              && Arrays.equals(read.strides(), written.strides())
              && read.offset() == written.offset();
      if (read.buffer() == from || (read.buffer() == to && !same)) {
        return false;
      }
    }
    return true;
  }

  private static View moved(View view, Buffer from, Buffer to) {
    return view.buffer() == from ? new View(to, view.shape(), view.strides(), view.offset()) : view;
  }

  /** Frees memory of the tape that neither a call nor anybody else uses. */
  protected final void trim() {
    Set<Buffer> used = Collections.newSetFromMap(new IdentityHashMap<>());
    for (Call call : calls) {
      call.reads().forEach(view -> used.add(view.buffer()));
      call.writes().forEach(view -> used.add(view.buffer()));
    }
    arena.keep(used);
  }

  // ---------------------------------------------------------------- replays

  /** Returns how many kernels a replay runs. */
  public final int kernels() {
    return calls.size();
  }

  /**
   * Runs everything once more; not while another thread does.
   *
   * @throws IllegalStateException if the tape is closed, or this thread records another
   */
  public final synchronized void replay() {
    requireOpen();
    refuse("replay", "a replay cannot be part of another recording");
    if (replaying) {
      throw new IllegalStateException("recording: cannot be replayed within a replay of its own");
    }
    replaying = true;
    int ran = 0;
    boolean done = false;
    try {
      engine.settle();
      prepare();
      for (Hook hook : hooks) {
        hook.action().run();
        ran++;
      }
      engine.replay(requireOpen(), calls);
      done = true;
    } finally {
      replaying = false;
      if (!done) {
        undo(ran);
      }
    }
    replayed();
  }

  // What happens on the host before a replay may close it.
  private Replay requireOpen() {
    if (closed) {
      throw new IllegalStateException("recording: already closed");
    }
    return Objects.requireNonNull(replay);
  }

  /** Brings what the step reads to where the kernels expect it. */
  protected abstract void prepare();

  /** Does what is left to do on the host after the kernels were handed over. */
  protected abstract void replayed();

  /** Reverses what the hooks did last. */
  protected final void undo() {
    undo(hooks.size());
  }

  private void undo(int count) {
    for (int i = count - 1; i >= 0; i--) {
      hooks.get(i).undo().run();
    }
  }

  /** Frees everything that nobody else holds; a second call does nothing. */
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (replay != null) {
      replay.close();
      replay = null;
    }
    Graph.lock();
    try {
      pinned.forEach(Storage::unpin);
    } finally {
      Graph.unlock();
    }
    pinned.clear();
    arena.close();
    calls = List.of();
  }

  /** Closes a tape when nobody can reach its handle any more, or when that is cleaned. */
  public final Cleaner.Cleanable closeWith(Object handle) {
    return Storage.whenUnreachable(handle, this::close);
  }
}
