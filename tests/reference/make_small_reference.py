# SPDX-License-Identifier: MIT
"""
Reference values of the small oracles, computed by their original code.

  python make_small_reference.py SOURCES            write tests/reference/small/*
  python make_small_reference.py SOURCES --full DIR     also the full-size weight files, into DIR
  python make_small_reference.py SOURCES FAMILY...  some of cherimoya cherimoya_cuda legnet
                                                    epinformerseq multimolecule lite tensorflow

SOURCES is a directory outside the repository with what cannot be installed as a package:

  legnet/{model,utils}.py            autosome-ru/human_legnet a20dbc7
  chorus/{model,model_usage,globals}.py   pinellolab/chorus cc8aabe, oracles/epinformerseq_source
  chrombpnet/chrombpnet/...          kundajelab/chrombpnet ece97c9
  bpnet-refactor/bpnet/...           kundajelab/bpnet-refactor 0b11a7c

Packages: torch, numpy, h5py, tensorflow and tf_keras, cherimoya (0.3.1), bpnet-lite (1.1.0),
multimolecule (0.2.2).  What they import for training and input alone is replaced by empty modules.
Everything runs in float64 (where the code casts to float, that is made a cast to double), from
float32 weights, so a table is what an implementation without rounding errors would print.

All parameters, normalisation statistics among them, come from the formula of
make_bpnet_reference.py; tests/helpers/mktensors.c has it in C and writes the full-size files.
"""
import argparse
import importlib
import io
import json
import os
import re
import sys
import types

import numpy as np
import torch

import make_bpnet_reference as base

HERE = os.path.dirname(os.path.abspath(__file__))
OUT = os.path.join(HERE, "small")
BASES = "ACGT"

# LegNet knows A, C, G, T and N alone: a window with another letter is left out, so its sites keep
# away from chr1:2223.  The first region holds the whole run of 60 N, the most that is scored.
LEGNET_REGIONS = [("chr1", 1430, 1630), ("chr1", 1556, 1756), ("chr2", 900, 1301)]
LEGNET_VARIANTS = [
    ("chr1", 1650, "near_n", 1, ["~"]),
    ("chr1", 3100, "ins", 1, ["^ACGTTGCA"]),
    ("chr1", 3300, "del", 6, ["^"]),
    ("chr1", 3700, "multi", 2, ["~~", "^", "^TTTTACCCAGG", "GATTACA"]),
    ("chr2", 1300, "indel", 12, ["CGCG"]),
]


# ---- parameters by formula ----

def rule(name, shape):
    """Centre and amplitude of a tensor, by its name and shape."""
    if name.endswith("running_var"):
        return 1.0, 0.5
    if name.endswith("running_mean"):
        return 0.0, 0.3
    if name.endswith("weight") and len(shape) == 1:
        return 1.0, 0.4
    if name.endswith("bias"):
        last = any(k in name for k in ("linear.bias", "count.0", "head.3",
                                       "logcount", "counts_head"))
        if "count_head.2" in name:      # of 10^C
            return 0.5, 0.3
        return (2.0, 0.5) if last else (0.0, 0.1)
    if name.endswith("conv_weight"):
        return 0.0, 1.0
    n = int(np.prod(shape[1:]))
    stem = len(shape) == 3 and shape[1] in (4, 5)
    if stem:
        n //= shape[1]
    residual = re.search(r"rconvs|dil_conv|bpnet_[0-9]+conv|layer\.|blocks\.[0-9]+\.conv", name)
    return 0.0, float((0.5 if residual else 1.0) * np.sqrt(3.0 / n))


def by_formula(seed, index, name, shape):
    centre, amplitude = rule(name, shape)
    return base.around(base.uniform(seed, index, int(np.prod(shape))), centre,
                       amplitude).reshape(shape)


def set_parameters(module, seed):
    """In the order of the state dictionary; counters are left as they are."""
    state = module.state_dict()
    index = 0
    for name, p in state.items():
        if p.is_floating_point():
            p.copy_(torch.from_numpy(by_formula(seed, index, name, tuple(p.shape))))
            index += 1
    module.load_state_dict(state)
    return module.eval()


# ---- files and tables ----

def save(path, thing):
    buffer = io.BytesIO()
    torch.save(thing, buffer)
    with open(path, "wb") as f:
        f.write(buffer.getvalue())


class Table:
    """Columns of `predict --text`, with every N-th of a row's values, and their sum."""

    def __init__(self, name, every):
        self.f = open(os.path.join(OUT, name + ".tsv"), "w")
        self.every = every
        self.f.write("#chrom\tpos\tid\ttrack\tallele\tstrand\tlog_count\tfirst_bin\tlogits\tsum\n")

    def add(self, site, allele, track, strand, count, values):
        chrom, pos, ident, _ = site
        self.f.write("%s\t%d\t%s\t%s\t%s\t%s\t%s\t0\t%s\t%.5f\n" % (
            chrom, pos, ident, track, allele, strand, "." if count is None else "%.7f" % count,
            ",".join("%.7f" % v for v in values[::self.every]), values.sum()))


def sites_of(what, length, regions=base.REGIONS, variants=base.VARIANTS):
    genome = base.make_genome()
    if what == "bed":
        return list(base.region_sites(regions, genome, length))
    return list(base.variant_sites(variants, genome, length))


def write_profiles(name, run, length, every, few=False):
    """run: sequences -> [(track, logits n x strands x bins, counts n)]"""
    regions = base.FEW_REGIONS if few else base.REGIONS
    variants = base.FEW_VARIANTS if few else base.VARIANTS
    for what in ("bed", "vcf"):
        table = Table("%s.%s" % (name, what), every)
        for site in sites_of(what, length, regions, variants):
            with torch.no_grad():
                outputs = run([s for _, s in site[3]])
            for i, (allele, _) in enumerate(site[3]):
                for track, logits, counts in outputs:
                    strands = logits.shape[1]
                    for s in range(strands):
                        table.add(site, allele, track, "." if strands == 1 else "+-"[s],
                                  float(counts[i]), np.asarray(logits[i, s], np.float64))


def torch_profile(module):
    """A module of (logits, counts) as a run of one track m."""
    def run(seqs):
        logits, counts = module(base.onehot(seqs, torch.float64))
        return [("m", logits.numpy(), counts.reshape(-1).numpy())]
    return run


def everything_double():
    """Casts to float in the original code are casts to double here."""
    torch.Tensor.float = torch.Tensor.double


def empty_modules(*names):
    class Anything(types.ModuleType):
        def __getattr__(self, name):
            if name.startswith("__"):
                raise AttributeError(name)
            return type(name, (), {"__init__": lambda self, *a, **k: None})

    for name in names:
        module = Anything(name)
        module.__path__ = []
        sys.modules[name] = module


# ---- Cherimoya ----

def cherimoya(o):
    empty_modules("tangermeme", "tangermeme.predict", "tangermeme.io", "tangermeme.utils",
                  "tangermeme.deep_lift_shap", "tangermeme.ersatz", "bpnetlite",
                  "bpnetlite.logging", "bpnetlite.losses", "bpnetlite.performance", "pandas",
                  "bam2bw", "lightning", "tqdm", "numba")
    import cherimoya.cherimoya as source
    everything_double()

    def make(seed, **config):
        return set_parameters(source.Cherimoya(compile=False, verbose=False, **config), seed)

    def case(name, seed, length, every, few=False, keep=True, **config):
        m = make(seed, **config)
        if keep:
            save(os.path.join(OUT, name + ".torch"),
                 {"config": m._init_kwargs(), "state_dict": m.state_dict()})
        elif o.full:
            m.save(os.path.join(o.full, name + ".torch"))
        write_profiles(name, torch_profile(m.double().eval()), length, every, few)

    case("cherimoya_8x3", 51, 400, 1, n_filters=8, n_layers=3)
    case("cherimoya_13x4", 52, 2114, 50, n_filters=13, n_layers=4, expansion=3,
         residual_scale=0.4)
    case("cherimoya_catv1", 53, 2114, 50, few=True, n_filters=5, n_layers=9)
    # The ensemble: the mean of expected counts, of three folds here.
    folds = []
    for k in range(3):
        m = make(60 + k, n_filters=4, n_layers=9)
        save(os.path.join(OUT, "cherimoya_fold%d.torch" % k),
             {"config": m._init_kwargs(), "state_dict": m.state_dict()})
        folds.append(m.double().eval())
    for what in ("bed", "vcf"):
        table = Table("cherimoya_ensemble.%s" % what, 50)
        for site in sites_of(what, 2114):
            x = base.onehot([s for _, s in site[3]], torch.float64)
            with torch.no_grad():
                heads = [m(x) for m in folds]
            profile = sum(torch.softmax(p, -1) * torch.expm1(c)[:, :, None]
                          for p, c in heads) / len(heads)
            for i, (allele, _) in enumerate(site[3]):
                table.add(site, allele, "m", ".", None, profile[i, 0].numpy())
    case("cherimoya_full", 54, 2114, 50, few=True, keep=False)


def cherimoya_cuda(o):
    """
    Its arithmetic on a GPU: the Triton kernels of cheri.py themselves, run on the CPU by Triton's
    interpreter, with the one configuration of each that is left.  Float32 as there: what rounds where
    is the point.  The interpreter (3.9.0) cuts bits off where the GPU rounds to the nearest bfloat16,
    and multiplies the bits of bfloat16 values as integers; both are put right.
    """
    os.environ["TRITON_INTERPRET"] = "1"
    empty_modules("tangermeme", "tangermeme.predict", "tangermeme.io", "tangermeme.utils",
                  "tangermeme.deep_lift_shap", "tangermeme.ersatz", "bpnetlite",
                  "bpnetlite.logging", "bpnetlite.losses", "bpnetlite.performance", "pandas",
                  "bam2bw", "lightning", "tqdm", "numba")
    import cherimoya.cherimoya as source
    import triton.language as tl
    from cherimoya import cheri
    from triton.runtime import interpreter
    convert = interpreter._convert_float

    def convert_nearest(x, of, to, how):
        if (of, to) == (tl.float32, tl.bfloat16):
            return torch.from_numpy(np.ascontiguousarray(x).view(np.float32)).to(
                torch.bfloat16).view(torch.int16).numpy().view(np.uint16)
        if (of, to) == (tl.bfloat16, tl.float32):
            return x.astype(np.uint32) << 16
        return convert(x, of, to, how)

    def dot(self, a, b, d, *rest):
        a, b = (convert_nearest(v.data, v.dtype.scalar, tl.float32, None).view(np.float32)
                for v in (a, b))
        return interpreter.TensorHandle(np.matmul(a, b) + d.data, d.dtype.scalar)

    interpreter._convert_float = convert_nearest
    interpreter.InterpreterBuilder.create_dot = dot
    for name, first in (("_fwd_inf_stats_kernel", 0), ("_fwd_inf_norm_mlp_kernel", -1)):
        kernel = getattr(cheri, name)
        kernel.configs = [c for c in kernel.configs if c.kwargs.get("BLOCK_HK", 16) == 16][first:][:1]
    cheri.CheriBlock._can_use_inference_path = lambda self, x: self.expansion * self.n_filters % 16 == 0

    def case(name, seed, every, keep=True, length=2114, **config):
        m = set_parameters(source.Cherimoya(compile=False, verbose=False, **config), seed)
        if keep:
            save(os.path.join(OUT, name + ".torch"),
                 {"config": m._init_kwargs(), "state_dict": m.state_dict()})

        def run(seqs):
            logits, counts = m(base.onehot(seqs, torch.float32))
            return [("m", logits.numpy(), counts.reshape(-1).numpy())]
        write_profiles(name, run, length, every, True)

    case("cherimoya_cuda", 55, 1, length=600, n_filters=16, n_layers=4, residual_scale=0.4)
    case("cherimoya_cuda_full", 54, 50, keep=False)


# ---- LegNet ----

def legnet(o):
    sys.path.insert(0, os.path.join(o.sources, "legnet"))
    source, utils = importlib.import_module("model"), importlib.import_module("utils")
    del sys.modules["model"], sys.modules["utils"]

    adapters = {"chorus": ("CATTGCGTGAACCGA", "AGGACCGGATCAACT"),
                "upstream": ("AGGACCGGATCAACT", "CATTGCGTGAACCGA"), "none": ("", "")}

    def case(name, seed, keep=True, insert=200, adapter="chorus", **config):
        settings = dict(stem_ch=64, stem_ks=5, ef_ks=3, ef_block_sizes=[80, 96, 112, 128],
                        pool_sizes=[2, 2, 2, 2], resize_factor=4)
        settings.update(config)
        m = set_parameters(source.LegNet(in_ch=4, **settings), seed)
        folder = OUT if keep else o.full
        # As Lightning writes it: the module is called "model"; other keys are of no interest.
        state = {"model." + k: v for k, v in m.state_dict().items()}
        if folder:
            save(os.path.join(folder, name + ".ckpt"),
                 {"epoch": 24, "global_step": 1000, "pytorch-lightning_version": "2.0.0",
                  "state_dict": state, "hyper_parameters": {"lr": 0.01},
                  "optimizer_states": [{"state": {0: {"step": 3}}, "param_groups": []}]})
            with open(os.path.join(folder, name + ".json"), "w") as f:
                json.dump(settings, f)
                f.write("\n")
        tables(name, m.double(), insert, adapter)
        return m

    def tables(name, m, insert, adapter):
        left, right = adapters[adapter]
        for what in ("bed", "vcf"):
            table = Table("%s.%s" % (name, what), 1)
            for site in sites_of(what, insert, LEGNET_REGIONS, LEGNET_VARIANTS):
                x = torch.stack([utils.encode_seq((left + s + right).upper())
                                 for _, s in site[3]]).double()
                with torch.no_grad():
                    y = m(x).reshape(-1).numpy()
                for i, (allele, _) in enumerate(site[3]):
                    table.add(site, allele, "m", ".", None, y[i:i + 1])

    small = dict(stem_ch=12, ef_block_sizes=[8, 9, 10], pool_sizes=[2, 3, 2], resize_factor=4)
    m = case("legnet_12", 71, **small)
    tables("legnet_12_upstream", m, 200, "upstream")
    tables("legnet_12_none", m, 170, "none")
    case("legnet_wide", 72, stem_ch=8, stem_ks=11, ef_ks=9, ef_block_sizes=[12, 8],
         pool_sizes=[1, 2], resize_factor=2)
    case("legnet_full", 73, keep=False)
    case("legnet_full_11_9", 74, keep=False, stem_ks=11, ef_ks=9)
    regions = [(c, a, b, "region%d" % i) for i, (c, a, b) in enumerate(LEGNET_REGIONS)]
    with open(os.path.join(OUT, "legnet.bed"), "w") as f:
        f.writelines("%s\t%d\t%d\t%s\n" % r for r in regions)
    base.OUT, keep = OUT, base.OUT
    variants = base.VARIANTS, base.FEW_VARIANTS
    genome = base.make_genome()
    with open(os.path.join(OUT, "legnet.vcf"), "w") as f:
        f.write("##fileformat=VCFv4.2\n")
        for chrom in genome:
            f.write("##contig=<ID=%s,length=%d>\n" % (chrom, len(genome[chrom])))
        f.write("#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n")
        for chrom, pos, ident, alleles in base.variant_sites(LEGNET_VARIANTS, genome, 200):
            names = [a for a, _ in alleles]
            f.write("%s\t%d\t%s\t%s\t%s\t.\t.\t.\n" % (chrom, pos, ident, names[0],
                                                    ",".join(names[1:])))
    base.OUT = keep


# ---- EPInformer-seq ----

def epinformerseq(o):
    path = os.path.join(o.sources, "chorus")
    package = types.ModuleType("epinformerseq_source")
    package.__path__ = [path]
    sys.modules["epinformerseq_source"] = package
    source = importlib.import_module("epinformerseq_source.model")
    usage = importlib.import_module("epinformerseq_source.model_usage")
    globals_ = importlib.import_module("epinformerseq_source.globals")
    cell = list(globals_.EPINFORMERSEQ_AVAILABLE_CELLTYPES)[0]
    assays = ["Enhancer_DNase", "Enhancer_H3K27ac", "Enhancer_H3K27ac_DNase"]

    def case(name, seed, keep=True, geometries=((2114, False),), sizes=None, few=False):
        m, b = sizes or ((128, 64), (64, 32))
        main = source.PerCellProfileNetWide(*m)
        # count_head's width is fixed in the original, body channels are not.
        bias = source.BiasNet(*b)
        set_parameters(main, seed)
        set_parameters(bias, seed + 100)
        folder = OUT if keep else o.full
        if folder:
            save(os.path.join(folder, name + ".main.pt"), main.state_dict())
            save(os.path.join(folder, name + ".bias.pt"), bias.state_dict())
        main.double()
        bias.double()
        for window, reverse in geometries:
            main.in_window = window
            tables("%s_%d%s" % (name, window, "_rc" if reverse else ""), main, bias, window,
                   reverse, few)

    def tables(name, main, bias, window, reverse, few):
        regions = base.FEW_REGIONS if few else base.REGIONS
        variants = base.FEW_VARIANTS if few else base.VARIANTS
        encode = usage.one_hot_dna
        usage.one_hot_dna = lambda s, length: encode(s, length).astype(np.float64)
        for what in ("bed", "vcf"):
            table = Table("%s.%s" % (name, what), 1)
            for site in sites_of(what, window, regions, variants):
                for allele, seq in site[3]:
                    d, h, _ = usage.predict_profile(main, bias, seq, cell, average_reverse=reverse,
                                                    in_window=window)
                    top = [float(v[384:640].max()) for v in (d, h)]
                    # The builder's composite has no 1e-12 under the root; the query's has.
                    top.append(float(np.sqrt(top[0] * top[1])))
                    for assay, v in zip(assays, top):
                        table.add(site, allele, assay + ":m", ".", None, np.array([v]))
        usage.one_hot_dna = encode

    both = ((2114, False), (2114, True), (1024, False), (1024, True))
    case("epi_10x6", 81, geometries=both, sizes=((10, 6, 9), (7, 5, 9)))
    case("epi_full", 82, keep=False, geometries=both, few=True)


# ---- MultiMolecule (run only; its code is AGPL) ----

def multimolecule(o):
    from multimolecule import ChromBpNetConfig, ChromBpNetForProfilePrediction
    from safetensors.torch import save_file

    def case(name, seed, keep=True, few=False, every=50, **settings):
        config = ChromBpNetConfig(**settings)
        m = ChromBpNetForProfilePrediction(config)
        set_parameters(m, seed)
        state = m.state_dict()
        # As published: an N weighs as the mean of the four bases.
        for branch in ("accessibility", "bias"):
            w = state["model.%s.stem.conv.weight" % branch]
            w[:, 4] = w[:, :4].mean(1)
        m.load_state_dict(state)
        folder = OUT if keep else o.full
        if folder:
            folder = os.path.join(folder, name)
            os.makedirs(folder, exist_ok=True)
            save_file({k: v.contiguous() for k, v in state.items()},
                      os.path.join(folder, "model.safetensors"), {"format": "pt"})
            small = {k: getattr(config, k) for k in (
                "model_type", "vocab_size", "sequence_length", "profile_length", "hidden_size",
                "bias_hidden_size", "num_dilated_layers", "bias_num_dilated_layers",
                "stem_kernel_size", "dilated_kernel_size", "profile_kernel_size", "num_tasks",
                "num_strands", "hidden_act")}
            with open(os.path.join(folder, "config.json"), "w") as f:
                json.dump(small, f, indent=2)
                f.write("\n")
        m.double().eval()

        def run(seqs, drop):
            ids = np.array([["ACGT".find(c) if c in "ACGT" else 4 for c in s.upper()]
                            for s in seqs])
            x = torch.nn.functional.one_hot(torch.from_numpy(ids), 5).double()
            if drop:
                x[:, :, 4] = 0
            out = m(inputs_embeds=x)
            return [("m", out.profile_logits.numpy().transpose(0, 2, 1),
                     out.count_logits.numpy().reshape(-1))]

        ids = torch.tensor([["ACGTN".index(c) for c in "ACGTN" * (config.sequence_length // 5) +
                             "A" * (config.sequence_length % 5)]])
        # One-hot columns in place of token ids give the same.
        a = m(input_ids=ids).profile_logits
        b = m(inputs_embeds=torch.nn.functional.one_hot(ids, 5).double()).profile_logits
        assert torch.equal(a, b)
        length = config.sequence_length
        write_profiles(name, lambda s: run(s, True), length, every, few)
        write_profiles(name + "_n", lambda s: run(s, False), length, every, few)

    case("mm_6x3", 91, every=1, sequence_length=400, profile_length=120, hidden_size=6,
         bias_hidden_size=5, num_dilated_layers=3, bias_num_dilated_layers=2)
    case("mm_4x8", 92, hidden_size=4, bias_hidden_size=3)
    case("mm_full", 93, keep=False, few=True)


# ---- bpnet-lite ----

def lite(o):
    for name in [m for m in sys.modules if m.split(".")[0] in ("bpnetlite", "tangermeme")]:
        del sys.modules[name]
    empty_modules("tangermeme", "tangermeme.predict", "tangermeme.io", "tangermeme.utils",
                  "tangermeme.deep_lift_shap", "tangermeme.ersatz", "pandas", "bam2bw", "tqdm",
                  "tangermeme.product", "numba", "matplotlib", "matplotlib.pyplot", "seaborn")
    from bpnetlite.bpnet import BPNet, BasePairNet
    from bpnetlite.chrombpnet import ChromBPNet
    everything_double()

    def run_of(m, n_control):
        def run(seqs):
            x = base.onehot(seqs, torch.float64)
            c = torch.zeros(len(seqs), n_control, x.shape[-1], dtype=torch.float64)
            logits, counts = m(x, c) if n_control else m(x)
            return [("m", logits.numpy(), counts.reshape(-1).numpy())]
        return run

    def case(name, m, seed, how, n_control=0):
        set_parameters(m, seed)
        thing = m.state_dict() if how == "state" else m
        save(os.path.join(OUT, name + ".torch"), thing)
        write_profiles(name, run_of(m.double().eval(), n_control), 2114, 50)

    # Trimming of 557 keeps 1000 positions; without it the class's own default counts.
    case("lite_bpnet", BPNet(n_filters=4, n_layers=8, n_outputs=2, n_control_tracks=0,
                               trimming=557), 101, "module")
    case("lite_bpnet_state", BPNet(n_filters=4, n_layers=8, n_outputs=2,
                                   n_control_tracks=0), 102, "state")
    case("lite_control", BPNet(n_filters=5, n_layers=3, n_outputs=2, n_control_tracks=2,
                               trimming=557), 103, "module", 2)
    case("lite_basepair", BasePairNet(n_filters=4, n_layers=8, n_outputs=2, trimming=557,
                                      n_control_tracks=2), 104, "module", 2)
    case("lite_chrombpnet", ChromBPNet(BPNet(n_filters=3, n_layers=4, n_outputs=1, n_control_tracks=0),
                                       BPNet(n_filters=4, n_layers=8, n_outputs=1, n_control_tracks=0)), 105,
         "module")


# ---- ChromBPNet and BPNet, TensorFlow ----

def tensorflow(o):
    os.environ["TF_USE_LEGACY_KERAS"] = "1"
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
    sys.path[:0] = [os.path.join(o.sources, "chrombpnet"),
                    os.path.join(o.sources, "bpnet-refactor")]

    def loss(y_true, y_pred):
        return 0 * y_pred

    loss.__name__ = "multinomial_nll"
    for name in ("chrombpnet.training.utils.losses", "bpnet.model.losses"):
        module = types.ModuleType(name)
        module.multinomial_nll = module.poisson_loss_function = module.mse_loss_function = loss
        sys.modules[name] = module
    import tensorflow as tf
    from chrombpnet.training.models import bpnet_model, chrombpnet_with_bias_model
    from bpnet.model import arch
    args = types.SimpleNamespace(seed=1, learning_rate=1e-3)
    backend = tf.keras.backend

    def set_weights(m, seed):
        for index, v in enumerate(m.weights):
            name, shape = v.name.split(":")[0], tuple(v.shape)
            # A Keras kernel by the rule of its torch shape.
            torch_shape = shape[::-1] if name.endswith("kernel") else shape
            centre, amplitude = rule(name.replace("kernel", "weight"), torch_shape)
            v.assign(base.around(base.uniform(seed, index, int(np.prod(shape))), centre,
                                 amplitude).reshape(shape))

    def sequence(seqs):
        return base.onehot(seqs, torch.float64).numpy().transpose(0, 2, 1)

    def both(build, path, seed):
        """Saved in float32; run in float64 with the same values."""
        backend.set_floatx("float32")
        backend.clear_session()
        single = build()
        set_weights(single, seed)
        if path:
            single.save(path)
        backend.set_floatx("float64")
        backend.clear_session()
        double = build()
        double.set_weights([w.astype(np.float64) for w in single.get_weights()])
        return single, double

    def chrombpnet_run(m):
        def run(seqs):
            profile, counts = m.predict(sequence(seqs), verbose=0)
            return [("m", profile[:, None, :], counts.reshape(-1))]
        return run

    def chrombpnet(name, seed, length, out, filters, layers, b_filters, b_layers):
        def params(f, n):
            return dict(filters=f, n_dil_layers=n, counts_loss_weight=1, inputlen=length,
                        outputlen=out, bias_model_path=bias_path)
        bias_path = os.path.join(OUT, name + "_bias.h5")
        _, bias = both(lambda: bpnet_model.getModelGivenModelOptionsAndWeightInits(
            args, params(b_filters, b_layers)), bias_path, seed)
        write_profiles(name + "_bias", chrombpnet_run(bias), length, 1)
        backend.set_floatx("float32")
        backend.clear_session()
        single = chrombpnet_with_bias_model.getModelGivenModelOptionsAndWeightInits(
            args, params(filters, layers))
        inner = single.get_layer("model_wo_bias")
        set_weights(inner, seed + 1)
        single.save(os.path.join(OUT, name + ".h5"))
        chrombpnet_with_bias_model.save_model_without_bias(single, os.path.join(OUT, name))
        values = [w.astype(np.float64) for w in inner.get_weights()]
        bias_values = bias.get_weights()
        backend.set_floatx("float64")
        backend.clear_session()
        double = chrombpnet_with_bias_model.bpnet_model(filters, layers, length, out)
        double.set_weights(values)
        write_profiles(name + "_nobias", chrombpnet_run(double), length, 1)
        again = bpnet_model.getModelGivenModelOptionsAndWeightInits(args, params(b_filters,
                                                                                b_layers))
        again.set_weights(bias_values)
        chrombpnet_with_bias_model.load_pretrained_bias = lambda path: again
        whole = chrombpnet_with_bias_model.getModelGivenModelOptionsAndWeightInits(
            args, params(filters, layers))
        whole.get_layer("model_wo_bias").set_weights(values)
        write_profiles(name, chrombpnet_run(whole), length, 1)

    def bpnet(name, seed, tasks, kernels):
        """Tasks: (strands, controls) of each."""
        table = {i: dict(signal=dict(source=["x"] * n), bias=dict(source=["c"] * c,
                                                                  smoothing=[None] * c))
                 for i, (n, c) in enumerate(tasks)}

        def build():
            return arch.BPNet(table, dict(
                input_len=2114, output_profile_len=1000,
                motif_module_params=dict(filters=[6], kernel_sizes=[21]),
                syntax_module_params=dict(num_dilation_layers=3, filters=6),
                counts_head_params=dict(units=[-1]),
                profile_bias_module_params=dict(kernel_sizes=kernels)), name_prefix="main")

        _, m = both(build, os.path.join(OUT, name + ".h5"), seed)

        def run(seqs):
            inputs = [sequence(seqs)]
            for n, c in tasks:
                if c:
                    inputs += [np.zeros((len(seqs), 1000, c)), np.zeros((len(seqs), c))]
            profile, counts = m.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
            rows, at = [], 0
            for i, (n, _) in enumerate(tasks):
                # Training compares task i with output i, whatever stands there.
                rows.append(("m" if len(tasks) == 1 else "m:%d" % i,
                             profile[:, :, at:at + n].transpose(0, 2, 1), counts[:, i]))
                at += n
            return rows
        write_profiles(name, run, 2114, 50)

    def refused(name, seed, **changed):
        """Files of the same code that no published model is like, and predict says so."""
        table = {0: dict(signal=dict(source=["x"] * 2), bias=dict(source=["c"] * 2,
                                                                  smoothing=[None] * 2))}
        params = dict(input_len=250, output_profile_len=100, use_attribution_prior=False,
                      motif_module_params=dict(filters=[3], kernel_sizes=[21]),
                      syntax_module_params=dict(num_dilation_layers=2, filters=3),
                      counts_head_params=dict(units=[-1]),
                      profile_bias_module_params=dict(kernel_sizes=[1]))
        orig_multi_loss = changed.pop("orig_multi_loss", False)
        params.update(changed)
        backend.set_floatx("float32")
        backend.clear_session()
        m = arch.BPNet(table, params, name_prefix="main", **(
            dict(orig_multi_loss=True) if orig_multi_loss else {}))
        set_weights(m, seed)
        m.save(os.path.join(OUT, name + ".h5"))

    refused("keras_bpnet_hidden", 126, counts_head_params=dict(
        units=[4, -1], dropouts=[0.1, 0.0], activations=["relu", "linear"]))
    refused("keras_bpnet_per_strand", 127, orig_multi_loss=True)
    chrombpnet("keras_chrombpnet", 111, 400, 120, 6, 3, 5, 2)
    bpnet("keras_bpnet", 121, [(2, 2)], [1])
    bpnet("keras_bpnet_nocontrol", 122, [(2, 0)], [1])
    bpnet("keras_bpnet_two", 123, [(2, 2), (2, 2)], [1, 1])
    bpnet("keras_bpnet_two_nocontrol", 124, [(2, 0), (2, 0)], [1, 1])
    bpnet("keras_bpnet_mixed", 125, [(1, 1), (2, 0), (1, 2)], [1, None, 1])


FAMILIES = {f.__name__: f for f in (cherimoya, cherimoya_cuda, legnet, epinformerseq, multimolecule, lite,
                                    tensorflow)}


def main():
    p = argparse.ArgumentParser()
    p.add_argument("sources")
    p.add_argument("family", nargs="*", choices=[*FAMILIES, []])
    p.add_argument("--full")
    o = p.parse_args()
    o.sources = os.path.abspath(o.sources)
    os.makedirs(OUT, exist_ok=True)
    if o.full:
        os.makedirs(o.full, exist_ok=True)
    if len(o.family) == 1:
        FAMILIES[o.family[0]](o)
        return
    # Each in a process of its own: they replace modules the others need.
    for name in o.family or FAMILIES:
        command = [sys.executable, __file__, o.sources, name]
        if o.full:
            command += ["--full", o.full]
        if os.spawnv(os.P_WAIT, sys.executable, command):
            raise SystemExit("%s failed" % name)


main()
