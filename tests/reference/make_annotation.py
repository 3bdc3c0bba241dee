#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tests/data/sample/{genes.gtf,ccre.bed,dhs.tsv}: made-up annotation of the genome that
tests/sample-recipes.tst generates (chr1 90 kb, chr2 60 kb, chr3 50 kb, chrX 40 kb, chrUn 30 kb).

    make_annotation.py tests/data/sample
"""
import random
import sys

LENGTHS = {'chr1': 90000, 'chr2': 60000, 'chr3': 50000, 'chrX': 40000, 'chrUn': 30000}
CLASSES = ['PLS', 'dELS', 'pELS', 'CA-CTCF', 'CA-TF', 'TF', 'CA-H3K4me3', 'CA']
rng = random.Random(1)


def genes():
    rows = []
    for i in range(26):
        chrom = rng.choice(['chr1'] * 4 + ['chr2', 'chr2', 'chr3', 'chr3', 'chrX', 'chrUn'])
        start = rng.randint(1, LENGTHS[chrom] - 26000) if i % 3 else rng.randint(1, 3000)
        end = start + rng.choice([300, 4000, 12000, 25000])
        kind = 'lncRNA' if i % 6 == 5 else 'protein_coding'
        name = 'TWIN' if i in (3, 9, 11) else f'G{26 - i:02d}'
        rows.append((chrom, start, min(end, LENGTHS[chrom]), rng.choice('+-'), name, kind, i))
    # The order of the file is not that of the sorted table.
    rng.shuffle(rows)
    return rows


def write_gtf(path):
    with open(path, 'w') as out:
        out.write('##description: made-up genes\n')
        for chrom, start, end, strand, name, kind, i in genes():
            tags = f'gene_id "E{i:03d}.1"; gene_type "{kind}"; gene_name "{name}"; level 2;'
            tags += ' tag "one"; tag "two";'

            def line(feature, s, e, more=''):
                out.write(f'{chrom}\tMADE\t{feature}\t{s}\t{e}\t.\t{strand}\t.\t{tags}{more}\n')
            line('gene', start, end)
            for t in range(2):
                line('transcript', start, end, f' transcript_id "T{i}.{t}";')
                for k in range(1 + (i + t) % 3):
                    s = start + (end - start) * k // 4
                    line('exon', s, min(end, s + 60 + 7 * k), f' exon_number {k + 1};')


def write_ccre(path):
    rows = []
    for i in range(150):
        chrom = rng.choice(list(LENGTHS))
        start = rng.randint(0, LENGTHS[chrom] - 400)
        rows.append((chrom, start, start + rng.randint(150, 349), rng.choice(CLASSES)))
    with open(path, 'w') as out:
        for i, (chrom, start, end, kind) in enumerate(sorted(rows)):
            out.write(f'{chrom}\t{start}\t{end}\tD{i:03d}\tE{i:03d}\t{kind}\n')


def write_dhs(path):
    with open(path, 'w') as out:
        out.write('seqname\tstart\tend\tidentifier\tmean_signal\tnumsamples\tsummit\tcomponent\n')
        for i in range(80):
            chrom = rng.choice(['chr1', 'chr2', 'chr3', 'chrX'])
            start = rng.randint(0, LENGTHS[chrom] - 300)
            out.write(f'{chrom}\t{start}\t{start + 200}\t{i}.1\t{rng.uniform(0, 3):.6f}\t'
                      f'{rng.randint(1, 700)}\t{start + rng.randint(20, 180)}\tNeural\n')


write_gtf(sys.argv[1] + '/genes.gtf')
write_ccre(sys.argv[1] + '/ccre.bed')
write_dhs(sys.argv[1] + '/dhs.tsv')
