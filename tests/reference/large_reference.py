# SPDX-License-Identifier: MIT
"""What the reference scripts of the binned oracles share: random weights, a genome, its sites, and
tables of what is predicted for them.

Sites stand at the middle of a window's reference, at index W/2 - 1: the last column of a pool of
any size when W is an even number of tokens, in the middle of a token when it is odd; on the other
strand the first.  Alleles of more bases reach over the border to the next pool, insertions and
deletions move all columns to their right.
"""
import math
import os

import numpy as np
import torch


def randomise(net, dtype=torch.float32):
    """Every parameter and stored statistic random, none its default, in what dtype can hold.

    Kernels are a little larger than would keep a signal's size, so that bins and alleles differ by
    far more than what rounding may change.
    """
    with torch.no_grad():
        for name, p in net.named_parameters():
            size, centre = 0.3, 0.0
            if p.ndim > 1 and not name.endswith("_bias"):
                size = 1.2 / math.sqrt(p[0].numel())
            elif name.endswith(".weight"):
                centre = 1.0
            p.copy_((torch.randn_like(p) * size + centre).to(dtype))
        for name, b in net.named_buffers():
            if "running_mean" in name:
                b.copy_((torch.randn_like(b) * 0.3).to(dtype))
            if "running_var" in name:
                b.copy_((torch.rand_like(b) + 0.5).to(dtype))


class Genome:
    """One contig of n random bases, the letter N among them, lower case here and there."""

    def __init__(self, n, seed, n_at=()):
        codes = np.random.RandomState(seed).randint(0, 4, n)
        codes[list(n_at)] = 4
        self.bases = "".join("ACGTN"[c] for c in codes)
        self.sites = []

    def write(self, stem):
        text = self.bases[:20] + self.bases[20:40].lower() + self.bases[40:]
        n = len(text)
        with open(stem + ".fa", "w") as f:
            f.write(f">c\n{text}\n")
        with open(stem + ".fa.fai", "w") as f:
            f.write(f"c\t{n}\t3\t{n}\t{n + 1}\n")

    def window(self, position, length, ref="", alt=""):
        """Bases of the window of a site (1-based), alt in place of ref at index length/2 - 1."""
        start, at = position - length // 2, position - 1
        assert start >= 0 and position + length // 2 <= len(self.bases)
        text = self.bases[start:at] + alt + self.bases[at + len(ref):]
        return text[:length]

    def variants(self, position):
        """An SNV; three bases, an insertion and a deletion that reach into the next column."""
        at = position - 1
        ref = self.bases[at:at + 4]
        other = {"A": "C", "C": "G", "G": "T", "T": "A"}
        assert "N" not in ref
        swapped = "".join(other[x] for x in ref)
        return [(position, ref[0], [swapped[0], ref[0] + "GAT"]),
                (position, ref[:3], [swapped[:3]]), (position, ref, [ref[0]])]


def one_hot(bases):
    return torch.tensor([[float(x == base) for x in bases] for base in "ACGT"])


def write_sites(stem, genome, regions, variants):
    """Regions of one base, which their windows are centred on; variants of genome.variants."""
    if regions:
        with open(stem + ".bed", "w") as f:
            for position in regions:
                f.write(f"c\t{position - 1}\t{position}\n")
    if not variants:
        return
    with open(stem + ".vcf", "w") as f:
        f.write(f"##fileformat=VCFv4.2\n##contig=<ID=c,length={len(genome.bases)}>\n"
                "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for i, (position, ref, alts) in enumerate(variants):
            f.write(f"c\t{position}\tv{i}\t{ref}\t{','.join(alts)}\t.\t.\t.\n")


def write_table(path, tracks, rows):
    """rows: (position, id, allele, tracks x bins)."""
    with open(path, "w") as f:
        f.write("pos\tid\ttrack\tallele\tvalues\n")
        for position, name, allele, values in rows:
            for track, x in zip(tracks, values):
                numbers = ",".join(f"{float(v):.8g}" for v in x)
                f.write(f"{position}\t{name}\t{track}\t{allele}\t{numbers}\n")


def region_rows(genome, length, regions, predict):
    """predict takes 4 x length and gives tracks x bins."""
    for position in regions:
        yield position, ".", ".", predict(one_hot(genome.window(position, length)))


def variant_rows(genome, length, variants, predict):
    for i, (position, ref, alts) in enumerate(variants):
        for allele in [ref] + alts:
            bases = genome.window(position, length, ref, allele)
            yield position, f"v{i}", allele, predict(one_hot(bases))


def path_in(out, name):
    return os.path.join(out, name)
