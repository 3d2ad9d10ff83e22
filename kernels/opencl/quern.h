// Included by the kernel files whose parameters the Geometry lays out.
#include "prelude.h"
#include "f32.h"
#include "trig.h"
#include "ops.h"

// The one structure of parameters that follows a kernel's pointers.
#ifndef WORDS
#define WORDS 1
#endif
typedef struct {
  long v[WORDS];
} Params;
