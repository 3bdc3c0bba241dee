#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch on the same networks: windows per second, at its best setting.

  peer.py WEIGHTS.h5 [--threads N] [--seconds S] [--cpu]
          [--layout conv1d|conv2d --batch N]

Builds the network of a Keras weight file (names of ChromBPNet or BPNet CHIP), in valid form, and
runs the forward pass on random windows: as conv1d, and as conv2d in the channels-last layout, for
several batch sizes; or in one layout and batch size only.  Prints the best on one line,
tab-separated: windows per second, layout, batch, version.  All settings go to standard error.
With --cpu seconds are processor seconds, for one thread on a machine that has other work.
Needs torch, numpy and h5py (a virtual environment outside the repository).
"""
import argparse
import re
import sys
import time

import h5py
import numpy as np
import torch
import torch.nn.functional as F


def read(path):
    tensors = {}

    def visit(name, item):
        if isinstance(item, h5py.Dataset):
            layer, leaf = name.split("/")[-2:]
            tensors[layer, leaf.split(":")[0]] = np.asarray(item, dtype=np.float32)

    with h5py.File(path, "r") as f:
        f["model_weights"].visititems(visit)
    return tensors


def conv(tensors, layer, dilation):
    kernel = torch.from_numpy(np.ascontiguousarray(tensors[layer, "kernel"].transpose(2, 1, 0)))
    return kernel, torch.from_numpy(tensors[layer, "bias"]), dilation


class Net:
    """ChromBPNet without bias (post-activation) or BPNet with zero controls (pre-activation)."""

    def __init__(self, tensors, two_d):
        self.pre = ("main_conv_0", "kernel") in tensors
        stem, layer = (("main_conv_0", r"main_dil_conv_(\d+)") if self.pre else
                       ("wo_bias_bpnet_1st_conv", r"wo_bias_bpnet_(\d+)conv"))
        found = sorted((int(m[1]), k[0]) for k in tensors
                       if (m := re.fullmatch(layer, k[0])) and k[1] == "kernel")
        head = "main_profile_head" if self.pre else "wo_bias_bpnet_prof_out_precrop"
        dense = "main_counts_head" if self.pre else "wo_bias_bpnet_logcount_predictions"
        self.stem = conv(tensors, stem, 1)
        self.layers = [conv(tensors, name, 2 ** i) for i, name in found]
        self.profile = conv(tensors, head, 1)
        self.dense = torch.from_numpy(tensors[dense, "kernel"])
        self.two_d = two_d
        if two_d:
            lay = lambda c: (c[0].unsqueeze(2).contiguous(memory_format=torch.channels_last),
                             c[1], c[2])
            self.stem, self.profile = lay(self.stem), lay(self.profile)
            self.layers = [lay(c) for c in self.layers]

    def conv(self, x, c):
        if self.two_d:
            return F.conv2d(x, c[0], c[1], dilation=(1, c[2]))
        return F.conv1d(x, c[0], c[1], dilation=c[2])

    def __call__(self, x):
        if self.two_d:
            x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        x = self.conv(x, self.stem)
        if not self.pre:
            x = F.relu(x)
        for c in self.layers:
            y = self.conv(F.relu(x), c) if self.pre else F.relu(self.conv(x, c))
            x = x[..., c[2]:-c[2]] + y
        if self.pre:
            x = F.relu(x)
        pooled = x.mean(dim=-1)
        return self.conv(x, self.profile), pooled.flatten(1) @ self.dense


def rate(net, x, seconds, clock):
    net(x)
    start, n = clock(), 0
    while clock() - start < seconds:
        net(x)
        n += len(x)
    return n / (clock() - start)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("weights")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--cpu", action="store_true")
    p.add_argument("--layout", choices=["conv1d", "conv2d"])
    p.add_argument("--batch", type=int)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    clock = time.process_time if o.cpu else time.perf_counter
    tensors = read(o.weights)
    wide = max(t.shape[-1] for t in tensors.values()) > 200
    batches = [o.batch] if o.batch else [1, 2, 4, 8, 16] if wide else [1, 4, 16, 64]
    bases = torch.randint(0, 4, (max(batches), 2114), generator=torch.Generator().manual_seed(1))
    x = F.one_hot(bases, 4).permute(0, 2, 1).float().contiguous()
    results = []
    with torch.inference_mode():
        for layout in [o.layout] if o.layout else ["conv1d", "conv2d"]:
            net = Net(tensors, layout == "conv2d")
            for batch in batches:
                results.append((rate(net, x[:batch], o.seconds, clock), layout, batch))
                print("%8.2f windows/s, %s, batch %d" % results[-1], file=sys.stderr)
    print("%.3f\t%s\t%d\t%s" % (*max(results), torch.__version__))


main()
