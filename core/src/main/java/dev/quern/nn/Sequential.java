package dev.quern.nn;

import dev.quern.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Modules one after the other. */
public final class Sequential implements Module {
  private final List<Module> modules;

  /** Creates the composition: the first module sees the input. */
  public Sequential(Module... modules) {
    this(List.of(modules));
  }

  /** Creates the composition: the first module sees the input. */
  public Sequential(List<? extends Module> modules) {
    this.modules = List.copyOf(modules);
  }

  /** Returns the modules in order. */
  public List<Module> modules() {
    return modules;
  }

  @Override
  public Tensor forward(Tensor input) {
    Tensor x = input;
    for (Module module : modules) {
      x = module.forward(x);
    }
    return x;
  }

  @Override
  public void train(boolean training) {
    modules.forEach(module -> module.train(training));
  }

  @Override
  public List<Parameter> parameters() {
    List<Parameter> out = new ArrayList<>();
    for (int i = 0; i < modules.size(); i++) {
      for (Parameter p : modules.get(i).parameters()) {
        out.add(new Parameter(i + "." + p.name(), p.tensor(), p.isWeight()));
      }
    }
    return out;
  }
}
