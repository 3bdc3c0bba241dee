#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Independent check of tests/expected/sample-*: the recipes written again with Python's random.

    samplers.py toy.fa EXPECTED_DIR

toy.fa is the genome that the first line of tests/sample-snps.tst writes.
"""
import random
import sys

AUTOSOMES = [str(i) for i in range(1, 23)]
MASK = 2**64 - 1
GAMMA = 0x9e3779b97f4a7c15


def read_fasta(path):
    seq = {}
    for line in open(path):
        if line[0] == '>':
            name = line[1:].split()[0]
            seq[name] = ''
        else:
            seq[name] += line.strip().upper()
    return seq


def others(ref):
    return [b for b in 'ACGT' if b != ref]


def classic(seq, n, margin, seed=42):
    rng, kept, rejected = random.Random(seed), [], []
    for chrom in AUTOSOMES:
        hi = min(len(seq[chrom]) - margin, 200000000)
        for _ in range(n // 22 + 1):
            if len(kept) >= n:
                break
            pos = rng.randint(margin, hi)
            ref = seq[chrom][pos - 1]
            if ref in 'ACGT':
                kept.append((chrom, pos, ref, rng.choice(others(ref))))
            else:
                rejected.append((chrom, pos))
    rng.shuffle(kept)
    return kept, rejected


def baseline(seq, n, margin, contigs=AUTOSOMES):
    rng, out = random.Random(789), []
    for chrom in contigs:
        for _ in range(n // len(contigs) + 1):
            if len(out) < n:
                out.append((chrom, rng.randint(margin, len(seq[chrom]) - margin)))
    return out


def mix(z):
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9 & MASK
    z = (z ^ z >> 27) * 0x94d049bb133111eb & MASK
    return z ^ z >> 31


class Keyed:
    def __init__(self, seed, key):
        self.state = mix(mix(seed + GAMMA & MASK) ^ key)

    def below(self, n):
        while True:
            self.state = self.state + GAMMA & MASK
            product = mix(self.state) * n
            if product & MASK >= 2**64 % n:
                return product >> 64


def uniform(seq, n, places, seed=42):
    out, seen = [], set()
    for i in range(n):
        rng = Keyed(seed, i)
        while True:
            chrom, pos0 = place = places[rng.below(len(places))]
            ref = seq[chrom][pos0]
            if place not in seen and ref in 'ACGT':
                break
        seen.add(place)
        out.append((chrom, pos0 + 1, ref, others(ref)[rng.below(3)]))
    return out


def rows(path, sep='\t'):
    return [line.rstrip('\n').split(sep) for line in open(path) if line[0] != '#']


def main():
    seq, folder, bad = read_fasta(sys.argv[1]), sys.argv[2] + '/sample-', 0
    places = [('1', p) for p in range(100, 200)] + [('2', p) for p in range(90)]

    def vcf(name):
        return [(r[0], int(r[1]), r[3], r[4]) for r in rows(folder + name)]

    def bed(name):
        return [(r[0], int(r[2])) for r in rows(folder + name)]

    for name, got, want in (
            ('snps.classic', vcf('snps.classic'), classic(seq, 40, 300)[0]),
            ('snps.rejected', [(r[0], int(r[1])) for r in rows(folder + 'snps.rejected', ' ')],
             classic(seq, 150, 300)[1]),
            ('snps.uniform', vcf('snps.uniform'), uniform(seq, 12, places)),
            ('baselines.random', bed('baselines.random'), baseline(seq, 44, 300)),
            ('baselines.contigs', bed('baselines.contigs'), baseline(seq, 5, 300, ['3', '1']))):
        print(name, 'ok' if got == want else 'DIFFERS', len(got))
        bad += got != want
    return bad != 0


sys.exit(main())
