#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Full-size Enformer, Borzoi and Sei with generated weights, in PyTorch (large_nets.py).

  large.py weights ORACLE DIR           writes weights, a genome and sites into DIR
  large.py time ORACLE DIR --threads N  one pass over the first site's window, or over the variants
                                        of Sei: seconds, processor seconds, layout, batch, version;
                                        predictions into DIR/expected.npy, and those in
                                        single precision into DIR/single.npy
  large.py compare ORACLE DIR TSV       predict --text against those: largest difference, values
                                        compared, how far tracks vary; exit status 1 above the goal

Sei is compared with PyTorch in double precision, because in single precision PyTorch is itself most
of the goal away from that; the differences from it in single precision are shown too.  Seconds of
Sei are those of one sequence in single precision, at the best of several batch sizes, as conv1d and
as channels-last conv2d; one pass of the others is one window, forward strand, all bins of the human
head.  Needs torch, numpy, and enformer-pytorch, borzoi-pytorch or scipy.
"""
import argparse
import os
import sys
import time

import numpy as np
import torch

from large_nets import NETWORKS

MARGIN = 2000
SITES, COMPARED = 32, 8        # of Sei; the first ones are compared
GOAL = {"enformer": 1e-4, "borzoi": 1e-4, "sei": 1e-5}


def genome(window):
    """Bases whose composition changes every kilobase or so, so that windows and bins differ."""
    rng, n, parts = np.random.RandomState(5), window + 2 * MARGIN, []
    while sum(map(len, parts)) < n:
        gc = rng.uniform(0.15, 0.85)
        parts.append(rng.choice(4, rng.randint(200, 2000),
                                p=[(1 - gc) / 2, gc / 2, gc / 2, (1 - gc) / 2]))
    return np.concatenate(parts)[:n]


def layout(oracle, net):
    """Bases, and 1-based positions of the sites, whose windows begin window / 2 bases before."""
    if oracle != "sei":
        return genome(net.window), [MARGIN + net.window // 2]
    codes = genome(SITES * net.window)
    return codes, [MARGIN + net.window // 2 + i * net.window for i in range(SITES)]


def write_sites(folder, text, positions):
    def bed(name, n):
        with open(os.path.join(folder, name), "w") as f:
            f.writelines(f"c\t{p - 1}\t{p}\n" for p in positions[:n])

    def vcf(name, n):
        with open(os.path.join(folder, name), "w") as f:
            f.write(f"##fileformat=VCFv4.2\n##contig=<ID=c,length={len(text)}>\n"
                    "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
            f.writelines(f"c\t{p}\tv\t{text[p - 1]}\t{other(text[p - 1])}\t.\t.\t.\n"
                         for p in positions[:n])

    vcf("none.vcf", 0)
    bed("sites.bed", len(positions))
    vcf("sites.vcf", len(positions))
    vcf("compared.vcf", COMPARED)


def other(base):
    return "C" if base != "C" else "G"


def write(oracle, folder):
    torch.manual_seed(7)
    net = NETWORKS[oracle]()
    codes, positions = layout(oracle, net)
    text = "".join("ACGT"[c] for c in codes)
    with open(os.path.join(folder, "genome.fa"), "w") as f:
        f.write(">c\n" + text + "\n")
    with open(os.path.join(folder, "genome.fa.fai"), "w") as f:
        f.write(f"c\t{len(text)}\t3\t{len(text)}\t{len(text) + 1}\n")
    write_sites(folder, text, positions)
    with torch.no_grad():
        if oracle == "sei":
            net.generate(np.stack([codes[p - net.read // 2:p + net.read // 2]
                                   for p in positions[-12:]]))
        else:
            first = positions[0] - net.read // 2
            net.generate(codes[first:first + net.read])
        net.save(os.path.join(folder, "part"))
    os.rename(os.path.join(folder, "part"), os.path.join(folder, net.file))


def clocked(f):
    start = time.perf_counter(), time.process_time()
    y = f()
    return time.perf_counter() - start[0], time.process_time() - start[1], y


def time_windows(net, codes, positions):
    """One pass over a window, after a part of one."""
    first = positions[0] - net.read // 2
    part = codes[first:first + net.read]
    net.warm_up(part)
    wall, cpu, y = clocked(lambda: net(part))
    return wall, cpu, "conv1d", 1, y, y


def time_sei(net, codes, positions):
    """Windows of the compared variants, both alleles, in turns: ref, alt, ref, ..."""
    windows = []
    for p in positions[:COMPARED]:
        w = codes[p - net.read // 2:p + net.read // 2].copy()
        windows.append(w)
        w = w.copy()
        w[net.read // 2 - 1] = "ACGT".index(other("ACGT"[w[net.read // 2 - 1]]))
        windows.append(w)
    windows = np.stack(windows)
    exact, single, best = net.in_double(windows), None, []
    for two_d in (False, True):
        if two_d:
            net.channels_last()
        net(windows[:1])
        for batch in (1, 4, len(windows)):
            wall, cpu, found = clocked(lambda: net(windows[:batch]))
            best.append((wall / batch, cpu / batch, "conv2d" if two_d else "conv1d", batch))
            print("%.3f s a sequence, %.3f of processors, %s, batch %d" % best[-1],
                  file=sys.stderr)
            if batch == len(windows) and not two_d:
                single = found
    return *min(best), exact, single


def run(oracle, folder, threads):
    torch.set_num_threads(threads)
    net = NETWORKS[oracle]()
    net.load(os.path.join(folder, net.file))
    codes, positions = layout(oracle, net)
    with torch.inference_mode():
        wall, cpu, form, batch, y, single = (time_sei if oracle == "sei" else time_windows)(
            net, codes, positions)
    np.save(os.path.join(folder, "expected.npy"), y.numpy())
    np.save(os.path.join(folder, "single.npy"), single.numpy())
    print(f"{wall:.4f}\t{cpu:.4f}\t{form}\t{batch}\t{torch.__version__}")


def found_windows(path):
    """predict's text by stretches: track, bin of the first value, values."""
    with open(path) as f:
        for line in f:
            if not line.startswith("#"):
                fields = line.rstrip("\n").split("\t")
                yield (int(fields[3].rsplit("/", 1)[1]), int(fields[7]),
                       np.array([float(v) for v in fields[8].split(",")]))


def found_profiles(path):
    """predict's text by variants: ref, alt, ref, ...; one value of each profile."""
    seen = {}
    with open(path) as f:
        for line in f:
            if not line.startswith("#"):
                fields = line.rstrip("\n").split("\t")
                row = seen.setdefault((fields[1], fields[4]), len(seen))
                yield row, int(fields[3].rsplit(":", 1)[1]), float(fields[8])


def compare(oracle, folder, path):
    expected = np.load(os.path.join(folder, "expected.npy"))
    worst, n = 0.0, 0
    if oracle == "sei":
        single, apart = np.load(os.path.join(folder, "single.npy")), 0.0
        for row, track, value in found_profiles(path):
            worst, n = max(worst, abs(value - float(expected[row, track]))), n + 1
            apart = max(apart, abs(value - float(single[row, track])))
        if n != expected.size:
            sys.exit(f"large.py: {n} values of {expected.size} in {path}")
        spread = (f"PyTorch in single precision is {np.abs(single - expected).max():.1e} from itself "
                  f"in double and {apart:.1e} from predict; profiles span "
                  f"{np.quantile(expected, 0.01):.2f} to {np.quantile(expected, 0.99):.2f} (1 % and "
                  "99 %), and vary between windows by "
                  f"{np.median(expected[::2].std(axis=0)):.2f} (median deviation)")
    else:
        peak = np.abs(expected).max(axis=0)
        if not peak.min() > 0:
            sys.exit("large.py: PyTorch predicts nothing for some tracks; were the weights made?")
        for track, bin0, values in found_windows(path):
            found = expected[bin0:bin0 + len(values), track]
            worst, n = max(worst, float(np.abs(values - found).max() / peak[track])), n + len(values)
        spread = "a track varies by %.0f %% of its peak, by %.0f %% (deviation; medians)" % (
            100 * np.median(np.ptp(expected, axis=0) / peak),
            100 * np.median(expected.std(axis=0) / peak))
    print(f"{worst:.1e}\t{n}\t{spread}")
    if not n or not worst <= GOAL[oracle]:
        sys.exit(f"large.py: predict and PyTorch differ by {worst:.1e}, more than {GOAL[oracle]}")


parser = argparse.ArgumentParser()
parser.add_argument("what", choices=["weights", "time", "compare"])
parser.add_argument("oracle", choices=sorted(NETWORKS))
parser.add_argument("folder")
parser.add_argument("tsv", nargs="?")
parser.add_argument("--threads", type=int, default=1)
args = parser.parse_args()
if args.what == "weights":
    write(args.oracle, args.folder)
elif args.what == "time":
    run(args.oracle, args.folder, args.threads)
else:
    compare(args.oracle, args.folder, args.tsv)
