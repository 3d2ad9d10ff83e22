// Running sums (SUM) or products along the last axis.
//
// Words: rows, length, the distance of neighbours in the input and in the output, the length of a
// chunk, the number of chunks, then the layout of the rows (see Geometry). LOCATE finds where row o
// starts in both. A work item per row and chunk:
//
// scan_totals: the total of each chunk but the last, in two parts, into totals.
// scan: from the totals of the chunks before its own on, the results of a chunk.
//
// A floating sum is held in two parts: what each addition loses goes into the second (Neumaier,
// "Rundungsfehleranalyse einiger Verfahren zur Summation endlicher Summen", 1974).
#include "quern.h"

#if defined(SUM) && defined(FLOATING)
#define START (-0.0f)
#define ADVANCE(s, c, v)                                       \
  {                                                            \
    const T t = s + (v);                                       \
    c += fabs(s) >= fabs(v) ? (s - t) + (v) : ((v) - t) + s;   \
    s = t;                                                     \
  }
// An infinite sum has an invalid second part.
#define RESULT(s, c) (fabs(s) < INFINITY ? s + c : s)
#elif defined(SUM)
#define START 0
#define ADVANCE(s, c, v) s = (T)((ulong)s + (ulong)(v));
#define RESULT(s, c) s
#elif defined(FLOATING)
#define START 1
#define ADVANCE(s, c, v) s = s * (v);
#define RESULT(s, c) s
#else
#define START 1
#define ADVANCE(s, c, v) s = (T)((ulong)s * (ulong)(v));
#define RESULT(s, c) s
#endif

kernel void scan_totals(global const T* in0, global T* totals, const Params p) {
  const INDEX rows = (INDEX)p.v[0];
  const INDEX step = (INDEX)p.v[2];
  const INDEX chunk = (INDEX)p.v[4];
  const INDEX chunks = (INDEX)p.v[5];
  for (INDEX w = get_global_id(0); w < rows * (chunks - 1); w += get_global_size(0)) {
    const INDEX o = w / (chunks - 1);
    const INDEX k = w % (chunks - 1);
    LOCATE
    T s = START;
    T c = START;
    for (INDEX j = k * chunk; j < (k + 1) * chunk; j++) {
      ADVANCE(s, c, in0[at0 + j * step])
    }
    totals[2 * (o * chunks + k)] = s;
    totals[2 * (o * chunks + k) + 1] = c;
  }
}

kernel void scan(global const T* in0, global T* out, global const T* totals, const Params p) {
  const INDEX rows = (INDEX)p.v[0];
  const INDEX length = (INDEX)p.v[1];
  const INDEX from = (INDEX)p.v[2];
  const INDEX to = (INDEX)p.v[3];
  const INDEX chunk = (INDEX)p.v[4];
  const INDEX chunks = (INDEX)p.v[5];
  for (INDEX w = get_global_id(0); w < rows * chunks; w += get_global_size(0)) {
    const INDEX o = w / chunks;
    const INDEX k = w % chunks;
    LOCATE
    T s = START;
    T c = START;
    for (INDEX i = 0; i < k; i++) {
      ADVANCE(s, c, totals[2 * (o * chunks + i)])
#if defined(SUM) && defined(FLOATING)
      c += totals[2 * (o * chunks + i) + 1];
#endif
    }
    const INDEX end = min(length, (k + 1) * chunk);
    for (INDEX j = k * chunk; j < end; j++) {
      ADVANCE(s, c, in0[at0 + j * from])
      out[at1 + j * to] = RESULT(s, c);
    }
  }
}
