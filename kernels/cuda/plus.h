// Sums of any type; integers wrap.
Q_FUNCTION uchar plus(uchar a, uchar b) {
  return (uchar)(a + b);
}
Q_FUNCTION int plus(int a, int b) {
  return (int)((uint)a + (uint)b);
}
Q_FUNCTION long plus(long a, long b) {
  return (long)((ulong)a + (ulong)b);
}
Q_FUNCTION float plus(float a, float b) {
  return a + b;
}
Q_FUNCTION double plus(double a, double b) {
  return a + b;
}
