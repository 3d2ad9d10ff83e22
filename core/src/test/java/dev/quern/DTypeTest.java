package dev.quern;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

final class DTypeTest {
  /** PyTorch's table for torch.bool, int32, int64, float16, bfloat16, float32 and float64. */
  private static final DType[][] PROMOTED = {
    {DType.BOOL, DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64},
    {DType.I32, DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64},
    {DType.I64, DType.I64, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64},
    {DType.F16, DType.F16, DType.F16, DType.F16, DType.F32, DType.F32, DType.F64},
    {DType.BF16, DType.BF16, DType.BF16, DType.F32, DType.BF16, DType.F32, DType.F64},
    {DType.F32, DType.F32, DType.F32, DType.F32, DType.F32, DType.F32, DType.F64},
    {DType.F64, DType.F64, DType.F64, DType.F64, DType.F64, DType.F64, DType.F64}
  };

  private static final DType[] ORDER = {
    DType.BOOL, DType.I32, DType.I64, DType.F16, DType.BF16, DType.F32, DType.F64
  };

  @Test
  void shouldPromoteAsPyTorchDoes() {
    for (int i = 0; i < ORDER.length; i++) {
      for (int j = 0; j < ORDER.length; j++) {
        assertEquals(PROMOTED[i][j], DType.promote(ORDER[i], ORDER[j]));
      }
    }
  }

  @Test
  void shouldTellKinds() {
    assertEquals(false, DType.BOOL.isInteger());
    assertEquals(true, DType.I32.isInteger());
    assertEquals(false, DType.F32.isInteger());
    assertEquals(true, DType.F64.isFloat());
    assertEquals(false, DType.I64.isFloat());
  }

  @Test
  void shouldTellSizes() {
    assertEquals(1, DType.BOOL.bytes());
    assertEquals(4, DType.F32.bytes());
    assertEquals(8, DType.I64.bytes());
  }
}
