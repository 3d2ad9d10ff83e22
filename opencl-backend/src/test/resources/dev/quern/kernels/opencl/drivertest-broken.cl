// Does not compile.
kernel void broken(global float* out) {
  out[0] = undeclared_name;
}
