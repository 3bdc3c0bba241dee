# SPDX-License-Identifier: MIT
"""
How far single precision moves results: every kernel set against float64, on real variants.

  python numerics.py DATA [--cache FILE.npz] [--kernels LIST] [--write]

The networks of the two real BPNet models are run in float64 by the implementation of
make_bpnet_reference.py, on the windows of every record of DATA/annotation/snvs.vcf whose REF is the
genome's; sequences are put together here.  predict and score-effect (on PATH) run the same records
with PERTRACK_KERNELS set to each name.  Compared are

  log-counts     absolute
  logits         absolute, each allele's less their mean over both strands: softmax, and with it
                 every score, is blind to a common shift
  window sums    expected counts of a strand in the 501 central bins, S, relative to |S| + 1: FOS has
                 T = exp(C) - 2 reads on both strands together, which is near 0 for closed sites (and
                 below it for some), where a relative error has no meaning.  Scores take
                 log2((alt + 1) / (ref + 1)), with the layer's pseudocount of 1 read.
  effects        |log2FC| of each strand, absolute, as quantiles
  slots          how many places of a background of 10,000 points an effect moves; the background is
                 made of the effects of 12,000 SNPs drawn from the real pieces, both strands, as
                 predicted by the set itself (for ref, which would take hours, by the fastest)

--write puts tests/reference/numerics/table.tsv (the figures) and values.tsv (float64 values of 24
records, for tests/numerics.tst).  --cache keeps the float64 results.  Takes half an hour on two
cores, of which a third is the ref set; needs numpy and torch.
"""
import argparse
import os
import subprocess
import tempfile

import numpy as np
import torch

import make_bpnet_reference as bpnet

HERE = os.path.dirname(os.path.abspath(__file__))
LENGTH, BINS, WINDOW = 2114, 1000, 501
SETS = ["avx512", "avx512-direct", "avx2", "avx2-direct", "blas", "ref"]
FILES = {"CTCF": "weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch",
         "FOS": "weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz"}
MINUS = {"CTCF": 1.0, "FOS": 2.0}          # T = exp(C) - this
SLOTS = 10000
BUDGET = {"log_count": 1e-5, "logits": 1e-4, "sums": 1e-5}


def models(data):
    state = bpnet.torch_state(os.path.join(data, FILES["CTCF"]))
    lite = bpnet.BPNet(64, 8, 2, 0)
    lite.linear = torch.nn.Linear(state["linear.weight"].shape[1], 1)
    lite.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state.items() if v is not None})
    lite.double()
    npz = np.load(os.path.join(data, FILES["FOS"]))

    def pair(layer):
        return npz[layer + "/kernel"], npz[layer + "/bias"]

    fos = {i: pair("main_dil_conv_%d" % i) for i in range(1, 9)}
    fos.update(stem=pair("main_conv_0"), profile=pair("main_profile_head"),
               count=pair("main_counts_head"), mix=pair("profile_predictions"),
               last=pair("logcounts_predictions"))
    return {"CTCF": lite.forward, "FOS": lambda x: bpnet.run_chip(fos, x, BINS)}


def records(data):
    """(chrom, pos, ref, alt, windows of both alleles) where the FASTA carries REF."""
    fetch = bpnet.Bgzf(os.path.join(data, "genome/hg38_sparse.fa.gz")).fetch
    with open(os.path.join(data, "annotation/snvs.vcf")) as f:
        for line in f:
            if line[0] == "#":
                continue
            chrom, pos, _, ref, alt = line.split("\t")[:5]
            if set(ref + alt) - set("ACGT"):
                continue
            at = int(pos) - 1
            left = fetch(chrom, at - (LENGTH // 2 - 1), at)
            right = fetch(chrom, at, at + len(ref) + LENGTH)
            if right[:len(ref)].upper() != ref:
                continue
            yield chrom, int(pos), ref, alt, [(left + a + right[len(ref):])[:LENGTH].upper()
                                              for a in (ref, alt)]


def double(data, sites):
    """Per model: log-counts (n, 2) and logits (n, 2, 2, BINS), in float64."""
    out = {}
    for name, run in models(data).items():
        counts, logits = np.empty((len(sites), 2)), np.empty((len(sites), 2, 2, BINS))
        for i, site in enumerate(sites):
            with torch.no_grad():
                p, c = run(bpnet.onehot(site[4], torch.float64))
            counts[i], logits[i] = c.numpy(), p.numpy()
        out[name + "_counts"], out[name + "_logits"] = counts, logits
    return out


def window_sums(name, counts, logits):
    """Expected counts of each strand in the central bins: (n, 2 alleles, 2 strands)."""
    flat = logits.reshape(logits.shape[:2] + (-1,))
    p = np.exp(flat - flat.max(-1, keepdims=True))
    p *= ((np.exp(counts) - MINUS[name]) / p.sum(-1))[..., None]
    lo = (BINS - WINDOW + 1) // 2
    return p.reshape(logits.shape)[..., lo:lo + WINDOW].sum(-1)


def effects(sums):
    return np.abs(np.log2((sums[:, 1] + 1) / (sums[:, 0] + 1)))


def run(command, kernels):
    env = dict(os.environ, PERTRACK_KERNELS=kernels)
    return subprocess.run(command, shell=True, check=True, env=env,
                          stdout=subprocess.PIPE).stdout.decode()


class Suite:
    """What the programs say, by record and model."""

    def __init__(self, data, kernels, sites):
        self.kernels = kernels
        weights = " ".join("-w %s=%s" % (n, os.path.join(data, p)) for n, p in FILES.items())
        predict = "predict -q -@ %d -m bpnet %s -g %s/genome/hg38_sparse.fa.gz" % (
            os.cpu_count(), weights, data)
        vcf = os.path.join(data, "annotation/snvs.vcf")
        self.counts = {n: np.full((len(sites), 2), np.nan) for n in FILES}
        self.logits = {n: np.full((len(sites), 2, 2, BINS), np.nan) for n in FILES}
        self.sums = {n: np.full((len(sites), 2, 2), np.nan) for n in FILES}
        self.scores = {n: np.full((len(sites), 2), np.nan) for n in FILES}
        rows = lambda text: [r.split("\t") for r in text.splitlines() if r[0] != "#"]
        # A record's rows: two tracks, of each two alleles, of each two strands.
        for at, f in enumerate(rows(run("%s --raw --full --text %s" % (predict, vcf), kernels))):
            i, allele, strand = at // 8, at // 2 % 2, at % 2
            assert (f[0], int(f[1]), f[4]) == (*sites[i][:2], sites[i][2 + allele])
            self.counts[f[3]][i, allele] = float(f[6])
            self.logits[f[3]][i, allele, strand] = np.array(f[8].split(","), float)
        scored = rows(run("%s %s | score-effect -q --text" % (predict, vcf), kernels))
        for at, f in enumerate(scored):
            i, strand = at // 4, at % 2
            assert (f[0], int(f[1]), f[2], f[3], f[8]) == (*sites[i][:4], "+-"[strand])
            self.sums[f[7]][i, :, strand] = float(f[9]), float(f[10])
            self.scores[f[7]][i, strand] = abs(float(f[11]))
        for n in FILES:
            assert not np.isnan(self.logits[n]).any() and not np.isnan(self.scores[n]).any()
        drawn = run("sample-snps -q --recipe uniform --within %s/genome/pieces.bed -g "
                    "%s/genome/hg38_sparse.fa.gz -n 12000 -s 1 | %s | score-effect -q --text" % (
                        data, data, predict), "" if kernels == "ref" else kernels)
        values = {n: [] for n in FILES}
        for f in rows(drawn):
            values[f[7]].append(abs(float(f[11])))
        # As cdf-pack makes a row of more values than slots.
        self.row = {}
        for n, v in values.items():
            v = np.sort(np.array(v))
            at = (np.arange(SLOTS) * ((len(v) - 1) / (SLOTS - 1))).astype(int)
            at[-1] = len(v) - 1
            self.row[n] = v[at].astype(np.float32).astype(np.float64)


def compare(name, suite, exact):
    """One line of figures."""
    counts, logits = exact[name + "_counts"], exact[name + "_logits"]
    sums = window_sums(name, counts, logits)
    truth, found = effects(sums), suite.scores[name]
    centre = lambda z: z - z.mean((2, 3), keepdims=True)
    moved = np.abs(np.searchsorted(suite.row[name], truth, "right") -
                   np.searchsorted(suite.row[name], found, "right"))
    e = np.abs(truth - found)
    return [
        ("model", name), ("kernels", suite.kernels), ("effects", "%d" % e.size),
        ("log_count", "%.1e" % np.abs(counts - suite.counts[name]).max()),
        ("logits", "%.1e" % np.abs(centre(logits) - centre(suite.logits[name])).max()),
        ("sums", "%.1e" % (np.abs(sums - suite.sums[name]) / (np.abs(sums) + 1)).max()),
        ("effect_median", "%.1e" % np.median(e)),
        ("effect_99", "%.1e" % np.quantile(e, 0.99)),
        ("effect_max", "%.1e" % e.max()),
        ("within_one_slot", "%.4f" % (moved <= 1).mean()),
        ("most_slots", "%d" % moved.max()),
    ]


def write_values(sites, exact, path):
    """Every 61st record: float64 log-counts, sums and effects of both models."""
    with open(path, "w") as f:
        f.write("#chrom\tpos\tref\talt\ttrack\tpart\tref_count\talt_count\tref_value\talt_value\t"
                "score\n")
        for i in range(0, len(sites), 61):
            for n in FILES:
                c = exact[n + "_counts"][i]
                sums = window_sums(n, exact[n + "_counts"][i:i + 1], exact[n + "_logits"][i:i + 1])
                for s in range(2):
                    f.write("%s\t%d\t%s\t%s\t%s\t%s\t%.9f\t%.9f\t%.9f\t%.9f\t%.9f\n" % (
                        *sites[i][:4], n, "+-"[s], c[0], c[1], sums[0, 0, s], sums[0, 1, s],
                        effects(sums)[0, s]))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("data")
    p.add_argument("--cache")
    p.add_argument("--kernels", default=",".join(SETS))
    p.add_argument("--write", action="store_true")
    o = p.parse_args()
    torch.set_num_threads(1)
    sites = list(records(o.data))
    if o.cache and os.path.exists(o.cache):
        exact = np.load(o.cache)
    else:
        exact = double(o.data, sites)
        if o.cache:
            np.savez(o.cache, **exact)
    out = os.path.join(HERE, "numerics")
    lines, failed = [], False
    for kernels in o.kernels.split(","):
        try:
            suite = Suite(o.data, kernels, sites)
        except subprocess.CalledProcessError:
            print("%s does not run here" % kernels)
            continue
        for n in FILES:
            row = compare(n, suite, exact)
            if not lines:
                lines.append("\t".join(k for k, _ in row))
                print(lines[0], flush=True)
            lines.append("\t".join(v for _, v in row))
            print(lines[-1], flush=True)
            figures = dict(row)
            failed |= any(float(figures[k]) > b for k, b in BUDGET.items())
            failed |= float(figures["within_one_slot"]) < 0.999
    if o.write:
        os.makedirs(out, exist_ok=True)
        with open(os.path.join(out, "table.tsv"), "w") as f:
            f.write("\n".join(lines) + "\n")
        write_values(sites, exact, os.path.join(out, "values.tsv"))
    print("budget %s" % ("missed" if failed else "met"))


if __name__ == "__main__":
    main()
