#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rows of cdf-pack against a NumPy restatement of the reference grid, bit for bit.

  check_grid.py FOLDER_OF_TOOLS     raw values through reservoir | cdf-pack, compared with NumPy
  check_grid.py --cases             print tests/reference/grid/cases.tsv, which the C test reads

Values come from a hash (lib/rng/keyed.h), so that C and NumPy can make the same ones: of either
sign, with ties, in single precision, from 1 to 2,000,000 of them; whole, and thinned with exact
tails.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

GAMMA = np.uint64(0x9E3779B97F4A7C15)
MODES = ("unsigned", "signed", "ties", "float")
NUMBERS = (1, 2, 3, 7, 99, 100, 101, 999, 1000, 1697, 1909, 9606, 9609, 9998, 9999, 10000, 10001,
           11067, 17909, 18672, 22222, 33571, 37344, 100003, 1088128, 2000000)


def mix(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def keyed_hash(seed, key, counter):
    base = mix(mix(np.uint64(seed) + GAMMA) ^ key)
    return mix(base + (np.uint64(counter) + np.uint64(1)) * GAMMA)


def make_values(n, mode):
    word = keyed_hash(5, np.arange(n, dtype=np.uint64), MODES.index(mode))
    value = np.ldexp((word >> np.uint64(11)).astype(np.float64),
                     -(word & np.uint64(31)).astype(np.int64) - 30)
    if mode == "signed":
        value = np.where(word >> np.uint64(5) & np.uint64(1), -value, value)
    if mode == "ties":
        value = (word % np.uint64(7)).astype(np.float64)
    if mode == "float":
        value = value.astype(np.float32).astype(np.float64)
    return value


def make_keys(n):
    return (keyed_hash(6, np.arange(n, dtype=np.uint64), 0) >> np.uint64(32)).astype(np.uint32)


def plain_row(values, width):
    """values sorted; all there are."""
    n = len(values)
    if n == 0:
        return np.zeros(width)
    if n >= width:
        return values[np.linspace(0, n - 1, width, dtype=int)]
    return np.interp(np.linspace(0, 1, width), np.arange(n) / n, values)


def spliced_row(body, lower, upper, offered, width):
    k = min(len(lower), len(upper))
    if k == 0 or offered < 4 * k:
        return body[np.linspace(0, len(body) - 1, width, dtype=int)]
    inner = body[(body > lower[-1]) & (body < upper[0])]
    rank = np.rint(np.arange(width) * (offered - 1) / (width - 1)).astype(np.int64)
    row = np.empty(width)
    for i, r in enumerate(rank):
        if r < k:
            row[i] = lower[r]
        elif r >= offered - k:
            row[i] = upper[r - (offered - k)]
        elif len(inner):
            share = (r - k) / max(offered - 2 * k - 1, 1)
            row[i] = inner[min(int(np.rint(share * (len(inner) - 1))), len(inner) - 1)]
        else:
            row[i] = lower[-1]
    return np.maximum.accumulate(row)


def thin(values, keys, capacity, tail):
    order = np.lexsort((values, keys))
    ascending = np.sort(values)
    return np.sort(values[order[:capacity]]), ascending[:tail], ascending[len(values) - tail:]


def bounds_of(n):
    """Capacity and tail of the thinned case of n values."""
    return max(n // 10, 1), n // 40 + 1


def print_cases():
    print("# n\twidth\tvalues\tthinned\tsha256 of the row as little-endian floats; by check_grid.py")
    for n in NUMBERS:
        for width in (2, 100, 10000):
            for mode in MODES:
                values = make_values(n, mode)
                row = plain_row(np.sort(values), width)
                digest = hashlib.sha256(row.astype("<f4").tobytes()).hexdigest()
                print(f"{n}\t{width}\t{mode}\t0\t{digest}")
                if n < 40 or n == 2000000:
                    continue
                body, lower, upper = thin(values, make_keys(n), *bounds_of(n))
                row = spliced_row(body, lower, upper, n, width)
                digest = hashlib.sha256(row.astype("<f4").tobytes()).hexdigest()
                print(f"{n}\t{width}\t{mode}\t1\t{digest}")


def write_scores(path, values, kind):
    ref, alt = ("A", "C") if kind == "effect" else (".", ".")
    with open(path, "w") as out:
        out.write("#chrom\tpos\tref\talt\tkind\ttrack\tscore\n")
        for i, v in enumerate(values.tolist()):
            out.write(f"chr1\t{i + 1}\t{ref}\t{alt}\t{kind}\tt\t{v!r}\n")


def python_keys(n, kind):
    """The keys of reservoir/identity.h, by hashlib."""
    ref, alt = ("A", "C") if kind == "effect" else ("", "")
    seed = (12345).to_bytes(8, "little")

    def digest(text):
        return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8, key=seed).digest(),
                              "little")

    site = np.array([digest(f"1\t{i + 1}\t{ref}\t{alt}") for i in range(n)], dtype=np.uint64)
    return (keyed_hash(digest(f"{kind}\tt"), site, 0) >> np.uint64(32)).astype(np.uint32)


def through_tools(tools, values, kind, width, options):
    with tempfile.TemporaryDirectory() as folder:
        scores, state, packed = (os.path.join(folder, f) for f in ("s.tsv", "s.res", "s.npz"))
        write_scores(scores, values, kind)
        subprocess.run([f"{tools}/reservoir", "-q", "--width", str(width), *options, "-o", state,
                        scores], check=True)
        subprocess.run([f"{tools}/cdf-pack", "-q", "--allow-thinned", "--width", str(width), "-o",
                        packed, state], check=True)
        npz = np.load(packed, allow_pickle=False)
        config = json.loads(str(npz["build_config"][0]))
        return npz[f"{kind}_cdfs"][0], config["sampling"][kind]


def compare(tools, n, width, mode, thinned):
    kind = "perbin" if mode == "float" else "effect"
    values = make_values(n, mode)
    options = []
    if thinned:
        capacity, tail = bounds_of(n)
        options = ["--capacity", str(capacity), "--tail", str(tail)]
        want = spliced_row(*thin(values, python_keys(n, kind), capacity, tail), n, width)
    else:
        want = plain_row(np.sort(values), width)
    got, sampling = through_tools(tools, values, kind, width, options)
    assert sampling["mode"] == ("hybrid" if thinned else "exact"), sampling
    assert got.dtype == np.float32 and got.tobytes() == want.astype(np.float32).tobytes(), \
        f"{n} values, {width} points, {mode}, thinned {thinned}"


def main():
    np.seterr(over="ignore")
    if sys.argv[1:] == ["--cases"]:
        print_cases()
        return
    done = 0
    for n in NUMBERS:
        for width in (100, 10000) if n < 100000 else (10000,):
            for mode in MODES if n < 1000000 else ("signed",):
                compare(sys.argv[1], n, width, mode, False)
                done += 1
                if 40 <= n < 100000:
                    compare(sys.argv[1], n, width, mode, True)
                    done += 1
    print(f"{done} rows are NumPy's bit for bit")


if __name__ == "__main__":
    main()
