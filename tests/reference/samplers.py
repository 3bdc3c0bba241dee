#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Independent check of tests/expected/sample-*: the recipes written again with Python's random.

    samplers.py toy.fa loci.fa DATA_DIR EXPECTED_DIR

toy.fa is the genome that the first line of tests/sample-snps.tst writes, loci.fa the output of
tests/scripts/make-loci, DATA_DIR is tests/data/sample, EXPECTED_DIR tests/expected.
"""
import math
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


# Recipes from annotation, on the genome of make-loci.

SHARES = [('PLS', .22), ('dELS', .28), ('pELS', .15), ('CA-CTCF', .10), ('CA-H3K4me3', .08),
          ('CA-TF', .07), ('CA', .06), ('TF', .04)]
BASELINE = [('PLS', 3000), ('dELS', 2500), ('pELS', 1500), ('CA-CTCF', 1500), ('CA-TF', 1000),
            ('TF', 500), ('CA-H3K4me3', 1000), ('CA', 500)]
PERCENT = [26, 22, 13, 13, 9, 4, 9, 4]
UNIFIED = [('tss_near', .10), ('tss_far', .10), ('junction', .165), ('gene_body', .06),
           ('random', .075), ('ccre', .50)]
PROMOTER = [('tss_promoter', .40), ('ccre_pls', .30), ('ccre_pels', .15), ('random', .15)]
RANK = {'chr1': 1, 'chr2': 2, 'chr3': 3, 'chrX': 23}


class Annotation:
    """Files of tests/data/sample; genes sorted by chromosome, start and place in the file."""

    def __init__(self, folder, chroms=None):
        table = [r for r in rows(folder + '/genes.gtf') if not chroms or r[0] in chroms]
        table.sort(key=lambda r: (RANK.get(r[0], 100), int(r[3])))
        self.genes, self.exons = [], []
        for r in table:
            tag = dict(t.strip().split(' ', 1) for t in r[8].split(';') if t.strip())
            record = dict(chrom=r[0], start=int(r[3]), end=int(r[4]), plus=r[6] == '+',
                          name=tag['gene_name'].strip('"'), type=tag['gene_type'].strip('"'))
            {'gene': self.genes, 'exon': self.exons}.get(r[2], []).append(record)
        self.genes = [g for g in self.genes if g['type'] == 'protein_coding']
        names = {g['name'] for g in self.genes}
        self.exons = [x for x in self.exons if x['name'] in names]
        self.ccre = [r for r in rows(folder + '/ccre.bed') if r[0] in (chroms or RANK)]
        dhs = [r for r in rows(folder + '/dhs.tsv')][1:]
        self.dhs = [(r[0], int(r[6]), float(r[4]), int(r[5])) for r in dhs
                    if r[0] in (chroms or list(RANK)[:3])]

    def tss(self):
        return [(g['chrom'], g['start'] if g['plus'] else g['end']) for g in self.genes]

    def centres(self, quota, seed):
        rng, out = random.Random(seed), []
        for kind, n in quota:
            of_kind = [(r[0], (int(r[1]) + int(r[2])) // 2) for r in self.ccre if r[5] == kind]
            out += rng.sample(of_kind, min(n, len(of_kind)))
        rng.shuffle(out)
        return out

    def summits(self, n, seed, table=None):
        table = self.dhs if table is None else table
        return [s[:2] for s in random.Random(seed).sample(table, min(n, len(table)))]

    def by_name(self, n, seed, place, longer=-1):
        first = {}
        for g, at in zip(self.genes, place):
            if g['end'] - g['start'] > longer:
                first.setdefault(g['name'], at)
        out = [first[k] for k in sorted(first)]
        return random.Random(seed).sample(out, n) if len(out) > n else out


def positions(ann, seq, strata, n, seed, margin, by_name=True):
    usable = [c for c in seq if any(g['chrom'] == c for g in ann.genes) and
              len(seq[c]) > 2 * margin]

    def inside(at):
        return at[0] in usable and margin <= at[1] <= len(seq[at[0]]) - margin
    tss = [t for t in ann.tss() if inside(t)]
    ends = [t for k in ('start', 'end') for t in ((x['chrom'], x[k]) for x in ann.exons)
            if inside(t)]
    bodies = [g for g in ann.genes if inside((g['chrom'], g['start'])) and
              inside((g['chrom'], g['end']))]
    rng, pool, share = random.Random(seed), {}, dict(strata)
    quotas = {'ccre': lambda k: [(c, max(1, round(k * w * 2.0))) for c, w in SHARES],
              'ccre_pls': lambda k: [('PLS', max(1, 2 * k))],
              'ccre_pels': lambda k: [('pELS', max(1, 2 * k))]}
    for name, quota in quotas.items():
        if share.get(name):
            pool[name] = [c for c in ann.centres(quota(round(n * share[name])), seed) if inside(c)]
            rng.shuffle(pool[name])
    if share.get('dhs'):
        pool['dhs'] = [c for c in ann.summits(max(1, 2 * round(n * share['dhs'])), seed)
                       if inside(c)]
        rng.shuffle(pool['dhs'])
    order = sorted(usable) if by_name else usable
    out = []
    for name, fraction in strata:
        for i in range(round(n * fraction)):
            if name in pool:
                c, p = pool[name][i % len(pool[name])]
                p += rng.randint(-150, 150) if name == 'dhs' else 0
            elif name in ('tss_near', 'tss_promoter'):
                c, p = rng.choice(tss)
                p += rng.randint(-1000, 1000) if name == 'tss_near' else rng.randint(-250, 250)
            elif name == 'tss_far':
                c, p = rng.choice(tss)
                d = rng.randint(1000, 10000)
                p += d if rng.random() < .5 else -d
            elif name == 'junction':
                c, p = rng.choice(ends)
                p += rng.randint(-100, 100)
            elif name == 'gene_body':
                g = rng.choice(bodies)
                c, p = g['chrom'], rng.randint(g['start'], g['end'])
            else:
                c = rng.choice(order)
                p = rng.randint(margin, len(seq[c]) - margin)
            out.append((c, min(max(p, margin), len(seq[c]) - margin), name))
    rng.shuffle(out)
    return out


def with_alleles(seq, places, seed, shuffle=False):
    rng, out = random.Random(seed), []
    for c, p, name in places:
        ref = seq[c][p - 1]
        if ref in 'ACGT':
            out.append((c, p, ref, rng.choice(others(ref)), name))
    if shuffle:
        rng.shuffle(out)
    return out


def ccre_anchored(ann, seq, n, seed, margin):
    quota = [(c, max(1, round(n * w * 1.4))) for c, w in SHARES]
    out = [(c, p, 'ccre') for c, p in ann.centres(quota, seed)
           if len(seq[c]) > 2 * margin and margin <= p <= len(seq[c]) - margin]
    random.Random(seed).shuffle(out)
    return out[:n]


def accessibility(ann, seq, n, margin, chroms):
    rng, out = random.Random(42), []
    for c in chroms:
        for _ in range(n // len(chroms) + 1):
            if len(out) < n:
                p = rng.randint(margin, min(len(seq[c]) - margin, 200000000))
                if seq[c][p - 1] in 'ACGT':
                    ref = seq[c][p - 1]
                    out.append((c, p, ref, rng.choice(others(ref)), 'random'))
    rng.shuffle(out)
    rng = random.Random(44)
    for c, p in ann.summits(n, 43):
        p += rng.randint(-150, 150)
        if margin <= p <= len(seq[c]) - margin and seq[c][p - 1] in 'ACGT':
            out.append((c, p, seq[c][p - 1], rng.choice(others(seq[c][p - 1])), 'dhs'))
    return out


def whole_baseline(ann, seq, n, quota, chroms, margin, own_shuffle=None):
    """n: sites of random, tss, gene_body, dhs."""
    rng, out = random.Random(789), []
    for c in chroms:
        for _ in range(n['random'] // len(chroms) + 1):
            if len(out) < n['random']:
                out.append((c, rng.randint(margin, len(seq[c]) - margin), 'random'))
    middle = [(g['chrom'], (g['start'] + g['end']) // 2) for g in ann.genes]
    out += [(c, p, 'ccre') for c, p in ann.centres(quota, 456)]
    out += [(c, p, 'tss') for c, p in ann.by_name(n['tss'], 111, ann.tss())]
    if 'gene_body' in n:
        out += [(c, p, 'gene_body') for c, p in ann.by_name(n['gene_body'], 222, middle, 10000)]
    if 'dhs' in n:
        out += [(c, p, 'dhs') for c, p in ann.summits(n['dhs'], 567)]
    (random.Random(own_shuffle) if own_shuffle else rng).shuffle(out)
    return out


def quantile(values, q):
    values = sorted(values)
    at = (len(values) - 1) * q
    low = math.floor(at)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (at - low)


def filtered(ann):
    table = [s for s in ann.dhs if 100 <= s[3] <= 600]
    bound = quantile([s[2] for s in table], .2)
    table = [s for s in table if s[2] >= bound]
    bound = quantile([s[2] for s in table], .9)
    return [s + ('dhs',) for s in ann.summits(10, 567, [s for s in table if s[2] <= bound])]


def proportional(n, parts):
    total, before, out = sum(parts), 0, []
    for part in parts:
        out.append(n * (before + part) // total - n * before // total)
        before += part
    return out


def annotation_cases(loci, data):
    some = ['chr1', 'chr2', 'chr3']
    whole, part = Annotation(data), Annotation(data, some)
    n = dict(zip(('random', 'ccre', 'tss', 'dhs'), proportional(100, [15000, 11500, 3000, 5000])))
    quota = list(zip([c for c, _ in BASELINE], proportional(n['ccre'], [k for _, k in BASELINE])))
    percent = [(c, p) for (c, _), p in zip(BASELINE, PERCENT)]
    few = {'random': 60, 'tss': 9, 'gene_body': 5}
    dhs = [('dhs', .5), ('gene_body', .25), ('random', .25)]
    promoter = positions(whole, loci, PROMOTER, 200, 42, 1000, False)
    return {
        'unified': with_alleles(loci, positions(whole, loci, UNIFIED, 200, 42, 1000), 42),
        'unified-dhs': with_alleles(loci, positions(whole, loci, dhs, 100, 7, 1000), 7),
        'promoter': with_alleles(loci, promoter, 42),
        'promoter-legnet': with_alleles(loci, promoter, 42, True),
        'ccre-anchored': with_alleles(loci, ccre_anchored(whole, loci, 50, 42, 1000), 42),
        'accessibility': accessibility(part, loci, 50, 1000, some),
        'baseline-31500': whole_baseline(part, loci, few, [('PLS', 6), ('CA', 4), ('TF', 100)],
                                         some, 1000),
        'baseline-34500': whole_baseline(part, loci, n, quota, some, 1000),
        'baseline-epi': whole_baseline(part, loci, n, quota, some, 1000, 2026),
        'baseline-ag': whole_baseline(part, loci, few, percent, some, 1000),
        'dhs-filtered': [(c, p, 'dhs') for c, p, _ in filtered(whole)],
    }


def main():
    seq, folder, bad = read_fasta(sys.argv[1]), sys.argv[4] + '/sample-', 0
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
    for name, want in annotation_cases(read_fasta(sys.argv[2]), sys.argv[3]).items():
        got = [tuple(r) for r in rows(folder + 'recipes.' + name)]
        want = [tuple(map(str, r)) for r in want]
        print(name, 'ok' if got == want else 'DIFFERS', len(got))
        bad += got != want
    return bad != 0


sys.exit(main())
