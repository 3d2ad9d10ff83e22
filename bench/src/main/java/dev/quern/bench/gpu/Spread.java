package dev.quern.bench.gpu;

import com.google.gson.JsonObject;
import java.util.List;

/** The median of samples and how far they lie apart. */
record Spread(double median, double min, double max, int count) {
  /**
   * Returns the spread of samples.
   *
   * @throws IllegalArgumentException if there are none
   */
  static Spread of(List<Double> samples) {
    if (samples.isEmpty()) {
      throw new IllegalArgumentException("spread: no samples");
    }
    double[] sorted = samples.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int n = sorted.length;
    return new Spread((sorted[(n - 1) / 2] + sorted[n / 2]) / 2, sorted[0], sorted[n - 1], n);
  }

  JsonObject toJson() {
    JsonObject json = new JsonObject();
    json.addProperty("median", median);
    json.addProperty("min", min);
    json.addProperty("max", max);
    json.addProperty("count", count);
    return json;
  }

  static Spread of(JsonObject json) {
    return new Spread(
        json.get("median").getAsDouble(),
        json.get("min").getAsDouble(),
        json.get("max").getAsDouble(),
        json.get("count").getAsInt());
  }
}
