package dev.quern.internal;

import dev.quern.Shape;
import dev.quern.internal.Node.Stored;
import dev.quern.spi.Backend;
import dev.quern.spi.View;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One planned kernel with the storages it reads, which are held until it has run. */
final class Work {
  private final Backend backend;
  private final Memory memory;
  private final Planner.Plan plan;
  private final List<Storage> held;
  private final List<Stored> inputs;

  /** Takes hold of the inputs; under the graph's lock. */
  Work(Backend backend, Memory memory, Planner.Plan plan) {
    this.backend = backend;
    this.memory = memory;
    this.plan = plan;
    int count = plan instanceof Planner.Map map ? map.inputs().size() : 3;
    held = new ArrayList<>(count);
    inputs = new ArrayList<>(count);
    if (plan instanceof Planner.Map map) {
      for (Node input : map.inputs()) {
        hold(input);
      }
    } else if (plan instanceof Planner.Multiply multiply) {
      hold(multiply.a());
      hold(multiply.b());
      if (multiply.bias() != null) {
        hold(multiply.bias());
      }
    }
  }

  private void hold(Node node) {
    Stored stored = (Stored) node.state();
    Tape.use(stored.storage());
    stored.storage().retain();
    held.add(stored.storage());
    inputs.add(stored);
  }

  /** Runs the kernel outside the lock and puts the results into the graph. */
  void run(@Nullable Storage donated) {
    List<Node> outputs =
        plan instanceof Planner.Map map
            ? map.outputs()
            : List.of(((Planner.Multiply) plan).output());
    List<Storage> results = new ArrayList<>(outputs.size());
    boolean done = false;
    try {
      for (Node output : outputs) {
        if (donated != null) {
          results.add(donated);
        } else {
          results.add(memory.allocate(output.dtype, output.shape, name(output)));
        }
      }
      if (outputs.get(0).shape.size() > 0) {
        launch(outputs, results);
      }
      done = true;
    } finally {
      Graph.lock();
      try {
        for (int i = 0; i < results.size(); i++) {
          publish(outputs.get(i), results.get(i), done, donated != null);
        }
        finish(done);
      } finally {
        Graph.unlock();
      }
    }
  }

  private void finish(boolean done) {
    if (done) {
      List<Node> region =
          plan instanceof Planner.Map map ? map.region() : ((Planner.Multiply) plan).region();
      for (Node node : region) {
        node.evaluations++;
      }
    }
    held.forEach(Storage::release);
  }

  private void publish(Node node, Storage storage, boolean done, boolean donated) {
    boolean wanted =
        done && node.refs > 0 && (node.isDeferred() || node.state() instanceof Node.Constant);
    if (wanted) {
      if (donated) {
        storage.retain();
      }
      node.become(new Stored(storage, Layouts.contiguous(node.shape), 0));
    } else if (!donated) {
      storage.release();
    }
  }

  private void launch(List<Node> outputs, List<Storage> results) {
    if (plan instanceof Planner.Map map) {
      Shape shape = outputs.get(0).shape;
      List<View> views = new ArrayList<>(inputs.size() + outputs.size());
      for (int i = 0; i < inputs.size(); i++) {
        views.add(Views.of(inputs.get(i), map.inputs().get(i).shape, shape));
      }
      for (Storage result : results) {
        views.add(Views.whole(result.buffer(), shape));
      }
      Views.map(backend, map.program(), views, inputs.size(), shape);
    } else {
      Planner.Multiply multiply = (Planner.Multiply) plan;
      Products.run(
          backend,
          Views.of(inputs.get(0), multiply.a().shape, multiply.a().shape),
          Views.of(inputs.get(1), multiply.b().shape, multiply.b().shape),
          multiply.bias() == null
              ? null
              : Views.of(inputs.get(2), multiply.bias().shape, multiply.output().shape),
          multiply.activation(),
          multiply.precision(),
          Views.whole(results.get(0).buffer(), multiply.output().shape));
    }
  }

  private static String name(Node node) {
    return node.state() instanceof Node.Elementwise e
        ? e.op().label()
        : node.state() instanceof Node.Product ? "matmul" : "fill";
  }

  /**
   * Returns views of what the planned map reads, broadcast to a shape; for a reduction's prologue.
   */
  List<View> prologue(Shape shape) {
    List<Node> nodes = map().inputs();
    List<View> views = new ArrayList<>(nodes.size());
    for (int i = 0; i < nodes.size(); i++) {
      views.add(Views.of(inputs.get(i), nodes.get(i).shape, shape));
    }
    return views;
  }

  /** Returns the plan of a map. */
  Planner.Map map() {
    return (Planner.Map) plan;
  }

  /** Lets go of the inputs after a kernel that ran elsewhere. */
  void release(boolean done) {
    Graph.lock();
    try {
      finish(done);
    } finally {
      Graph.unlock();
    }
  }
}
