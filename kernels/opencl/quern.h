// Included by the kernel files whose parameters the Geometry lays out.
#include "prelude.h"
#include "f32.h"
#include "trig.h"
#include "ops.h"
#include "half.h"

// The one structure of parameters that follows a kernel's pointers.
#ifndef WORDS
#define WORDS 1
#endif
typedef struct {
  long v[WORDS];
} Params;

// Combines the values v of a group's items in a tree, of those before busy only; all get the result.
#define GROUP_FOLD(part, me, busy, v, join)            \
  part[me] = v;                                        \
  barrier(CLK_LOCAL_MEM_FENCE);                        \
  for (int s = GROUP / 2; s > 0; s /= 2) {             \
    if (me < s && me + s < (busy)) {                   \
      part[me] = join(part[me], part[me + s]);         \
    }                                                  \
    barrier(CLK_LOCAL_MEM_FENCE);                      \
  }                                                    \
  v = part[0];                                         \
  barrier(CLK_LOCAL_MEM_FENCE);

#define PLUS(a, b) ((a) + (b))
