#include "selftest.h"
std::vector<Test> driver_tests() { return {}; }
