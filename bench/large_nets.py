# SPDX-License-Identifier: MIT
"""The large networks at full size in PyTorch, with weights that are generated and calibrated.

Random weights alone make a poor test: with 1,536 channels and a softmax over thousands of tokens all
tracks become nearly constant, and whatever is wrong in the trunk hides behind that constant.  So
one pass over part of a window sets what training would have set: normalisations have the statistics
of what they read, branches add a fraction of the stream that they are added to, attention is sharp
enough to choose, and every track is centred so that its values vary by their own size.

Enformer and Borzoi are the ports enformer-pytorch and borzoi-pytorch.  Sei's licence is academic:
its code was not looked at, and the network here follows the layer table in this suite's
specification alone.
"""
import math
import os
import sys

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../tests/reference"))
from gamma_features import use_gamma_features

os.environ.setdefault("USE_TF", "0")       # transformers would load TensorFlow too


def randomise(net, gain=0.8):
    """Every tensor at random: none keeps a default that could hide an error of order."""
    with torch.no_grad():
        for name, p in net.named_parameters():
            if name.endswith(("rel_content_bias", "rel_pos_bias")):
                p.normal_(0, 0.5)
            elif p.ndim < 2:
                p.normal_(1 if name.endswith(".weight") else 0, 0.2)
            else:
                p.normal_(0, gain / math.sqrt(p[0].numel()))
                if name.endswith("to_q.weight"):
                    p.mul_(4)


def batch_norm(module, inputs):
    """As in training: the running statistics become those of the input, a little off."""
    x = inputs[0]
    mean, sd = x.mean(dim=(0, 2)), x.std(dim=(0, 2)) + 1e-4
    module.running_mean.copy_(mean + 0.2 * sd * torch.randn_like(sd))
    module.running_var.copy_((sd * (0.8 + 0.4 * torch.rand_like(sd))) ** 2)


def residual(block, share):
    """
    The last linear layer of a transformer's branch adds share of the stream's variation, whatever
    part of that is the same for all tokens: scaled by what varies it would drown the rest.
    """
    seen = {}

    def before(module, inputs):
        seen["stream"] = inputs[0].std(dim=1).square().mean().sqrt()

    def after(module, inputs, output):
        factor = share * seen["stream"] / output.square().mean().sqrt()
        module.weight.mul_(factor)
        module.bias.normal_(0, 0.1 * float(seen["stream"]))
        return output * factor

    norm = [m for m in block.modules() if isinstance(m, nn.LayerNorm)][0]
    last = [m for m in block.modules() if isinstance(m, nn.Linear)]
    last = [m for n, m in block.named_modules() if n.endswith("to_out")] or last[-1:]
    return [norm.register_forward_pre_hook(before), last[0].register_forward_hook(after)]


def centre_tracks(weight, bias, x):
    """weight: tracks x channels; x: positions x channels, what the head reads."""
    y = x @ weight.T
    weight.mul_((1.5 / y.std(dim=0))[:, None])
    y = x @ weight.T
    bias.copy_(-y.mean(dim=0) - 1 + 0.5 * torch.randn(len(bias)))


def calibrate(net, branches, run):
    """Run once with hooks that set normalisations and branches on the way."""
    hooks = [m.register_forward_pre_hook(batch_norm) for m in net.modules()
             if isinstance(m, nn.BatchNorm1d)]
    for b in branches:
        hooks += residual(b, 0.4)
    y = run()
    for h in hooks:
        h.remove()
    return y


def one_hot(codes):
    """codes: ... x length; gives ... x length x 4."""
    return torch.from_numpy(np.eye(4, dtype=np.float32)[codes])


# --- Enformer ---

class Enformer:
    window, read, bins, first_bin_bp, gmac = 393216, 196608, 896, 40960, 1642
    file = "enformer.pt"

    def __init__(self):
        import enformer_pytorch.modeling_enformer as port
        use_gamma_features(port)
        self.net = port.Enformer(port.EnformerConfig(
            dim=1536, depth=11, heads=8, output_heads={"human": 5313, "mouse": 1643},
            target_length=896, attn_dim_key=64, use_tf_gamma=False)).eval()

    def generate(self, codes):
        net, x = self.net, one_hot(codes)[None]
        randomise(net)
        net.set_target_length(-1)
        branches = [part for block in net.transformer for part in block]
        embedded = calibrate(net, branches, lambda: net.trunk(x[:, :len(codes) // 4]))
        for head in net._heads.values():
            centre_tracks(head[0].weight, head[0].bias, embedded[0])

    def save(self, path):
        # Not the trunk's second names of the same modules.
        torch.save({k: v for k, v in self.net.state_dict().items() if not k.startswith("_trunk")},
                   path)

    def load(self, path):
        self.net.load_state_dict(torch.load(path), strict=False)

    def warm_up(self, codes):
        self.net.set_target_length(-1)
        self.net(one_hot(codes[:len(codes) // 16])[None], head="human")
        self.net.set_target_length(self.bins)

    def __call__(self, codes):
        return self.net(one_hot(codes)[None], head="human")[0]


# --- Borzoi ---

class Borzoi:
    window, read, bins, gmac = 524288, 524288, 6144, 2455
    file = "borzoi.safetensors"

    def __init__(self):
        from borzoi_pytorch import Borzoi as Port
        from borzoi_pytorch.config_borzoi import BorzoiConfig
        self.net = Port(BorzoiConfig(enable_mouse_head=False)).eval()

    def generate(self, codes):
        net, n = self.net, len(codes) // 8
        x = one_hot(codes[:n]).T[None]
        randomise(net)
        # The table of relative positions is made for a whole window: its middle is this part's.
        tables = [(m, m.positions) for m in net.modules() if hasattr(m, "positions")]
        for m, table in tables:
            m.positions = table[4096 - n // 128:4095 + n // 128]
        crop, net.crop = net.crop, nn.Identity()
        branches = [part for block in net.transformer for part in block]
        x = calibrate(net, branches, lambda: net.final_joined_convs(net.get_embs_after_crop(x)))
        centre_tracks(net.human_head.weight[..., 0], net.human_head.bias, x[0].T)
        net.crop = crop
        for m, table in tables:
            m.positions = table

    def save(self, path):
        from safetensors.torch import save_file
        save_file({k: v.contiguous() for k, v in self.net.state_dict().items()}, path)

    def load(self, path):
        from safetensors.torch import load_file
        self.net.load_state_dict(load_file(path))

    def warm_up(self, codes):
        self.net.res_tower(self.net.conv_dna(one_hot(codes[:len(codes) // 16]).T[None]))

    def __call__(self, codes):
        return self.net(one_hot(codes).T[None])[0].T


# --- Sei ---

class Sei:
    window, read, gmac = 4096, 4096, 54.2
    file = "sei.pth"
    targets, splines, dilations = 21907, 16, (2, 4, 8, 16, 25)

    def __init__(self):
        a, b, c = 480, 640, 960
        self.shapes = {
            "lconv1.0": (a, 4, 9), "lconv1.1": (a, a, 9), "conv1.0": (a, a, 9),
            "conv1.2": (a, a, 9), "lconv2.2": (b, a, 9), "lconv2.3": (b, b, 9),
            "conv2.1": (b, b, 9), "conv2.3": (b, b, 9), "lconv3.2": (c, b, 9),
            "lconv3.3": (c, c, 9), "conv3.1": (c, c, 9), "conv3.3": (c, c, 9)}
        self.shapes.update({f"dconv{i}.1": (c, c, 5) for i in range(1, 6)})
        self.w, self.two_d, self.settle, self.exact = {}, False, False, False

    def parameters(self, name):
        w, b = self.w[name + ".weight"], self.w[name + ".bias"]
        return (w.double(), b.double()) if self.exact else (w, b)

    def conv(self, x, name, dilation=1):
        w, b = self.parameters(name)
        pad = dilation * (w.shape[-1] // 2)
        if self.two_d:
            y = F.conv2d(x, w, b, padding=(0, pad), dilation=(1, dilation))
        else:
            y = F.conv1d(x, w, b, padding=pad, dilation=dilation)
        if self.settle:     # deviations of 1; rectified ones are on for a third of the columns
            middle = 0.3 * torch.randn(len(b)) - (0 if name.startswith("l") else 0.5)
            factor = 1 / y.std(dim=(0, 2))
            b.copy_(middle - y.mean(dim=(0, 2)) * factor)
            w.mul_(factor[:, None, None])
            y = F.conv1d(x, w, b, padding=pad, dilation=dilation)
        return y

    def pool(self, x):
        return F.max_pool2d(x, (1, 4)) if self.two_d else F.max_pool1d(x, 4)

    def spline(self, m):
        from scipy.interpolate import BSpline
        inner = np.arange(1, self.splines - 3) * (m - 1) / (self.splines - 3)
        knots = np.concatenate([np.zeros(4), inner, np.full(4, m - 1.0)])
        return torch.from_numpy(BSpline(knots, np.eye(self.splines), 3)(np.arange(float(m)))).float()

    def features(self, x):
        conv, relu = self.conv, F.relu
        l = conv(conv(x, "lconv1.0"), "lconv1.1")
        c = relu(conv(relu(conv(l, "conv1.0")), "conv1.2"))
        l = conv(conv(self.pool(c + l), "lconv2.2"), "lconv2.3")
        c = relu(conv(relu(conv(l, "conv2.1")), "conv2.3"))
        l = conv(conv(self.pool(c + l), "lconv3.2"), "lconv3.3")
        c = relu(conv(relu(conv(l, "conv3.1")), "conv3.3"))
        # The linear path enters the first dilated layer, not the residual stream.
        s = c + relu(conv(c + l, "dconv1.1", self.dilations[0]))
        for i, d in enumerate(self.dilations[1:], 2):
            s = s + relu(conv(s, f"dconv{i}.1", d))
        s = s.squeeze(2) if self.two_d else s
        return (s @ self.basis).flatten(1)

    def linear(self, x, name, centred):
        """Hidden units of about 1; logits that vary by 1 between windows, and more by profile."""
        w, b = self.parameters(name)
        if self.settle:
            y = F.linear(x, w)
            factor = 1 / (y.std(dim=0) if centred else y.square().mean(dim=0).sqrt())
            b.copy_(1.5 * torch.randn(len(b)) - 0.5 - y.mean(dim=0) * factor if centred
                    else 0.3 * torch.randn(len(b)))
            w.mul_(factor[:, None])
        return F.linear(x, w, b)

    def __call__(self, codes):
        """codes: sequences x length; gives sequences x profiles."""
        x = one_hot(codes).transpose(1, 2).contiguous()
        x = x.double() if self.exact else x
        if self.two_d:
            x = x.unsqueeze(2).contiguous(memory_format=torch.channels_last)
        self.basis = self.spline(codes.shape[1] // 16).to(x.dtype)
        x = F.relu(self.linear(self.features(x), "classifier.0", False))
        return torch.sigmoid(self.linear(x, "classifier.2", True))

    def generate(self, codes):
        for name, shape in self.shapes.items():
            self.w[name + ".weight"] = torch.randn(shape) / math.sqrt(np.prod(shape[1:]))
            self.w[name + ".bias"] = torch.zeros(shape[0])
        for name, n in (("classifier.0", 960 * self.splines), ("classifier.2", self.targets)):
            self.w[name + ".weight"] = torch.empty(self.targets, n).uniform_(-1, 1)
            self.w[name + ".bias"] = torch.zeros(self.targets)
        self.settle = True
        self(codes)
        self.settle = False

    def save(self, path):
        torch.save({"module.model." + k: v for k, v in self.w.items()}, path)

    def load(self, path):
        self.w = {k.removeprefix("module.model."): v
                  for k, v in torch.load(path, mmap=True).items()}

    def in_double(self, codes):
        """The same with everything in double precision."""
        self.exact = True
        y = self(codes)
        self.exact = False
        return y

    def channels_last(self):
        self.two_d = True
        for name in self.shapes:
            w = self.w[name + ".weight"].unsqueeze(2)
            self.w[name + ".weight"] = w.contiguous(memory_format=torch.channels_last)


NETWORKS = {"enformer": Enformer, "borzoi": Borzoi, "sei": Sei}
