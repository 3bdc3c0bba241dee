#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""
Weight files of tests/account.tst, into the folder account/ beside this: small networks as users have
them, in the wrappers of training programs, trained with other settings than the classes' defaults.
Tables of expected values are computed by the original package in float64, with the parameters,
genome, sites and form of make_bpnet_reference.py.

Needs torch and bpnet-lite (1.1.0).
"""
import copy
import io
import os

import torch
from bpnetlite.bpnet import BPNet
from bpnetlite.chrombpnet import ChromBPNet

import make_bpnet_reference as base

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "account")


def save(name, thing):
    """By way of memory: torch names the folder inside the zip after the file."""
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    with open(os.path.join(OUT, name), "wb") as f:
        f.write(buffer.getvalue())


def bpnet(seed, **more):
    settings = dict(n_filters=3, n_layers=8, n_outputs=1, n_control_tracks=0, trimming=557,
                    verbose=False)
    with torch.no_grad():
        return base.set_by_formula(BPNet(**{**settings, **more}), seed).eval()


def table(name, module):
    """Logits and log-counts of the few sites, every 50th logit."""
    def run(x):
        profile, counts = module(x)
        return profile, counts.reshape(-1)

    module = copy.deepcopy(module).double()
    genome = base.make_genome()
    base.OUT = OUT
    base.write_table(name + ".vcf", run, base.variant_sites(base.FEW_VARIANTS, genome, 2114), 50)


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


def trimmings():
    """State dictionaries, which do not say what is cut off: as the command line trains, and not."""
    short = bpnet(3, n_layers=3)
    wide = ChromBPNet(bpnet(4, n_layers=4), bpnet(5))
    other = ChromBPNet(bpnet(6, n_layers=2, trimming=200), bpnet(7, n_layers=4, trimming=300))
    for name, module in ("short", short), ("wide", wide), ("uneven", other):
        save(name + ".pt", module.state_dict())
        table(name, module)


class Attending(BPNet):
    """With a layer that its forward pass could use; the class is bpnet-lite's by name."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.attention = torch.nn.MultiheadAttention(3, 1)


Attending.__name__ = Attending.__qualname__ = "BPNet"
Attending.__module__ = "bpnetlite.bpnet"


def save_as(name, module, cls):
    """Pickle names a class by where it is found."""
    import bpnetlite.bpnet
    original = getattr(bpnetlite.bpnet, cls.__name__)
    setattr(bpnetlite.bpnet, cls.__name__, cls)
    save(name, module)
    setattr(bpnetlite.bpnet, cls.__name__, original)


def extras():
    """Tensors beside those of the network."""
    net = bpnet(1)
    norm = torch.nn.BatchNorm1d(3)
    save("extra.pt", {**net.state_dict(), **under("rnorms.0.", norm.state_dict())})
    save_as("extra.torch", Attending(n_filters=3, n_layers=8, n_outputs=1, n_control_tracks=0,
                                     verbose=False).eval(), Attending)
    save("teacher.pt", {"model": net.state_dict(), "teacher": bpnet(2).state_dict()})


def main():
    os.makedirs(OUT, exist_ok=True)
    torch.manual_seed(1)
    wrappers()
    trimmings()
    extras()


if __name__ == "__main__":
    main()
