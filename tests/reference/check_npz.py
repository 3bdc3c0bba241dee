#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Check a background of cdf-pack with numpy: check_npz.py BACKGROUND.npz STATE.tsv

STATE.tsv is what reservoir --text prints of the states that were packed.  Reads the archive as
numpy and chorus do, then makes every row again with numpy's linspace and interp and compares bits.
Run by hand; make test needs no Python.
"""
import collections
import json
import sys
import zipfile

import numpy as np


def grid(values, width):
    n = len(values)
    if n >= width:
        return values[np.linspace(0, n - 1, width, dtype=int)]
    return np.interp(np.linspace(0, 1, width), np.arange(n) / n, values)


def read_state(path):
    sets = collections.defaultdict(list)
    with open(path) as lines:
        for line in lines:
            if line[0] != "#":
                kind, track, value = line.rstrip("\n").split("\t")
                # Nine digits name one float; as a double they are only near it.
                sets[kind, track].append(
                    float(np.float32(value)) if kind == "perbin" else float(value))
    return {key: np.sort(np.array(v)) for key, v in sets.items()}


def main():
    archive, state = sys.argv[1:]
    assert zipfile.ZipFile(archive).testzip() is None
    npz = np.load(archive, allow_pickle=False)
    sets = read_state(state)
    ids = [str(i) for i in npz["track_ids"]]
    kinds = [k for k in ("effect", "summary", "perbin") if k + "_cdfs" in npz]
    keys = ["track_ids"]
    for kind in kinds:
        keys += [kind + "_retained", kind + "_cdfs"]
    keys += ["signed_flags"] + [kind + "_counts" for kind in kinds]
    assert npz.files == keys + ["layers_per_row", "build_config"], npz.files
    for kind in kinds:
        rows = npz[kind + "_cdfs"]
        assert rows.dtype == np.dtype("<f4") and rows.shape[0] == len(ids)
        for what in ("_counts", "_retained"):
            counts = npz[kind + what]
            assert counts.dtype == np.dtype("<i8") and counts.shape == (len(ids),)
        for i, track in enumerate(ids):
            values = sets.pop((kind, track))
            want = grid(values, rows.shape[1]).astype(np.float32)
            assert npz[kind + "_counts"][i] == len(values)
            assert rows[i].tobytes() == want.tobytes(), (kind, track)
    assert not sets, list(sets)[:3]
    assert npz["signed_flags"].dtype == np.dtype("|b1")
    assert npz["layers_per_row"].shape == (len(ids),)
    assert npz["build_config"].shape == (1,)
    text = str(npz["build_config"][0])
    config = json.loads(text)
    assert json.dumps(config, sort_keys=True) == text
    assert config["schema_version"] == 4 and config["n_tracks"] == len(ids)
    print(f"{len(ids)} tracks, {', '.join(kinds)}: equal")


if __name__ == "__main__":
    main()
