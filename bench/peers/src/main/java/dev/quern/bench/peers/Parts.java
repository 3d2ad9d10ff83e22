package dev.quern.bench.peers;

/** Arrays put one after the other. */
final class Parts {
  private Parts() {}

  static float[] joined(float[]... parts) {
    int size = 0;
    for (float[] part : parts) {
      size += part.length;
    }
    float[] all = new float[size];
    int at = 0;
    for (float[] part : parts) {
      System.arraycopy(part, 0, all, at, part.length);
      at += part.length;
    }
    return all;
  }
}
