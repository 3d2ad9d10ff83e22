// Lets a .cu file compile as C++17 for the CPU. Included before the file with -include; it takes
// the place of the headers that nvcc includes by itself, of cuda_fp16.h and of cuda_bf16.h.
#pragma once

// In this order: each builds on those before.
#include "device/qualifiers.h"
#include "device/vectors.h"
#include "device/execution.h"
#include "device/warp.h"
#include "device/arithmetic.h"
#include "device/small_floats.h"
#include "device/atomics.h"
#include "device/kernel.h"
