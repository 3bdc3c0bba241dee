#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reference values of a small Sei: its published description restated in NumPy, double precision.

  make_sei_reference.py OUT_DIR

Writes sei.npz (random weights, float16), its side files, a genome, sites, and what they predict:
sei.regions.tsv (no equalisation) and sei.variants.tsv (every record's alleles equalised), mean of
both strands; sei.forward.tsv, the regions' forward strand.  The code of Sei itself is for academic
use only and was not looked at; this follows the layer table in the suite's specification.  SciPy
evaluates the splines.
"""
import os
import sys

import numpy as np
from scipy.interpolate import BSpline

LENGTH, CHANNELS, K, TARGETS, CLASSES = 128, (8, 10, 12), 5, 23, 6
HISTONES = [1, 4, 5, 11, 20]
DILATIONS = (2, 4, 8, 16, 25)
rng = np.random.default_rng(6)


def weights():
    a, b, c = CHANNELS
    shapes = {"lconv1.0": (a, 4, 9), "lconv1.1": (a, a, 9), "conv1.0": (a, a, 9),
              "conv1.2": (a, a, 9), "lconv2.2": (b, a, 9), "lconv2.3": (b, b, 9),
              "conv2.1": (b, b, 9), "conv2.3": (b, b, 9), "lconv3.2": (c, b, 9),
              "lconv3.3": (c, c, 9), "conv3.1": (c, c, 9), "conv3.3": (c, c, 9),
              "classifier.0": (TARGETS, c * K), "classifier.2": (TARGETS, TARGETS)}
    shapes.update({f"dconv{i}.1": (c, c, 5) for i in range(1, 6)})
    w = {}
    for name, shape in shapes.items():
        gain = 1.6 if name.startswith("lconv") else 1.1
        w[name + ".weight"] = rng.standard_normal(shape) * gain / np.sqrt(np.prod(shape[1:]))
        w[name + ".bias"] = rng.standard_normal(shape[0]) * 0.5
    return {k: v.astype(np.float16) for k, v in w.items()}


def conv(x, w, name, dilation=1):
    k, b = w[name + ".weight"].astype(float), w[name + ".bias"].astype(float)
    pad = dilation * (k.shape[2] // 2)
    x = np.pad(x, ((0, 0), (pad, pad)))
    n = x.shape[1] - 2 * pad
    return b[:, None] + sum(k[:, :, t] @ x[:, t * dilation:t * dilation + n]
                            for t in range(k.shape[2]))


def relu(x):
    return np.maximum(x, 0)


def pool(x):
    return x.reshape(len(x), -1, 4).max(axis=2)


def spline(m):
    inner = np.arange(1, K - 3) * (m - 1) / (K - 3)
    knots = np.concatenate([np.zeros(4), inner, np.full(4, m - 1.0)])
    basis = BSpline(knots, np.eye(K), 3)(np.arange(m, dtype=float))
    return basis.astype(np.float32).astype(float)


def forward(onehot, w):
    l = conv(conv(onehot, w, "lconv1.0"), w, "lconv1.1")
    c = relu(conv(relu(conv(l, w, "conv1.0")), w, "conv1.2"))
    l = conv(conv(pool(c + l), w, "lconv2.2"), w, "lconv2.3")
    c = relu(conv(relu(conv(l, w, "conv2.1")), w, "conv2.3"))
    l = conv(conv(pool(c + l), w, "lconv3.2"), w, "lconv3.3")
    c = relu(conv(relu(conv(l, w, "conv3.1")), w, "conv3.3"))
    s = c + relu(conv(c + l, w, "dconv1.1", DILATIONS[0]))
    for i, d in enumerate(DILATIONS[1:], 2):
        s = s + relu(conv(s, w, f"dconv{i}.1", d))
    x = (s @ spline(s.shape[1])).reshape(-1)
    x = relu(w["classifier.0.weight"].astype(float) @ x + w["classifier.0.bias"].astype(float))
    x = w["classifier.2.weight"].astype(float) @ x + w["classifier.2.bias"].astype(float)
    return 1 / (1 + np.exp(-x))


def profiles(sequence, w, both):
    onehot = np.array([[float(x == base) for x in sequence.upper()] for base in "ACGT"])
    p = forward(onehot, w)
    return (p + forward(onehot[::-1, ::-1], w)) / 2 if both else p


def main(out):
    w = weights()
    np.savez_compressed(os.path.join(out, "sei.npz"),
                        **{"module.model." + k: v for k, v in w.items()})
    projection = rng.standard_normal((CLASSES, TARGETS)).astype(np.float32)
    np.save(os.path.join(out, "projvec_targets.npy"), projection)
    np.save(os.path.join(out, "histone_inds.npy"), np.array(HISTONES))
    genome = "".join(rng.choice(list("ACGTacgt"), 400))
    genome = genome[:150] + "NNNN" + genome[154:]
    with open(os.path.join(out, "sei.fa"), "w") as f:
        f.write(">c\n" + genome + "\n")
    with open(os.path.join(out, "sei.fa.fai"), "w") as f:
        f.write("c\t400\t3\t400\t401\n")

    def window(position):
        return genome[position - LENGTH // 2:position + LENGTH // 2]

    def rows(position, name, allele, p):
        unit = projection / np.linalg.norm(projection.astype(float), axis=1)[:, None]
        for i, v in enumerate(p):
            yield f"c\t{position}\t{name}\tprofile:s:{i}\t{allele}\t.\t0\t0\t{v:.9g}"
        for i, v in enumerate(unit @ p):
            yield f"c\t{position}\t{name}\tclass:s:{i}\t{allele}\t.\t0\t0\t{v:.9g}"

    header = "#chrom\tpos\tid\ttrack\tallele\tstrand\tlog_count\tfirst_bin\tvalues"
    for both in (True, False):
        name = "sei.regions.tsv" if both else "sei.forward.tsv"
        lines = [header]
        with open(os.path.join(out, "sei.bed"), "w") as bed:
            for position in (64, 170, 336):
                bed.write(f"c\t{position - 1}\t{position}\n")
                lines += rows(position, ".", ".", profiles(window(position), w, both))
        with open(os.path.join(out, name), "w") as f:
            f.write("\n".join(lines) + "\n")

    lines, vcf = [header], ["##fileformat=VCFv4.2", "##contig=<ID=c,length=400>",
                            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO"]
    for position, name, n_alts in ((65, "one", 1), (201, "three", 3), (300, "two", 2)):
        ref = genome[position - 1].upper()
        alts = [x for x in "ACGT" if x != ref][:n_alts]
        vcf.append(f"c\t{position}\t{name}\t{ref}\t{','.join(alts)}\t.\t.\t.")
        p = []
        for allele in [ref] + alts:
            s = window(position)
            p.append(profiles(s[:LENGTH // 2 - 1] + allele + s[LENGTH // 2:], w, True))
        sums = [x[HISTONES].sum() for x in p]
        for allele, x, total in zip([ref] + alts, p, sums):
            x[HISTONES] *= np.mean(sums) / total
            lines += rows(position, name, allele, x)
    with open(os.path.join(out, "sei.variants.tsv"), "w") as f:
        f.write("\n".join(lines) + "\n")
    with open(os.path.join(out, "sei.vcf"), "w") as f:
        f.write("\n".join(vcf) + "\n")


main(sys.argv[1])
