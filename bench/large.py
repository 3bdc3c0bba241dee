#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Full-size Enformer with random weights, in PyTorch.

  large.py weights DIR           writes enformer.pt, genome.fa, region.bed, regions.bed, snp.vcf
  large.py time DIR --threads N  runs it on the region's window: seconds of one pass, and the
                                 tracks of all bins into DIR/enformer.npy
  large.py compare DIR TSV       predict's --text of the region against that: difference over peak

Needs torch, numpy and enformer-pytorch.  Its gamma features are normalised per feature over all
positions, in double precision, as the published weights have it.
"""
import argparse
import math
import os
import sys
import time

import numpy as np
import torch
import enformer_pytorch.modeling_enformer as port

WINDOW, NETWORK, MARGIN = 393216, 196608, 1000


def gamma_features(positions, features, seq_len, **kwargs):
    x = positions.double().abs()[..., None]
    f = torch.arange(1, features + 1).double()[None]
    shape, rate = 4 * f * f, 4 * f * features / seq_len
    density = torch.exp(torch.xlogy(shape - 1, x) - rate * x - torch.lgamma(shape) +
                        shape * torch.log(rate)) + 1e-8
    return (density / density.amax(dim=0, keepdim=True)).to(kwargs.get("dtype", torch.float))


def network():
    port.get_positional_features_gamma = gamma_features
    return port.Enformer(port.EnformerConfig(
        dim=1536, depth=11, heads=8, output_heads={"human": 5313, "mouse": 1643},
        target_length=896, attn_dim_key=64, use_tf_gamma=False)).eval()


def codes():
    return np.random.RandomState(5).randint(0, 4, WINDOW + 2 * MARGIN)


def write(folder):
    torch.manual_seed(7)
    net = network()
    with torch.no_grad():
        for name, p in net.named_parameters():
            if p.ndim < 2:
                p.copy_(torch.randn_like(p) * 0.2 + (1 if name.endswith(".weight") else 0))
            else:
                p.copy_(torch.randn_like(p) * 0.8 / math.sqrt(p[0].numel()))
        for name, b in net.named_buffers():
            if "running_mean" in name:
                b.copy_(torch.randn_like(b) * 0.3)
            if "running_var" in name:
                b.copy_(torch.rand_like(b) + 0.5)
    state = {k: v for k, v in net.state_dict().items() if not k.startswith("_trunk")}
    torch.save(state, os.path.join(folder, "enformer.pt"))
    text = "".join("ACGT"[c] for c in codes())
    with open(os.path.join(folder, "genome.fa"), "w") as f:
        f.write(">c\n" + text + "\n")
    with open(os.path.join(folder, "genome.fa.fai"), "w") as f:
        f.write(f"c\t{len(text)}\t3\t{len(text)}\t{len(text) + 1}\n")
    middle = MARGIN + WINDOW // 2       # 1-based position whose window begins at MARGIN
    for name, n in (("region.bed", 1), ("regions.bed", 2)):
        with open(os.path.join(folder, name), "w") as f:
            for i in range(n):
                f.write(f"c\t{middle - 1 + i}\t{middle + i}\n")
    ref = text[middle - 1]
    with open(os.path.join(folder, "snp.vcf"), "w") as f:
        f.write(f"##fileformat=VCFv4.2\n##contig=<ID=c,length={len(text)}>\n"
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
                f"c\t{middle}\tv\t{ref}\t{'C' if ref != 'C' else 'G'}\t.\t.\t.\n")


def run(folder, threads):
    torch.set_num_threads(threads)
    net = network()
    # Not strict: the trunk's second names of the same modules are not in the file.
    net.load_state_dict(torch.load(os.path.join(folder, "enformer.pt")), strict=False)
    first = MARGIN + (WINDOW - NETWORK) // 2
    one_hot = np.eye(4, dtype=np.float32)[codes()[first:first + NETWORK]]
    x = torch.from_numpy(one_hot)[None]
    best = math.inf
    with torch.no_grad():
        for _ in range(2):
            start = time.monotonic()
            y = net(x, head="human")
            best = min(best, time.monotonic() - start)
    np.save(os.path.join(folder, "enformer.npy"), y[0].numpy().astype(np.float32))
    print(f"{best:.2f}\t{torch.__version__}")


def compare(folder, path):
    expected = np.load(os.path.join(folder, "enformer.npy"))
    peak = np.abs(expected).max(axis=0)
    worst, n = 0.0, 0
    with open(path) as f:
        for line in f:
            if line.startswith("#"):
                continue
            fields = line.rstrip("\n").split("\t")
            track, bin0 = int(fields[3].rsplit("/", 1)[1]), int(fields[7])
            values = np.array([float(v) for v in fields[8].split(",")])
            found = expected[bin0:bin0 + len(values), track]
            worst = max(worst, float(np.abs(values - found).max() / peak[track]))
            n += len(values)
    spread = float(np.median(expected.std(axis=0) / peak))
    print(f"{worst:.2e}\t{n}\t{spread:.3f}")
    if not n or not worst <= 1e-4:
        sys.exit("large.py: predict and PyTorch differ by more than 1e-4 of a track's peak")


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["weights", "time", "compare"])
parser.add_argument("folder")
parser.add_argument("tsv", nargs="?")
parser.add_argument("--threads", type=int, default=1)
args = parser.parse_args()
if args.what == "weights":
    write(args.folder)
elif args.what == "time":
    run(args.folder, args.threads)
else:
    compare(args.folder, args.tsv)
