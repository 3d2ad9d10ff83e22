package dev.quern.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.quern.DType;
import dev.quern.spi.Op;
import dev.quern.spi.Program;
import dev.quern.spi.Program.Instruction;
import dev.quern.spi.View;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An output that is an input is not written before that has been read. */
class MapInPlaceTest {
  private static final int SIZE = 5000;

  @Test
  void shouldReadAnInputAfterItsNewValueIsComputed() {
    for (Fixture.Mode mode : Fixture.modes()) {
      View x = numbers();
      View y = numbers();
      View more = Fixture.zeros(DType.F32, SIZE);
      // x <- x + y, and x * (x + y) with the old x.
      Program program =
          new Program(
              new DType[] {DType.F32, DType.F32},
              new DType[0],
              new long[0],
              new Instruction[] {
                new Instruction(Op.ADD, DType.F32, 0, 1, -1),
                new Instruction(Op.MUL, DType.F32, 0, 2, -1)
              },
              new int[] {2, 3});

      mode.backend().map(program, List.of(x, y), List.of(x, more));

      float[] sums = (float[]) CpuBuffer.array(x);
      float[] products = (float[]) CpuBuffer.array(more);
      for (int i = 0; i < SIZE; i++) {
        assertEquals(2f * i, sums[i], mode.name());
        assertEquals(i * (2f * i), products[i], mode.name());
      }
    }
  }

  private static View numbers() {
    View view = Fixture.zeros(DType.F32, SIZE);
    float[] array = (float[]) CpuBuffer.array(view);
    for (int i = 0; i < SIZE; i++) {
      array[i] = i;
    }
    return view;
  }
}
