# SPDX-License-Identifier: MIT
"""Enformer's gamma features of positions, for the PyTorch port (enformer-pytorch).

Normalised per feature over all positions, in double precision, as the published weights have it.
For any length other than 196,608 bp the port itself normalises over the features.
"""
import torch


def gamma_features(positions, features, seq_len, **kwargs):
    """In place of the port's get_positional_features_gamma: positions x features."""
    x = positions.double().abs()[..., None]
    f = torch.arange(1, features + 1).double()[None]
    shape, rate = 4 * f * f, 4 * f * features / seq_len
    density = torch.exp(torch.xlogy(shape - 1, x) - rate * x - torch.lgamma(shape) +
                        shape * torch.log(rate)) + 1e-8
    return (density / density.amax(dim=0, keepdim=True)).to(kwargs.get("dtype", torch.float))


def use_gamma_features(port):
    """port: the module enformer_pytorch.modeling_enformer."""
    port.get_positional_features_gamma = gamma_features
