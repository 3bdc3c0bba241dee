#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the small weight files of tests/unit/test_weights.c into the folder weights/ beside this.

Values follow one rule, ramp(): element i of a tensor is i * step + first, so that the test can
state them without a table.  Needs numpy, h5py and torch.
"""
import collections
import json
import os

import h5py
import numpy as np
import torch

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights")


def ramp(shape, first=0.0, step=0.5, dtype=np.float32):
    n = int(np.prod(shape))
    return (first + step * np.arange(n)).astype(dtype).reshape(shape)


def state_dict():
    base = torch.from_numpy(ramp((3, 4)))
    pool = torch.from_numpy(ramp((10,), first=-2.0))
    return collections.OrderedDict([
        ("conv.weight", torch.from_numpy(ramp((2, 3, 2), first=-1.0))),
        ("conv.bias", torch.from_numpy(ramp((3,), first=7.0))),
        ("half", torch.from_numpy(ramp((4,), dtype=np.float16))),
        ("brain", torch.from_numpy(ramp((4,))).to(torch.bfloat16)),
        ("double", torch.from_numpy(ramp((2, 2), first=0.25, dtype=np.float64))),
        ("norm.num_batches_tracked", torch.tensor(12345, dtype=torch.int64)),
        ("mask", torch.tensor([True, False, True])),
        ("turned", base.t()),
        ("pool.head", pool[:4]),
        ("pool.tail", pool[6:]),
        ("pool.even", pool[::2]),
    ])


class Block(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.Conv1d(2, 2, 3, bias=False)
        self.norm = torch.nn.BatchNorm1d(2)
        self.register_buffer("kept", torch.ones(2))
        self.register_buffer("scratch", torch.ones(2), persistent=False)


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.n_filters = 2
        self.trimming = 557
        self.alpha = 0.5
        self.name = "tiny"
        self.scale = torch.nn.Parameter(torch.ones(()))
        self.blocks = torch.nn.ModuleList([Block(), Block()])
        self.head = torch.nn.Linear(2, 1)


def fill(module):
    """state_dict entry k gets ramp(first=k)."""
    for k, (_, t) in enumerate(module.state_dict().items()):
        with torch.no_grad():
            t.copy_(torch.from_numpy(ramp(tuple(t.shape), first=float(k), step=1.0)))
    return module


def write_torch():
    torch.save(state_dict(), os.path.join(OUT, "plain.pt"))
    torch.save({
        "config": {"n_filters": 4, "trimming": 557, "residual_scale": 0.15, "name": "tiny"},
        "epoch": 3,
        "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(2)}}}],
        "state_dict": {"model.w": torch.from_numpy(ramp((2, 2)))},
    }, os.path.join(OUT, "nested.pt"))
    net = fill(Net())
    torch.save(net, os.path.join(OUT, "module.torch"))
    print("module keys:", list(net.state_dict()))


LAYERS = [("bpnet_1st_conv", (3, 4, 2)), ("bpnet_1conv", (3, 2, 2)),
          ("logcount_predictions", (2, 1))]
CONFIG = json.dumps({"class_name": "Functional", "config": {"name": "m\u00fc", "layers": []}},
                    ensure_ascii=False)


def write_layers(g, **how):
    names = ["sequence"] + [n for n, _ in LAYERS]
    g.attrs["layer_names"] = np.array([n.encode() for n in names])
    g.create_group("sequence").attrs["weight_names"] = np.zeros(0)
    for k, (name, shape) in enumerate(LAYERS):
        inner = g.create_group(name).create_group(name)
        inner.create_dataset("kernel:0", data=ramp(shape, first=k), **how)
        inner.create_dataset("bias:0", data=ramp(shape[-1:], first=-k))


def write_keras():
    with h5py.File(os.path.join(OUT, "keras.h5"), "w") as f:
        f.attrs["keras_version"] = "2.5.0"
        f.attrs["model_config"] = CONFIG
        write_layers(f.create_group("model_weights"))
        f.create_group("optimizer_weights")["w:0"] = np.ones(2, np.float32)
    with h5py.File(os.path.join(OUT, "keras_fixed.h5"), "w") as f:
        f.attrs["model_config"] = np.bytes_(CONFIG.encode())
        write_layers(f.create_group("model_weights"), chunks=True)
    with h5py.File(os.path.join(OUT, "keras_root.h5"), "w", libver="latest") as f:
        for name, dtype in (("double", "<f8"), ("half", "<f2"), ("big", ">f4")):
            f.create_group(name)["kernel:0"] = ramp((2, 3), dtype=dtype)
        f.create_group("dropout")["seed"] = np.zeros(2, np.uint32)
        f.create_group("optimizer_weights")["w:0"] = np.ones(2, np.float32)


def write_npz():
    arrays = {
        "conv/kernel": ramp((3, 4, 2)),
        "conv/bias": ramp((2,), first=9.0, dtype=np.float64),
        "half": ramp((5,), dtype=np.float16),
        "count": np.array(7),
        "flag": np.array([True, False]),
        "made_by": np.array(["text is passed over"]),
    }
    np.savez(os.path.join(OUT, "stored.npz"), **arrays)
    np.savez_compressed(os.path.join(OUT, "deflated.npz"), **arrays)
    with open(os.path.join(OUT, "headers.npy.txt"), "w") as f:
        for shape in ((), (5,), (3, 8), (1, 2, 3), (123456789,), (10, 20, 30, 40, 50, 60, 70)):
            for dtype in ("<f4", "<f8", "|b1", "<U17", "<i8"):
                for order in (False, True):
                    if order and len(shape) < 2:
                        continue
                    f.write(header_line(shape, dtype, order))


def header_line(shape, dtype, order):
    import io
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        out, {"descr": dtype, "fortran_order": order, "shape": shape})
    head = out.getvalue()
    return "%s %d %d %s%s\n" % (dtype, order, len(shape), "".join("%d " % n for n in shape),
                                head.hex())


if __name__ == "__main__":
    os.makedirs(OUT, exist_ok=True)
    write_torch()
    write_keras()
    write_npz()
