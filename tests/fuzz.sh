#!/bin/sh
# SPDX-License-Identifier: MIT
# fuzz.sh - replay the corpus of every fuzz target, and a few thousand inputs made from it
# (tests/fuzz/driver.c).  "make fuzz" builds the targets for long runs.
tests=$(cd "$(dirname "$0")" && pwd)
W=$tests/reference/weights
cd "$T" || exit 1
status=0

replay() {              # target, more files to start from
    target=$1
    shift
    if ! "$B/tests/fuzz/fuzz_$target" -runs=1500 "$tests/fuzz/corpus/$target" "$@"; then
        echo "fuzz_$target failed"
        status=1
    fi
}

replay hdf5 "$W"/keras*.h5 "$W"/h5_*.h5 "$W"/hostile_*.h5
replay keras "$W/keras3_deflated.keras"
replay torch "$W"/*.pt "$W/module.torch"
replay npz "$W"/*.npz
replay safetensors "$W/small.safetensors"
replay bundle "$W/saved_model.tar"
replay pickle
replay stream
replay background
exit $status
