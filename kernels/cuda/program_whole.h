// Loads, stores and slots of program.h for WHOLE: QUAD neighbours from at.i on, and as many from
// where the warp's first groups end.
#define Q_NEXT (QUAD * 32)

template <typename T, typename V>
Q_FUNCTION void q_take(Lanes& r, int first, const T* from) {
  const V v = *reinterpret_cast<const V*>(from);
  r.w[first] = v.x;
  r.w[first + 1] = v.y;
  r.w[first + 2] = v.z;
  r.w[first + 3] = v.w;
}

template <typename T, typename V>
Q_FUNCTION Lanes q_load(const Program& p, int v, const Place& at) {
  const View& view = p.view[v];
  const T* from = static_cast<const T*>(p.block[v]) + view.offset;
  Lanes r;
  if (view.stride[MAX_AXES - 1] != 0) {
    q_take<T, V>(r, 0, from + at.i);
    q_take<T, V>(r, QUAD, from + at.i + Q_NEXT);
  } else {
    const Word x = *from;
#pragma unroll
    for (int l = 0; l < WIDTH; l++) {
      r.w[l] = x;
    }
  }
  return r;
}

template <typename T, typename V>
Q_FUNCTION void q_give(T* to, const Lanes& r, int first) {
  V v;
  v.x = (T)r.w[first];
  v.y = (T)r.w[first + 1];
  v.z = (T)r.w[first + 2];
  v.w = (T)r.w[first + 3];
  *reinterpret_cast<V*>(to) = v;
}

template <typename T, typename V>
Q_FUNCTION void q_store(const Program& p, int v, const Place& at, const Lanes& r) {
  T* to = static_cast<T*>(p.block[v]) + p.view[v].offset + at.i;
  q_give<T, V>(to, r, 0);
  q_give<T, V>(to + Q_NEXT, r, QUAD);
}

template <int AXES>
Q_FUNCTION Lanes q_input(const Program& p, int v, const Place& at) {
  switch (q_size(p, v)) {
    case 0:
      return q_load<uchar, Bytes>(p, v, at);
    case 1:
      return q_load<ushort, Half>(p, v, at);
    default:
      return q_load<uint, Pair>(p, v, at);
  }
}

template <int AXES>
Q_FUNCTION void q_output(const Program& p, int v, const Place& at, const Lanes& r) {
  switch (q_size(p, v)) {
    case 0:
      q_store<uchar, Bytes>(p, v, at, r);
      break;
    case 1:
      q_store<ushort, Half>(p, v, at, r);
      break;
    default:
      q_store<uint, Pair>(p, v, at, r);
  }
}

// Two accesses of 16 bytes, each of a warp's neighbours to neighbouring memory.
Q_FUNCTION Lanes q_get(const Lanes* slots, int slot) {
  const uint4* from = reinterpret_cast<const uint4*>(slots) + 2 * slot * blockDim.x + threadIdx.x;
  Lanes r;
  q_take<uint, uint4>(r, 0, &from->x);
  q_take<uint, uint4>(r, QUAD, &from[blockDim.x].x);
  return r;
}

Q_FUNCTION void q_put(Lanes* slots, int slot, const Lanes& r) {
  uint4* to = reinterpret_cast<uint4*>(slots) + 2 * slot * blockDim.x + threadIdx.x;
  q_give<uint, uint4>(&to->x, r, 0);
  q_give<uint, uint4>(&to[blockDim.x].x, r, QUAD);
}
