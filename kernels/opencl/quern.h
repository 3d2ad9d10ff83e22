// Included by every kernel file.
#include "prelude.h"
#include "f32.h"
#include "ops.h"
