// The same for programs with values of 64 bits.
#define WIDE 1
#include "elementwise.cu"
