#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""PyTorch on the small oracles' networks: windows per second, at its best batch size.

  peer_small.py cherimoya|legnet WEIGHTS.npz [--threads N] [--seconds S] [--cpu] [--batch N]
  peer_small.py epinformerseq MAIN.npz BIAS.npz ...

The networks as their originals run them on a processor (conv1d, channels first; Cherimoya's dense
layers on the last axis), on random windows held in memory.  Prints the best batch on one line,
tab-separated: windows per second, batch, version.  --cpu: processor seconds.
Needs torch and numpy.
"""
import argparse
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F


def read(path):
    with np.load(path) as z:
        return {k: torch.from_numpy(z[k]) for k in z.files}


def norm(x, t, p):
    return F.batch_norm(x, t[p + ".running_mean"], t[p + ".running_var"], t[p + ".weight"],
                        t[p + ".bias"])


def dense(x, t, p):
    return F.linear(x, t[p + ".weight"], t.get(p + ".bias"))


def conv(x, t, p, dilation=1, groups=1):
    w = t[p + ".weight"]
    return F.conv1d(x, w, t.get(p + ".bias"), padding=(w.shape[2] - 1) * dilation // 2,
                    dilation=dilation, groups=groups)


def cherimoya(t):
    taps = [t["blocks.%d.conv_weight" % j].t().unsqueeze(1).contiguous() for j in range(9)]

    def run(x):
        x = F.gelu(conv(x, t, "iconv"), approximate="tanh").transpose(1, 2).contiguous()
        for j in range(9):
            y = F.conv1d(x.transpose(1, 2).contiguous(), taps[j], padding=2**j, dilation=2**j,
                         groups=x.shape[2]).transpose(1, 2).reshape(len(x), -1)
            y = y - y.mean(1, keepdim=True)
            y = (y * (y.square().mean(1, keepdim=True) + 1e-3).rsqrt()).reshape(x.shape)
            y = F.gelu(dense(y, t, "blocks.%d.linear1" % j), approximate="tanh")
            x = x + 0.15 * dense(y, t, "blocks.%d.linear2" % j)
        x = x.transpose(1, 2).contiguous()
        return conv(x, t, "fconv")[:, :, 557:-557], dense(x[:, :, 557:-557].mean(2), t, "linear")
    return run


def epinformerseq(main, bias):
    def body(x, t):
        x = F.elu(conv(F.elu(conv(x, t, "stem.0")), t, "stem.2"))
        for j in range(9):
            p = "blocks.%d." % j
            x = F.elu(norm(conv(x, t, p + "conv", 2**j), t, p + "bn") + x)
        return x

    def run(x):
        h = body(x, main)[:, :, 545:1569]
        count = dense(F.silu(dense(h.mean(2), main, "count_head.0")), main, "count_head.2")
        logits = conv(h, main, "profile_head") + conv(body(x[:, :, 545:1569], bias), bias,
                                                      "profile_head")
        return (torch.softmax(logits, -1) * (10**count)[:, :, None])[:, :, 384:640].amax(2)
    return run


def legnet(t):
    def local(x, p):
        return F.silu(norm(conv(x, t, p + ".0"), t, p + ".1"))

    def run(x):
        x = local(x, "stem.block")
        for b in range(4):
            p = "main.%d.0.fn.block." % b
            y = F.silu(norm(conv(x, t, p + "0"), t, p + "1"))
            y = F.silu(norm(conv(y, t, p + "3", groups=y.shape[1]), t, p + "4"))
            gate = dense(F.silu(dense(y.mean(2), t, p + "6.fc.0")), t, p + "6.fc.2").sigmoid()
            y = F.silu(norm(conv(y * gate[:, :, None], t, p + "7"), t, p + "8"))
            x = F.max_pool1d(local(torch.cat([y, x], 1), "main.%d.1.block" % b), 2)
        x = conv(norm(x, t, "mapper.block.0"), t, "mapper.block.1").mean(2)
        return dense(F.silu(norm(dense(x, t, "head.0"), t, "head.1")), t, "head.3")
    return run


def rate(net, x, seconds, clock):
    net(x)
    start, n = clock(), 0
    while clock() - start < seconds:
        net(x)
        n += len(x)
    return n / (clock() - start)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("oracle", choices=["cherimoya", "epinformerseq", "legnet"])
    p.add_argument("weights", nargs="+")
    p.add_argument("--threads", type=int, default=2)
    p.add_argument("--seconds", type=float, default=2)
    p.add_argument("--cpu", action="store_true")
    p.add_argument("--batch", type=int)
    o = p.parse_args()
    torch.set_num_threads(o.threads)
    clock = time.process_time if o.cpu else time.perf_counter
    net = globals()[o.oracle](*map(read, o.weights))
    length = 230 if o.oracle == "legnet" else 2114
    batches = [o.batch] if o.batch else [1, 4, 16, 64]
    results = []
    with torch.inference_mode():
        for batch in batches:
            bases = torch.randint(0, 4, (batch, length), generator=torch.Generator().manual_seed(1))
            x = F.one_hot(bases, 4).permute(0, 2, 1).float().contiguous()
            results.append((rate(net, x, o.seconds, clock), batch))
            print("%8.2f windows/s, batch %d" % results[-1], file=sys.stderr)
    print("%.3f\t%d\t%s" % (*max(results), torch.__version__))


main()
