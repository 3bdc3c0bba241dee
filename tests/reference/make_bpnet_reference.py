# SPDX-License-Identifier: MIT
"""
Reference values of the BPNet family, by an implementation of its own in PyTorch (float64).

  python make_bpnet_reference.py            write tests/reference/bpnet/*
  python make_bpnet_reference.py --check    also float32, and what mkweights' files hold ($B is the
                                            build directory)
  python make_bpnet_reference.py --real DIR compare with the published values of the real data

Keras models are given by the formula of tests/helpers/mkweights.c, restated here in numpy, and run
as valid convolutions.  bpnet-lite models are made here, saved by torch, and run in their original
padded form.  Sequences of alternate alleles are put together here from the FASTA, without the
suite's code.  A table of expected values has the columns of `predict --raw --full --text`, with
logits instead of values: all of them for small models, every 50th for large ones, and their sum.
Needs numpy and torch; --check and --real need h5py as well.
"""
import collections
import gzip
import io
import os
import subprocess
import sys
import tempfile
import types
import zipfile

import numpy as np
import torch
import torch.nn.functional as F

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "bpnet")
M64 = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15


# ---- values by formula ----

def mix(x):
    """Finaliser of splitmix64 on a uint64 array."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def uniform(seed, stream, n):
    """n doubles in [0, 1) with 24 bits, element e of stream t."""
    with np.errstate(over="ignore"):
        key = mix(np.array([(seed + GOLDEN * (stream + 1)) & M64], np.uint64))[0]
        e = np.arange(1, n + 1, dtype=np.uint64)
        return (mix(key + np.uint64(GOLDEN) * e) >> np.uint64(40)).astype(np.float64) / 2**24


def around(u, centre, amplitude):
    return (centre + (2 * u - 1) * amplitude).astype(np.float32)


class Formula:
    """Tensors in the order mkweights writes them."""

    def __init__(self, seed):
        self.seed, self.t = seed, 0

    def layer(self, shape, gain, fan_in, centre=0.0, amplitude=0.1):
        """Kernel and bias of one layer, Keras layout."""
        k = uniform(self.seed, self.t, int(np.prod(shape)))
        b = uniform(self.seed, self.t + 1, shape[-1])
        self.t += 2
        return (around(k, 0.0, gain * np.sqrt(3.0 / fan_in)).reshape(shape),
                around(b, centre, amplitude))


def chrombpnet_weights(f, acc, filters, layers):
    w = {"stem": f.layer((21, 4, filters), 1, 21)}
    for i in range(1, layers + 1):
        w[i] = f.layer((3, filters, filters), 0.5, 3 * filters)
    w["profile"] = f.layer((75, filters, 1), 1, 75 * filters)
    w["count"] = f.layer((filters, 1), 0.3, filters, 4 if acc else 2, 0.5)
    return w


def chip_weights(f, filters, layers):
    """The order of the layers in the file: heads come before the last mixing layers."""
    w = {"stem": f.layer((21, 4, filters), 1, 21)}
    for i in range(1, layers + 1):
        w[i] = f.layer((3, filters, filters), 0.8, 3 * filters)
    w["profile"] = f.layer((75, filters, 2), 1, 75 * filters)
    w["count"] = f.layer((filters, 1), 0.3, filters, 3, 0.5)
    w["mix"] = f.layer((1, 4, 2), 1, 4)
    w["last"] = f.layer((2, 1), 0.8, 2, 3, 0.5)
    return w


# ---- networks, valid form ----

def conv(x, kb, dilation=1):
    """Keras kernel (k, in, out) on a torch batch (n, in, length)."""
    k, b = (torch.as_tensor(np.asarray(t), dtype=x.dtype) for t in kb)
    return F.conv1d(x, k.permute(2, 1, 0).contiguous(), b, dilation=dilation)


def trim(x, n):
    return x[..., n:x.shape[-1] - n]


def dense(x, kb):
    k, b = (torch.as_tensor(np.asarray(t), dtype=x.dtype) for t in kb)
    return x @ k + b


def layers_of(w):
    return sorted(k for k in w if isinstance(k, int))


def run_chrombpnet(w, x, out):
    x = F.relu(conv(x, w["stem"]))
    for i in layers_of(w):
        x = trim(x, 2**i) + F.relu(conv(x, w[i], 2**i))
    p = conv(x, w["profile"])
    return trim(p, (p.shape[-1] - out) // 2), dense(x.mean(-1), w["count"])[:, 0]


def run_composed(acc, bias, x, out):
    (pa, ca), (pb, cb) = run_chrombpnet(acc, x, out), run_chrombpnet(bias, x, out)
    return pa + pb, torch.logaddexp(ca, cb)


def run_chip(w, x, out):
    """With its control inputs present, of the declared shapes, and zero."""
    x = conv(x, w["stem"])
    for i in layers_of(w):
        x = trim(x, 2**i) + conv(F.relu(x), w[i], 2**i)
    h = F.relu(x)
    p = conv(h, w["profile"])
    p = trim(p, (p.shape[-1] - out) // 2)
    p = conv(torch.cat([p, torch.zeros_like(p)], 1), w["mix"])
    control = torch.logsumexp(torch.zeros((len(x), 2), dtype=x.dtype), 1, keepdim=True)
    c = torch.cat([dense(h.mean(-1), w["count"]), control], 1)
    return p, dense(c, w["last"])[:, 0]


# ---- bpnet-lite: padded, as torch modules under the original's names ----

class BPNet(torch.nn.Module):
    """Facts of jmschrei/bpnet-lite restated: names, padding, trimming, residual, count term."""
    pre_activation, pseudocount = False, 1

    def __init__(self, n_filters, n_layers, n_outputs, n_control_tracks, trimming=None,
                 head_bias=True):
        super().__init__()
        nn = torch.nn
        self.n_filters, self.n_layers, self.n_outputs = n_filters, n_layers, n_outputs
        self.n_control_tracks = n_control_tracks
        self.trimming = trimming or self.default_trimming(n_layers)
        self.iconv = nn.Conv1d(4, n_filters, 21, padding=10)
        self.irelu = nn.ReLU()
        self.rconvs = nn.ModuleList(nn.Conv1d(n_filters, n_filters, 3, padding=2**i, dilation=2**i)
                                    for i in range(1, n_layers + 1))
        self.rrelus = nn.ModuleList(nn.ReLU() for _ in range(n_layers))
        self.fconv = nn.Conv1d(n_filters + n_control_tracks, n_outputs, 75, padding=37,
                               bias=head_bias)
        self.linear = nn.Linear(n_filters + (n_control_tracks > 0), 1, bias=head_bias)

    @staticmethod
    def default_trimming(n_layers):
        return 47 + sum(2**i for i in range(1, n_layers + 1))

    def forward(self, x):
        lo, hi = self.trimming, x.shape[-1] - self.trimming
        control = torch.zeros((len(x), self.n_control_tracks, x.shape[-1]), dtype=x.dtype)
        x = self.iconv(x)
        if not self.pre_activation:
            x = F.relu(x)
        for c in self.rconvs:
            x = x + (c(F.relu(x)) if self.pre_activation else F.relu(c(x)))
        if self.pre_activation:
            x = F.relu(x)
        profile = self.fconv(torch.cat([x, control], 1))[:, :, lo:hi]
        pooled = x[:, :, lo - 37:hi + 37].mean(-1)
        if self.n_control_tracks:
            reads = control.sum((1, 2), keepdim=False)[:, None]
            pooled = torch.cat([pooled, torch.log(reads + self.pseudocount)], 1)
        return profile, self.linear(pooled)[:, 0]


class BasePairNet(BPNet):
    pre_activation, pseudocount = True, 2

    @staticmethod
    def default_trimming(n_layers):
        return 2**n_layers


class ChromBPNet(torch.nn.Module):
    def __init__(self, bias, accessibility):
        super().__init__()
        self.bias, self.accessibility = bias, accessibility

    def forward(self, x):
        (pa, ca), (pb, cb) = self.accessibility(x), self.bias(x)
        return pa + trim(pb, (pb.shape[-1] - pa.shape[-1]) // 2), torch.logaddexp(ca, cb)


def set_by_formula(module, seed):
    """All parameters of a module, in the order of its state_dict."""
    for t, (name, p) in enumerate(module.state_dict().items()):
        u = uniform(seed, t, p.numel()).reshape(tuple(p.shape))
        if name.endswith("linear.bias"):
            v = around(u, 3, 0.5)
        elif name.endswith("bias"):
            v = around(u, 0, 0.1)
        else:
            fan_in = 21 if "iconv" in name else p[0].numel()
            v = around(u, 0, (0.5 if "rconvs" in name else 1) * np.sqrt(3.0 / fan_in))
        p.copy_(torch.from_numpy(v))
    return module


def lite_models():
    """name, module, what is saved: a state dictionary or the module itself."""
    deep, short = (2114 - 1000) // 2, None
    return [
        ("lite_state", set_by_formula(BPNet(3, 8, 2, 0), 31), "state"),
        ("lite_control", set_by_formula(BPNet(5, 3, 1, 2, short, head_bias=False), 32), "module"),
        ("lite_trimmed", set_by_formula(BPNet(5, 2, 2, 0, deep), 33), "module"),
        ("lite_basepair", set_by_formula(BasePairNet(5, 2, 2, 2, deep), 34), "module"),
        ("lite_basepair_state", set_by_formula(BasePairNet(3, 8, 2, 2, deep), 35), "state"),
        ("lite_chrombpnet", set_by_formula(
            ChromBPNet(BPNet(3, 4, 1, 0), BPNet(3, 8, 1, 0)), 36), "state"),
        ("lite_chrombpnet_module", set_by_formula(
            ChromBPNet(BPNet(3, 2, 1, 0), BPNet(4, 3, 1, 0)), 37), "module"),
    ]


def stand_in_modules():
    """So that pickles name the classes as the original's do."""
    for module, classes in (("bpnet", [BPNet, BasePairNet]), ("chrombpnet", [ChromBPNet])):
        m = types.ModuleType("bpnetlite." + module)
        for c in classes:
            setattr(m, c.__name__, c)
            c.__module__ = m.__name__
        sys.modules["bpnetlite"] = types.ModuleType("bpnetlite")
        sys.modules[m.__name__] = m


def save_torch(path, module, how):
    """By way of memory: torch names the folder inside the zip after the file."""
    buffer = io.BytesIO()
    torch.save(module.state_dict() if how == "state" else module, buffer)
    with open(path, "wb") as f:
        f.write(buffer.getvalue())


# ---- genome and sites ----

def make_genome():
    """
    Two contigs.  Composition drifts along them, so that windows differ in their counts; chr1 has a
    run of N, another letter that counts as none of the four, and lower case.
    """
    contigs = {}
    for c, (name, n) in enumerate((("chr1", 5200), ("chr2", 2600))):
        u, at = uniform(7, c, n), np.arange(n)
        gc = 0.5 + 0.35 * np.sin(at / 400.0)
        letters = np.where(u < gc / 2, "C", np.where(u < gc, "G", np.where(u < gc + (1 - gc) / 2,
                                                                          "A", "T")))
        if name == "chr1":
            letters[1500:1560] = "N"
            letters[2222] = "R"
            letters[3000:3300] = np.char.lower(letters[3000:3300])
        else:
            letters = np.char.lower(letters)
        contigs[name] = "".join(letters)
    return contigs


def read_fasta(path):
    contigs, name = collections.OrderedDict(), None
    with open(path) as f:
        for line in f:
            if line[0] == ">":
                name = line[1:].split()[0]
                contigs[name] = []
            else:
                contigs[name].append(line.strip())
    return {k: "".join(v) for k, v in contigs.items()}


def write_fasta(path, contigs, width=80):
    with open(path, "w") as f, open(path + ".fai", "w") as index:
        at = 0
        for name, s in contigs.items():
            head = ">%s\n" % name
            index.write("%s\t%d\t%d\t%d\t%d\n" % (name, len(s), at + len(head), width, width + 1))
            lines = "".join(s[i:i + width] + "\n" for i in range(0, len(s), width))
            f.write(head + lines)
            at += len(head) + len(lines)


REGIONS = [("chr1", 1500, 2500), ("chr1", 2000, 4114), ("chr2", 1100, 1401)]
FEW_REGIONS = REGIONS[1:2]

# Position (1-based), ID, length of REF, ALT; "~" stands for a base other than the genome's.
VARIANTS = [
    ("chr1", 1700, "snv", 1, ["~"]),
    ("chr1", 2400, "mnv", 3, ["~~~"]),
    ("chr1", 3100, "ins", 1, ["^ACGTTGCA"]),
    ("chr1", 3300, "del", 6, ["^"]),
    ("chr1", 3700, "multi", 2, ["~~", "^", "^TTTTACCCAGG", "GATTACA"]),
    ("chr2", 1300, "indel", 12, ["CGCG"]),
]
FEW_VARIANTS = [VARIANTS[0], VARIANTS[4]]


def spell(alt, ref):
    """~ is the next base in ACGT order, ^ is REF's anchor base."""
    out = ""
    for i, c in enumerate(alt):
        out += "ACGT"[("ACGT".index(ref[i]) + 1) % 4] if c == "~" else ref[0] if c == "^" else c
    return out


def region_sites(regions, genome, length):
    """(chrom, 1-based position, id, [(allele, sequence)])"""
    for chrom, start, end in regions:
        c0 = start + (end - start - 1) // 2
        lo = c0 + 1 - length // 2
        yield chrom, c0 + 1, ".", [(".", genome[chrom][lo:lo + length])]


def variant_sites(variants, genome, length):
    """The base at the position stands at length/2 - 1; the right flank follows REF."""
    for chrom, pos, name, n_ref, alts in variants:
        g = genome[chrom]
        ref = g[pos - 1:pos - 1 + n_ref].upper()
        left = g[pos - length // 2:pos - 1]
        right = g[pos - 1 + n_ref:]
        alleles = [ref] + [spell(a, ref) for a in alts]
        yield chrom, pos, name, [(a, (left + a + right)[:length]) for a in alleles]


def write_sites(genome):
    def bed(name, regions):
        with open(os.path.join(OUT, name), "w") as f:
            for i, (chrom, start, end) in enumerate(regions):
                f.write("%s\t%d\t%d\tregion%d\n" % (chrom, start, end, i))

    def vcf(name, variants):
        with open(os.path.join(OUT, name), "w") as f:
            f.write("##fileformat=VCFv4.2\n")
            for chrom in genome:
                f.write("##contig=<ID=%s,length=%d>\n" % (chrom, len(genome[chrom])))
            f.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
            for chrom, pos, ident, alleles in variant_sites(variants, genome, 200):
                names = [a for a, _ in alleles]
                f.write("%s\t%d\t%s\t%s\t%s\t.\t.\t.\n" % (chrom, pos, ident, names[0],
                                                        ",".join(names[1:])))

    bed("all.bed", REGIONS)
    bed("few.bed", FEW_REGIONS)
    vcf("all.vcf", VARIANTS)
    vcf("few.vcf", FEW_VARIANTS)


def onehot(seqs, dtype):
    """(n, 4, length); letters other than ACGT are columns of zeros."""
    x = np.zeros((len(seqs), 4, len(seqs[0])))
    for i, s in enumerate(seqs):
        a = np.frombuffer(s.upper().encode(), np.uint8)
        for c, letter in enumerate(b"ACGT"):
            x[i, c] = a == letter
    return torch.as_tensor(x, dtype=dtype)


# ---- tables ----

def predictions(run, sites, dtype):
    for chrom, pos, ident, alleles in sites:
        with torch.no_grad():
            logits, counts = run(onehot([s for _, s in alleles], dtype))
        for (allele, _), z, c in zip(alleles, logits.double().numpy(), counts.double().numpy()):
            for strand in range(len(z)):
                yield (chrom, pos, ident, allele, "." if len(z) == 1 else "+-"[strand], c,
                       z[strand])


def write_table(name, run, sites, every):
    with open(os.path.join(OUT, name + ".tsv"), "w") as f:
        f.write("#chrom\tpos\tid\ttrack\tallele\tstrand\tlog_count\tfirst_bin\tlogits\tsum\n")
        for chrom, pos, ident, allele, strand, c, z in predictions(run, sites, torch.float64):
            f.write("%s\t%d\t%s\tm\t%s\t%s\t%.7f\t0\t%s\t%.5f\n" % (
                chrom, pos, ident, allele, strand, c, ",".join("%.5f" % v for v in z[::every]),
                z.sum()))


Case = collections.namedtuple("Case", "name kind args length out run regions variants every")


def keras_cases():
    """Geometry of each file; the rows of tests/reference.tst give mkweights the same."""
    def nobias(name, seed, filters, layers, length, out, *rest):
        w = chrombpnet_weights(Formula(seed), True, filters, layers)
        return Case(name, "chrombpnet_nobias", (seed, filters, layers), length, out,
                    lambda x: run_chrombpnet(w, x, out), *rest)

    def bias(name, seed, filters, layers, length, out, *rest):
        w = chrombpnet_weights(Formula(seed), False, filters, layers)
        return Case(name, "bias_model_scaled", (seed, filters, layers), length, out,
                    lambda x: run_chrombpnet(w, x, out), *rest)

    def composed(name, seed, filters, layers, b_filters, b_layers, length, out, *rest):
        f = Formula(seed)
        a = chrombpnet_weights(f, True, filters, layers)
        b = chrombpnet_weights(f, False, b_filters, b_layers)
        return Case(name, "chrombpnet", (seed, filters, layers, b_filters, b_layers), length, out,
                    lambda x: run_composed(a, b, x, out), *rest)

    def chip(name, seed, filters, layers, length, out, *rest):
        w = chip_weights(Formula(seed), filters, layers)
        return Case(name, "bpnet_chip", (seed, filters, layers), length, out,
                    lambda x: run_chip(w, x, out), *rest)

    every = REGIONS, VARIANTS
    few = FEW_REGIONS, FEW_VARIANTS
    return [
        nobias("nobias_16x3", 11, 16, 3, 300, 100, *every, 1),
        nobias("nobias_20x2", 12, 20, 2, 200, 80, *every, 1),
        nobias("nobias_33x5", 13, 33, 5, 512, 128, *few, 1),
        bias("bias_7x1", 14, 7, 1, 256, 60, *every, 1),
        composed("composed_16x3_7x2", 15, 16, 3, 7, 2, 400, 120, *few, 1),
        chip("chip_20x4", 16, 20, 4, 320, 50, *every, 1),
        chip("chip_7x1", 17, 7, 1, 202, 90, *few, 1),
        nobias("nobias_full", 1, 512, 8, 2114, 1000, *few, 50),
        bias("bias_full", 2, 128, 4, 2114, 1000, *every, 50),
        composed("composed_full", 3, 512, 8, 128, 4, 2114, 1000, FEW_REGIONS, FEW_VARIANTS[:1], 50),
        chip("chip_full", 4, 64, 8, 2114, 1000, *every, 50),
    ]


def lite_cases():
    for name, module, how in lite_models():
        module = module.double()
        run = module.forward
        if name.endswith("_state"):
            # A state dictionary does not say what is cut off; 1000 positions are assumed.
            assert module.trimming == 557
        yield Case(name, how, (), 2114, None, run, FEW_REGIONS, FEW_VARIANTS, 50)


def make_all():
    os.makedirs(OUT, exist_ok=True)
    stand_in_modules()
    genome = make_genome()
    write_fasta(os.path.join(OUT, "ref.fa"), genome)
    write_sites(genome)
    for name, module, how in lite_models():
        save_torch(os.path.join(OUT, name + ".torch"), module, how)
    for c in keras_cases() + list(lite_cases()):
        for what, sites in (("bed", region_sites(c.regions, genome, c.length)),
                            ("vcf", variant_sites(c.variants, genome, c.length))):
            write_table("%s.%s" % (c.name, what), c.run, sites, c.every)


# ---- checks of this script ----

def check(mkweights):
    """float32 against float64, and the tensors of mkweights' files against the formula."""
    import h5py
    genome = read_fasta(os.path.join(OUT, "ref.fa"))
    assert genome == make_genome()
    for c in keras_cases() + list(lite_cases()):
        worst = [0.0, 0.0]
        sites = list(region_sites(c.regions, genome, c.length)) + \
            list(variant_sites(c.variants, genome, c.length))
        double = list(predictions(c.run, sites, torch.float64))
        if isinstance(getattr(c.run, "__self__", None), torch.nn.Module):
            c.run.__self__.float()
        single = list(predictions(c.run, sites, torch.float32))
        for a, b in zip(double, single):
            worst = [max(worst[0], abs(a[5] - b[5])), max(worst[1], np.abs(a[6] - b[6]).max())]
        counts = [r[5] for r in double]
        print("%-24s float32: %.1e log-count, %.1e logits; counts %.3f to %.3f, logits sd %.2f" % (
            c.name, *worst, min(counts), max(counts), np.std([r[6] for r in double])))
    for c in keras_cases():
        path = os.path.join(tempfile.gettempdir(), "check-%d.h5" % os.getpid())
        names = ["--seed", "--filters", "--layers", "--bias-filters", "--bias-layers"]
        args = [str(v) for pair in zip(names, c.args) for v in pair]
        subprocess.run([mkweights, c.kind, path, "--input", str(c.length), "--output", str(c.out),
                        *args], check=True)
        expected = flat_weights(c)
        with h5py.File(path) as f:
            found = [f["model_weights"][g][n.decode()][()]
                     for g in f["model_weights"].attrs["layer_names"].astype("U")
                     for n in f["model_weights"][g].attrs["weight_names"]
                     if not isinstance(n, float)]
        os.remove(path)
        assert len(found) == len(expected)
        for a, b in zip(found, expected):
            assert a.shape == b.shape and a.dtype == b.dtype and (a == b).all()
        print("%-24s %d tensors as by the formula" % (c.name, len(found)))


def flat_weights(c):
    f = Formula(c.args[0])
    if c.kind == "bpnet_chip":
        parts = [chip_weights(f, *c.args[1:])]
    elif c.kind == "chrombpnet":
        parts = [chrombpnet_weights(f, True, *c.args[1:3]),
                 chrombpnet_weights(f, False, *c.args[3:])]
    else:
        parts = [chrombpnet_weights(f, c.kind == "chrombpnet_nobias", *c.args[1:])]
    return [t for w in parts for kb in w.values() for t in kb]


def torch_state(path):
    """Parameters of a pickled module, read by its names without its code."""
    import pickle

    class Anything:
        def __init__(self, *a, **k):
            pass

        def __setstate__(self, state):
            if isinstance(state, dict):
                self.__dict__.update(state)

    with zipfile.ZipFile(path) as z:
        root = z.namelist()[0].split("/")[0]

        class Reader(pickle.Unpickler):
            def find_class(self, module, name):
                if module == "torch._utils" and name == "_rebuild_tensor_v2":
                    return rebuild
                if module == "torch._utils" and name == "_rebuild_parameter":
                    return lambda data, *rest: data
                if name == "OrderedDict":
                    return collections.OrderedDict
                return Anything

            def persistent_load(self, pid):
                return np.frombuffer(z.read("%s/data/%s" % (root, pid[2])), np.float32)

        def rebuild(storage, offset, shape, stride, *rest):
            n = int(np.prod(shape))
            return storage[offset:offset + n].reshape(shape)

        module = Reader(io.BytesIO(z.read(root + "/data.pkl"))).load()
    state = {}

    def walk(m, prefix):
        for name, p in m.__dict__.get("_parameters", {}).items():
            state[prefix + name] = p
        for name, child in m.__dict__.get("_modules", {}).items():
            walk(child, prefix + name + ".")

    walk(module, "")
    return state


class Bgzf:
    """Ranges of a FASTA compressed by bgzip, by its .fai and .gzi."""

    def __init__(self, path):
        self.path = path
        with open(path + ".fai") as f:
            self.fai = {r[0]: [int(v) for v in r[1:]] for r in (x.split() for x in f)}
        index = np.fromfile(path + ".gzi", "<u8")[1:].reshape(-1, 2)
        self.index = np.vstack([np.zeros((1, 2), np.uint64), index]).astype(np.int64)

    def fetch(self, chrom, start, end):
        _, offset, bases, width = self.fai[chrom]
        lo, hi = (offset + p // bases * width + p % bases for p in (start, end))
        i = np.searchsorted(self.index[:, 1], lo, "right") - 1
        text = b""
        with open(self.path, "rb") as f:
            f.seek(self.index[i, 0])
            with gzip.open(f) as z:
                z.read(lo - self.index[i, 1])
                text = z.read(hi - lo)
        return text.replace(b"\n", b"").decode()


def check_real(data):
    """The implementations above on the real weights, against the published values."""
    import csv

    fetch = Bgzf(data + "/genome/hg38_sparse.fa.gz").fetch
    state = torch_state(data + "/weights/bpnet-lite/ENCSR000AKO_CTCF_K562_64x8.torch")
    lite = BPNet(64, 8, 2, 0)
    lite.linear = torch.nn.Linear(state["linear.weight"].shape[1], 1)
    lite.load_state_dict({k: torch.from_numpy(v.copy()) for k, v in state.items() if v is not None})
    npz = np.load(data + "/weights/bpnet-refactor/ENCSR124AIG_FOS_IMR90.npz")

    def pair(layer):
        return npz[layer + "/kernel"], npz[layer + "/bias"]

    fos = {i: pair("main_dil_conv_%d" % i) for i in range(1, 9)}
    fos.update(stem=pair("main_conv_0"), profile=pair("main_profile_head"),
               count=pair("main_counts_head"), mix=pair("profile_predictions"),
               last=pair("logcounts_predictions"))

    def ako(x):
        return lite(x)

    def chip(x):
        return run_chip(fos, x, 1000)

    worst = collections.Counter()
    for dtype in (torch.float32, torch.float64):
        lite.to(dtype)
        name = str(dtype)[6:]

        def seen(what, a, b):
            worst[str(dtype)[6:] + " " + what] = max(worst[str(dtype)[6:] + " " + what],
                                                     float(np.abs(a - b).max()))

        def one(run, seq):
            with torch.no_grad():
                p, c = run(onehot([seq], dtype))
            return p[0].double().numpy(), float(c[0])

        with open(data + "/expected/ENCSR000AKO_64x8_published_7windows.tsv") as f:
            for r in csv.DictReader(f, delimiter="\t"):
                s = fetch(r["chrom"], int(r["win_start"]), int(r["win_end"]))
                c = one(ako, s)[1]
                seen("7 windows, torch_f32", c, float(r["torch_f32"]))
                seen("7 windows, published", c, float(r["published"]))
        first = {m: np.load(data + "/expected/bpnet_%s_profile_logits_first4.npy" % m)
                 for m in ("AKO", "FOS")}
        with open(data + "/expected/sites_first200.tsv") as f:
            for i, r in enumerate(csv.DictReader(f, delimiter="\t")):
                if dtype == torch.float64 and i == 20:
                    break
                chrom, span = r["region"].split(":")
                lo, hi = map(int, span.split("-"))
                p, c = one(ako, fetch(chrom, lo, hi))
                seen("200 sites, AKO", c, float(r["bpnet_AKO_logcount"]))
                if i < 4:
                    seen("profiles, AKO", p, first["AKO"][i])
                p, c = one(chip, fetch(chrom, lo, hi))
                seen("200 sites, FOS", c, float(r["bpnet_FOS_IMR90_logcount_zero_control"]))
                if i < 4:
                    seen("profiles, FOS", p, first["FOS"][i])
    for k, v in sorted(worst.items()):
        print("%-40s %.2e" % (k, v))


if __name__ == "__main__":
    torch.set_num_threads(2)
    if len(sys.argv) == 3 and sys.argv[1] == "--real":
        check_real(sys.argv[2])
    else:
        make_all()
        if len(sys.argv) > 1:
            check(os.path.join(os.environ["B"], "tests/helpers/mkweights"))
