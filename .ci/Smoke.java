import dev.quern.Tensor;

/** Adds two tensors; ./check runs it with Quern's jars on the module path. */
public final class Smoke {
  private Smoke() {}

  /** Prints the sum, the device and the module the tensor class came from. */
  public static void main(String[] args) {
    Tensor sum = Tensor.of(1, 2, 3).add(Tensor.of(10, 20, 30));
    System.out.println(sum.sum().item() + " on " + sum.device() + ", " + Tensor.class.getModule());
    if (sum.sum().item() != 66 || !Tensor.class.getModule().isNamed()) {
      System.exit(1);
    }
  }
}
