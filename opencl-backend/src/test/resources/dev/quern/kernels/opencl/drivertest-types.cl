typedef struct {
  long n;
  long shift;
} Scale;
