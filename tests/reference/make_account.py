#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Weight files of tests/account.tst, into the folder account/ beside this: small networks as users have
them, in the wrappers of training programs.

Needs torch and bpnet-lite (1.1.0).
"""
import io
import os

import torch
from bpnetlite.bpnet import BPNet

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "account")


def save(name, thing):
    """By way of memory: torch names the folder inside the zip after the file."""
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(buffer.getvalue())


def bpnet(seed, **more):
    torch.manual_seed(seed)
    settings = dict(n_filters=3, n_layers=8, n_outputs=1, n_control_tracks=0, trimming=557)
    return BPNet(**{**settings, **more}).eval()


def under(prefix, state):
    return {prefix + k: v for k, v in state.items()}


def wrappers():
    """One network: its state dictionary, a checkpoint, a module for several GPUs."""
    net, other = bpnet(1), bpnet(2)
    adam = torch.optim.Adam(net.linear.parameters())
    net.linear(torch.ones(1, 3)).sum().backward()
    adam.step()
    adam.zero_grad()
    save("state.pt", net.state_dict())
    save("checkpoint.pt", {
        "epoch": 3, "model": under("module.", net.state_dict()), "optimizer": adam.state_dict(),
        "rng_state": torch.arange(8, dtype=torch.uint8), "best": torch.tensor(0.5),
    })
    save("parallel.torch", torch.nn.DataParallel(net, device_ids=[]))
    save("two.pt", {"net": net.state_dict(), "ema": {"decay": 0.999, "shadow": other.state_dict()}})
    save("other.pt", other.state_dict())


def main():
    os.makedirs(OUT, exist_ok=True)
    wrappers()


if __name__ == "__main__":
    main()
