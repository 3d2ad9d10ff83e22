// Where rows lie: kernels that work along the last axis locate them by the axes before.
#define ROW_AXES 6

struct RowView {
  long offset;
  long stride[ROW_AXES];
};

Q_FUNCTION long q_row(const long* dim, const RowView& view, long index) {
  long offset = view.offset;
  for (int a = ROW_AXES - 1; a > 0 && index > 0; a--) {
    const long rest = index / dim[a];
    offset += (index - rest * dim[a]) * view.stride[a];
    index = rest;
  }
  return offset + index * view.stride[0];
}
