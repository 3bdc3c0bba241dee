#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Streams the reference implementation's reservoir was run on: make_reservoir_reference.py FOLDER

Values are random.gauss of CPython, which the suite does not have; what the reference made of them
is in the golden file reservoir.json (keys cap40_400_gauss_seed7, two_tracks_*), and in the tables of
tests/expected as single-precision rows.
"""
import random
import sys


def write(path, rows):
    with open(path, "w") as out:
        out.write("#chrom\tpos\tref\talt\tkind\ttrack\tscore\n")
        for i, (track, value) in enumerate(rows):
            out.write(f"chr1\t{i + 1}\tA\tC\teffect\t{track}\t{value!r}\n")


def normal(seed, n):
    generator = random.Random(seed)
    return [generator.gauss(0, 1) for _ in range(n)]


folder = sys.argv[1]
write(f"{folder}/one.tsv", [("one", v) for v in normal(7, 400)])
write(f"{folder}/two.tsv", [("ab"[i % 2], v) for i, v in enumerate(normal(4242, 300))])
