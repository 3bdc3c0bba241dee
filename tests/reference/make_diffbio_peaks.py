#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Parameters and outputs of DiffBio's own peak caller, on the CPU in float32 (pip: diffbio, jax).

    python make_diffbio_peaks.py peaks/

Every case is NAME.npz, the parameters as call-peaks --weights reads them, and NAME_out.npz: the track
x (rows are tracks of their own) and what the module makes of it.  Every parameter is moved at random,
so that no default hides a mistake.  With denoising the module always draws noise, from a constant key of jax; the case
has the mean in its place: the module's own encoder, decoder and network, one behind the other.  Trained cases have labels, the loss and its
gradients before each of five Adam steps, and the parameters after them.
"""
import sys
import warnings

warnings.filterwarnings("ignore")
import jax
import jax.numpy as jnp
import numpy as np
import optax
from diffbio.operators.epigenomics.peak_calling import DifferentiablePeakCaller, PeakCallerConfig
from flax import nnx

OUT = {"peak_scores": "score", "peak_probabilities": "probability", "peak_summits": "summit",
       "peak_starts": "start", "peak_ends": "end"}


def params(op):
    """Names without the module's bookkeeping, float32."""
    flat = nnx.to_flat_state(nnx.state(op, nnx.Param))
    return {"/".join(map(str, k)): np.asarray(v.value if hasattr(v, "value") else v, np.float32)
            for k, v in flat}


def move(op, rng, scale=0.15):
    """Every parameter plus noise."""
    state = nnx.state(op, nnx.Param)
    state = jax.tree.map(lambda a: a + jnp.asarray(scale * rng.standard_normal(a.shape),
                                                   jnp.float32), state)
    nnx.update(op, state)


def track(rng, rows, n):
    x = rng.exponential(0.5, (rows, n))
    for r in range(rows):
        for _ in range(max(1, n // 60)):
            at, width, height = rng.uniform(0, n), rng.uniform(3, 12), rng.uniform(2, 9)
            x[r] += height * np.exp(-0.5 * ((np.arange(n) - at) / width) ** 2)
    return np.round(x, 3).astype(np.float32)


def run(op, x):
    data, _, _ = op.apply({"coverage": jnp.asarray(x)}, {}, None)
    return {ours: np.asarray(data[theirs], np.float32) for theirs, ours in OUT.items()}


def make(where, name, rows, n, seed, **config):
    rng = np.random.default_rng(seed)
    op = DifferentiablePeakCaller(PeakCallerConfig(**config), rngs=nnx.Rngs(seed))
    move(op, rng)
    x = track(rng, rows, n)
    out = run(op, x)
    np.savez_compressed(f"{where}/{name}.npz", **params(op))
    np.savez_compressed(f"{where}/{name}_out.npz", x=x, **out,
                        window=np.float32(config.get("min_peak_width", 50)))


def make_trained(where, name, rows, n, seed, **config):
    rng = np.random.default_rng(seed)
    op = DifferentiablePeakCaller(PeakCallerConfig(**config), rngs=nnx.Rngs(seed))
    move(op, rng)
    x = track(rng, rows, n)
    labels = (x > 2).astype(np.float32)

    def loss_of(op):
        data, _, _ = op.apply({"coverage": jnp.asarray(x)}, {}, None)
        p = data["peak_probabilities"]
        y = jnp.asarray(labels)
        return jnp.mean(-(y * jnp.log(p + 1e-8) + (1 - y) * jnp.log(1 - p + 1e-8)))

    np.savez_compressed(f"{where}/{name}.npz", **params(op))
    optimizer = nnx.Optimizer(op, optax.adam(1e-3), wrt=nnx.Param)
    losses, first = [], None
    for _ in range(5):
        loss, grads = nnx.value_and_grad(loss_of)(op)
        if first is None:
            first = {"grad/" + "/".join(map(str, k)): np.asarray(v.value if hasattr(v, "value") else v)
                     for k, v in nnx.to_flat_state(grads)}
        losses.append(float(loss))
        optimizer.update(op, grads)
    np.savez_compressed(f"{where}/{name}_out.npz", x=x, labels=labels, losses=np.float64(losses),
                        **first, **{"trained/" + k: v for k, v in params(op).items()})


def make_denoised(where, name, n, seed, **config):
    """Parameters with an autoencoder; the module's decoder given the mean, its network on that."""
    rng = np.random.default_rng(seed)
    op = DifferentiablePeakCaller(PeakCallerConfig(use_vae_denoising=True, **config),
                                  rngs=nnx.Rngs(seed))
    move(op, rng)
    x = track(rng, 1, n)[0]
    w = config["window_size"]
    padded = np.pad(x, (0, -n % w), mode="edge").reshape(-1, w)
    vae = op.vae_encoder
    mean, logvar = vae.encode(jnp.log1p(jnp.abs(jnp.asarray(padded))))
    eta = vae.decode(mean)
    denoised = np.asarray(jnp.exp(jnp.clip(eta, -10, 10))).reshape(-1)[:n]
    plain = DifferentiablePeakCaller(PeakCallerConfig(
        **{k: v for k, v in config.items() if not k.startswith(("vae", "window"))}),
        rngs=nnx.Rngs(0))
    plain.peak_cnn, plain.threshold, plain.temperature = op.peak_cnn, op.threshold, op.temperature
    out = run(plain, denoised[None])
    np.savez_compressed(f"{where}/{name}.npz", **params(op))
    np.savez_compressed(f"{where}/{name}_out.npz", x=x[None], **out, denoised=denoised,
                        mean=np.asarray(mean), logvar=np.asarray(logvar),
                        window=np.float32(config.get("min_peak_width", 50)))


if __name__ == "__main__":
    where = sys.argv[1]
    make(where, "small", 1, 300, 5, num_filters=4, kernel_sizes=(5, 11), min_peak_width=10,
         threshold=0.4, temperature=0.7)
    make(where, "even", 3, 157, 6, num_filters=3, kernel_sizes=(2, 8, 3, 1), min_peak_width=7,
         threshold=0.1, temperature=0.9)
    make(where, "default", 1, 400, 7)
    make(where, "short", 1, 6, 8, num_filters=2, kernel_sizes=(9,), min_peak_width=50)
    make_denoised(where, "denoised", 230, 9, num_filters=4, kernel_sizes=(5,), min_peak_width=8,
                  window_size=50, vae_latent_dim=3, vae_hidden_dim=5)
    make_trained(where, "trained", 2, 200, 10, num_filters=4, kernel_sizes=(5, 11))
