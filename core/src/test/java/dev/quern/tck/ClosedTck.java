package dev.quern.tck;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import dev.quern.Combine;
import dev.quern.DType;
import dev.quern.Device;
import dev.quern.Index;
import dev.quern.PadMode;
import dev.quern.Precision;
import dev.quern.Tensor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Every public method of a tensor, found by reflection, refuses closed tensors. */
abstract class ClosedTck extends Tck {
  /** What may be asked of a closed tensor too. */
  private static final Set<String> ALLOWED =
      Set.of(
          "shape",
          "dtype",
          "device",
          "rank",
          "size",
          "dim",
          "isClosed",
          "close",
          "toString",
          "grad",
          "zeroGrad",
          "zerosLike",
          "onesLike",
          "equals",
          "hashCode",
          "getClass",
          "notify",
          "notifyAll",
          "wait");

  @TestFactory
  Stream<DynamicTest> shouldRefuseClosedReceiver() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Method method : Tensor.class.getMethods()) {
      boolean getter = method.getName().equals("requiresGrad") && method.getParameterCount() == 0;
      if (!Modifier.isStatic(method.getModifiers())
          && !ALLOWED.contains(method.getName())
          && !getter) {
        tests.add(test(text(method), () -> check(method, -1)));
      }
    }
    assertTrue(tests.size() > 100, "methods found: " + tests.size());
    return tests.stream();
  }

  @TestFactory
  Stream<DynamicTest> shouldRefuseClosedOperand() {
    List<DynamicTest> tests = new ArrayList<>();
    for (Method method : Tensor.class.getMethods()) {
      for (int i = 0; i < method.getParameterCount(); i++) {
        int operand = i;
        Class<?> type = method.getParameterTypes()[i];
        if (type == Tensor.class || type == Tensor[].class) {
          tests.add(test(text(method) + " operand " + i, () -> check(method, operand)));
        }
      }
    }
    assertTrue(tests.size() > 25, "operands found: " + tests.size());
    return tests.stream();
  }

  private static String text(Method method) {
    List<String> types =
        Arrays.stream(method.getParameterTypes()).map(Class::getSimpleName).toList();
    return method.getName() + types;
  }

  /** Calls a method with the receiver (-1) or an operand closed. */
  private static void check(Method method, int closed) {
    Class<?>[] types = method.getParameterTypes();
    Object[] arguments = new Object[types.length];
    for (int i = 0; i < types.length; i++) {
      arguments[i] = argument(method, i, i == closed);
    }
    Tensor receiver = tensor(method, -1, closed == -1);
    try {
      method.invoke(Modifier.isStatic(method.getModifiers()) ? null : receiver, arguments);
    } catch (InvocationTargetException e) {
      Throwable cause = e.getCause();
      String message = String.valueOf(cause.getMessage());
      assertTrue(
          cause instanceof IllegalStateException && message.contains("already closed"),
          "threw " + cause);
      return;
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
    fail("accepted a closed tensor");
  }

  private static Object argument(Method method, int i, boolean closed) {
    Class<?> type = method.getParameterTypes()[i];
    if (type == Tensor.class) {
      return tensor(method, i, closed);
    }
    if (type == Tensor[].class) {
      Tensor first = tensor(method, i, false);
      return new Tensor[] {first, tensor(method, i, closed)};
    }
    if (type == int.class) {
      return Set.of("diagonal", "chunk").contains(method.getName()) ? i : 0;
    }
    if (type == long.class) {
      return (long) i;
    }
    if (type == double.class) {
      return 1.0;
    }
    if (type == boolean.class) {
      return true;
    }
    if (type == int[].class) {
      return method.getName().equals("permute") ? new int[] {1, 0} : new int[0];
    }
    if (type == long[].class) {
      return switch (method.getName()) {
        case "get" -> new long[] {0};
        case "split" -> new long[] {1};
        case "pad" -> new long[] {0, 0};
        case "tile" -> new long[] {1, 1};
        default -> new long[] {1, 1, 1};
      };
    }
    if (type == float[].class) {
      return new float[] {1, 1, 1};
    }
    if (type == double[].class) {
      return new double[] {1, 1, 1};
    }
    if (type == boolean[].class) {
      return new boolean[] {true, true, true};
    }
    if (type == short[].class) {
      return new short[] {1, 1, 1};
    }
    if (type == Index[].class) {
      return new Index[] {Index.all()};
    }
    if (type == Index.class) {
      return Index.all();
    }
    if (type == PadMode.class) {
      return PadMode.EDGE;
    }
    if (type == Combine.class) {
      return Combine.ADD;
    }
    if (type == DType.class) {
      return DType.F32;
    }
    if (type == Precision.class) {
      return Precision.F32;
    }
    if (type == Device.class) {
      return Device.current();
    }
    if (type == String.class) {
      return "ij,jk->ik";
    }
    throw new AssertionError("no argument known for " + type + " of " + method);
  }

  private static Tensor tensor(Method method, int operand, boolean closed) {
    DType dtype =
        switch (method.getName()) {
          case "and", "or", "xor", "not" -> DType.BOOL;
          case "oneHot" -> DType.I64;
          case "toBits" -> DType.F16;
          case "scatterNd", "gatherNd" -> operand == 0 ? DType.I64 : DType.F32;
          case "gather", "indexSelect", "scatter" -> operand == 1 ? DType.I64 : DType.F32;
          case "where" -> operand == 0 ? DType.BOOL : DType.F32;
          default -> DType.F32;
        };
    Tensor tensor = Tensor.zeros(dtype, 1, 1);
    if (method.getName().equals("backward") && operand == -1) {
      tensor.requiresGrad(true);
    }
    if (closed) {
      tensor.close();
    }
    return tensor;
  }
}
