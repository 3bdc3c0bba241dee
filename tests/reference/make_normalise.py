#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Random variants and what bcftools norm makes of them, for tests/unit/test_normalise.c.

    make_normalise.py [N] [SEED] [FOLDER]      [400 1 tests/reference/normalise]

Writes genome.fa, of contigs that are mostly repeats, some with N, and variants.tsv: for every
variant its contig, pos, REF and ALT as given, as "bcftools norm -f" has them, and, separated by
semicolons, the records (pos:REF:ALT) of "bcftools norm -m -any -f".  Needs bcftools.
"""
import os
import random
import subprocess
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
rng = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)
folder = sys.argv[3] if len(sys.argv) > 3 else os.path.join(os.path.dirname(__file__), "normalise")


def some(letters, n):
    return "".join(rng.choice(letters) for _ in range(n))


def contig(n):
    """Homopolymers, units of 2 to 6 bases repeated, N, and a few bases that are no repeat."""
    s = ""
    while len(s) < n:
        kind = rng.random()
        unit = some("ACGT", rng.randint(1, 6))
        if kind < 0.1:
            s += some("ACGT", rng.randint(1, 10))
        elif kind < 0.15:
            s += "N" * rng.randint(1, 12)
        else:
            s += unit * rng.randint(2, 30)
    return s[:n]


def alternate(ref, seq, start):
    """An insertion, a deletion, a change, or a mixture, often of what stands there anyway."""
    kind = rng.random()
    cut = rng.randint(0, len(ref))
    if kind < 0.35:
        near = seq[max(0, start - 6):start + 6].replace("N", "")
        unit = near[:rng.randint(1, 6)] if near and rng.random() < 0.8 else some("ACGT", rng.randint(1, 5))
        return ref[:cut] + unit * rng.randint(1, 3) + ref[cut:]
    if kind < 0.7:
        return ref[:cut] + ref[cut + rng.randint(1, 6):]
    if kind < 0.9:
        at = rng.randrange(len(ref))
        return ref[:at] + rng.choice("ACGT") + ref[at + 1:]
    return some("ACGT", rng.randint(1, 8))


def variants(names, seqs):
    while True:
        name = rng.choice(names)
        seq = seqs[name]
        start = rng.randrange(4) if rng.random() < 0.15 else rng.randrange(len(seq))
        ref = seq[start:start + rng.choice([1, 1, 2, 3, 5, 8, 15, 40])]
        alts = []
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            alt = alternate(ref, seq, start)
            if alt and alt != ref and alt not in alts and "N" not in alt.replace(ref, ""):
                alts.append(alt)
        if alts:
            yield name, start + 1, ref, alts


def norm(options, vcf, fasta):
    out = subprocess.run(["bcftools", "norm", "--no-version", "-f", fasta, *options, vcf],
                         check=True, capture_output=True, text=True).stdout
    records = {}
    for line in out.splitlines():
        if not line.startswith("#"):
            _, pos, key, ref, alt = line.split("\t")[:5]
            records.setdefault(int(key), []).append((pos, ref, alt))
    return records


os.makedirs(folder, exist_ok=True)
seqs = {f"chr{i}": contig(rng.choice([120, 400, 900])) for i in range(1, 9)}
fasta, vcf = os.path.join(folder, "genome.fa"), os.path.join(folder, "in.vcf")
with open(fasta, "w") as f:
    for name, seq in seqs.items():
        seq = "".join(b.lower() if rng.random() < 0.2 else b for b in seq)
        f.write(f">{name}\n" + "".join(seq[i:i + 80] + "\n" for i in range(0, len(seq), 80)))
some_variants = variants(list(seqs), seqs)
given = [next(some_variants) for _ in range(count)]
with open(vcf, "w") as f:
    f.write("##fileformat=VCFv4.2\n")
    for name, seq in seqs.items():
        f.write(f"##contig=<ID={name},length={len(seq)}>\n")
    f.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
    for i, (name, pos, ref, alts) in enumerate(given):
        f.write(f"{name}\t{pos}\t{i}\t{ref}\t{','.join(alts)}\t.\t.\t.\n")
together, apart = norm([], vcf, fasta), norm(["-m", "-any"], vcf, fasta)
with open(os.path.join(folder, "variants.tsv"), "w") as f:
    for i, (name, pos, ref, alts) in enumerate(given):
        order = apart[i]
        f.write("\t".join([name, str(pos), ref, ",".join(alts), *together[i][0],
                           ";".join(":".join(r) for r in order)]) + "\n")
os.remove(vcf)
