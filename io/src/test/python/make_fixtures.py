"""Writes the files below src/test/resources with NumPy and the safetensors package.

    python3 io/src/test/python/make_fixtures.py

The committed ones come from NumPy 2.4.6 and safetensors 0.8.0.
"""

import json
import pathlib
import struct

import numpy as np
from safetensors.numpy import save_file

HERE = pathlib.Path(__file__).parent.parent / "resources/dev/quern/io"
TYPES = ["b1", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "f2", "f4", "f8"]


def values(name):
    """0, 1, 2.5 (2 for integers), 3, 100 and the type's least number, for unsigned ones its greatest."""
    dtype = np.dtype(name)
    if dtype.kind == "b":
        last = True
    elif dtype.kind == "f":
        last = np.finfo(dtype).min
    elif dtype.kind == "u":
        last = np.iinfo(dtype).max
    else:
        last = np.iinfo(dtype).min
    out = np.zeros((2, 3), dtype)
    out.flat[:] = np.array([0, 1, 2.5, 3, 100, 0]).astype(dtype)
    out.flat[5] = last
    return out


def numpy_files():
    arrays = {}
    for name in TYPES:
        for order in "<>":
            for layout in "CF":
                a = values(name).astype(np.dtype(name).newbyteorder(order), order=layout)
                arrays[f"{name}-{'little' if order == '<' else 'big'}-{layout}"] = a
    arrays["scalar"] = np.float32(1.5)
    arrays["empty"] = np.zeros((0, 3), "f8")
    arrays["größe"] = np.arange(3)
    np.savez(HERE / "numpy-stored.npz", **arrays)
    np.savez_compressed(HERE / "numpy-deflated.npz", **arrays)
    for version in (1, 2, 3):
        with open(HERE / f"numpy-v{version}.npy", "wb") as f:
            np.lib.format.write_array(f, np.arange(24).reshape(2, 3, 4), version=(version, 0))
    np.save(HERE / "numpy-objects.npy", np.array([{"a": 1}], dtype=object), allow_pickle=True)
    np.savez(HERE / "numpy-objects.npz", a=np.array([{"a": 1}], dtype=object))
    np.save(HERE / "numpy-complex.npy", np.zeros(2, "c8"))
    np.save(HERE / "numpy-u8.npy", np.zeros(2, "u8"))


def safetensors_files():
    arrays = {name: values(name) for name in TYPES + ["u8"]}
    arrays["scalar"] = np.array(1.5, "f4")
    arrays["empty"] = np.zeros((0, 3), "f8")
    arrays["größe"] = np.arange(3)
    metadata = {"format": "np", "text": 'a "quoted" \\ back\nslash, ü, \U0001f600'}
    save_file(arrays, HERE / "reference.safetensors", metadata)
    # NumPy has no bfloat16: the upper halves of float32, which hold these values exactly.
    bits = np.array([0, 1, 2.5, 3, 100, -np.inf], "f4").view("u4") >> 16
    header = json.dumps({"bf16": {"dtype": "BF16", "shape": [2, 3], "data_offsets": [0, 12]}})
    with open(HERE / "bf16.safetensors", "wb") as f:
        f.write(struct.pack("<Q", len(header)) + header.encode() + bits.astype("<u2").tobytes())


numpy_files()
safetensors_files()
