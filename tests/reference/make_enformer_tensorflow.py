#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A small Enformer as TensorFlow writes it, and what its authors' code predicts with it.

  make_enformer_tensorflow.py OUT_DIR CODE_DIR

CODE_DIR holds enformer.py and attention_module.py of the authors (google-deepmind/
deepmind-research, folder enformer, commit f5de0ed), which run as they are but for their sizes; the
gamma features are computed in double precision.  Written are the variables of

  released     a SavedModel of that code: two variables have the name of a block's dense layer, and
               mean and variance of a normalisation that of a moving average
  published    the same values as a checkpoint whose variables are called as in the SavedModel that
               is published, all of them in one list, so that keys are numbers

Packages: tensorflow, dm-sonnet.
"""
import json
import os
import shutil
import sys
import tempfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import sonnet as snt
import tensorflow as tf

sys.path.insert(0, sys.argv[2])
import attention_module
import enformer
from large_reference import Genome, path_in, region_rows, write_sites, write_table

LENGTH, BINS, CHANNELS, HEADS = 1536, 6, 16, {"human": 5, "mouse": 3}
SIZES = dict(key_size=5, num_heads=2, value_size=8, num_relative_position_features=18)


def gamma_features(positions, feature_size, seq_length=None, bin_size=None):
    x = tf.abs(tf.cast(positions, tf.float64))[..., None]
    f = tf.range(1, feature_size + 1, dtype=tf.float64)
    shape, rate = 4 * f * f, 4 * f * feature_size / seq_length
    density = tf.exp(tf.math.xlogy(shape - 1, x) - rate * x - tf.math.lgamma(shape) +
                     shape * tf.math.log(rate)) + 1e-8
    return tf.cast(density / tf.reduce_max(density, axis=1, keepdims=True), tf.float32)


class Linear(snt.Linear):
    def __init__(self, output_size, **kwargs):
        super().__init__({5313: HEADS["human"], 1643: HEADS["mouse"]}.get(output_size, output_size),
                         **kwargs)


def small_code():
    """The sizes that are written into the code."""
    released, growth = attention_module.MultiheadAttention, enformer.exponential_linspace_int
    takes = (enformer.Sequential, enformer.Residual, snt.Dropout, released,
             snt.distribute.CrossReplicaBatchNorm)

    def attention(**kwargs):
        return released(**{**kwargs, **SIZES})
    snt.Linear = Linear
    attention_module.MultiheadAttention = attention
    attention_module.positional_features_gamma = gamma_features
    enformer.exponential_linspace_int = lambda start, end, num, divisible_by: \
        growth(start, end, num, 4)
    enformer.TARGET_LENGTH = BINS
    # Sonnet's wrappers hide a method's arguments from inspect in new versions of Python.
    enformer.accepts_is_training = lambda module: isinstance(module, takes)


def randomise(net):
    rng = np.random.RandomState(21)
    for v in net.variables:
        if v.dtype == tf.int64:
            continue
        shape = v.shape.as_list()
        size = 1.2 / np.sqrt(np.prod(shape[:-1])) if v.name.endswith("/w:0") else 0.3
        v.assign(rng.randn(*shape) * size + (1.0 if v.name.endswith("/scale:0") else 0.0))
    for m in net.submodules:
        if isinstance(m, snt.distribute.CrossReplicaBatchNorm):
            average = m.moving_variance.average
            average.assign(rng.rand(*average.shape) + 0.5)


def published_name(name):
    """A name of the released code as the published file has it."""
    name = name.split(":")[0].replace("enformer/", "seqnn/", 1)
    for scope in ("cross_replica_batch_norm", "exponential_moving_average", "layer_norm"):
        name = name.replace(f"/{scope}/", f"/normalization/{scope}/")
    name = name.replace("/softmax_pooling/", "/pooling/softmax_pooling/")
    name = name.replace("/conv_tower/conv_tower_block_", "/downres/downres_block_")
    parts = name.split("/")
    parts = ["multihead_attention" if p.startswith("attention_") else p for p in parts]
    for i, p in enumerate(parts):
        if p.endswith("_layer"):
            parts[i] = p + "/linear"
    return "/".join(parts)


class Object(tf.Module):
    """What holds variables, by any attributes."""


def published(net):
    root, of = Object(), {}
    root.model = Object()
    for v in net.variables:
        of[v.ref()] = tf.Variable(v.value(), name=published_name(v.name))
    root.model.all_variables = list(of.values())
    norms = []
    for m in net.submodules:
        if not isinstance(m, snt.distribute.CrossReplicaBatchNorm):
            continue
        norm = Object()
        for name in ("moving_mean", "moving_variance"):
            average = Object()
            average.average = of[getattr(m, name).average.ref()]
            setattr(norm, name, average)
        norms.append(norm)
    root.model.norms = norms
    return root


def copy_variables(source, folder):
    os.makedirs(folder, exist_ok=True)
    for name in ("variables.index", "variables.data-00000-of-00001"):
        shutil.copyfile(os.path.join(source, name), os.path.join(folder, name))
        os.chmod(os.path.join(folder, name), 0o644)


def main(out):
    small_code()
    net = enformer.Enformer(channels=CHANNELS, num_transformer_layers=2, num_heads=2)

    def predict(head):
        def of(x):
            x = x.numpy().T[None, LENGTH // 2:LENGTH // 2 + LENGTH].astype(np.float32)
            return net(tf.constant(x), is_training=False)[head][0].numpy().T
        return of

    net(tf.zeros((1, LENGTH, 4)), is_training=False)
    randomise(net)
    work = tempfile.mkdtemp()
    root = Object()
    root.model = net
    tf.saved_model.save(root, os.path.join(work, "saved"))
    copy_variables(os.path.join(work, "saved", "variables"),
                   path_in(out, "released/variables"))
    tf.train.Checkpoint(root=published(net)).write(os.path.join(work, "variables"))
    copy_variables(work, path_in(out, "published/variables"))
    shutil.rmtree(work)
    with open(path_in(out, "tensorflow.json"), "w") as f:
        json.dump({"seq_length": LENGTH, "target_length": BINS}, f)
        f.write("\n")
    genome = Genome(2 * LENGTH + 200, 22, n_at=(1500,))
    genome.write(path_in(out, "tensorflow"))
    write_sites(path_in(out, "tensorflow"), genome, [1600], [])
    for head, n in HEADS.items():
        write_table(path_in(out, f"tensorflow.{head}.tsv"), [f"enformer/{t}" for t in range(n)],
                    region_rows(genome, 2 * LENGTH, [1600], predict(head)))


main(sys.argv[1])
