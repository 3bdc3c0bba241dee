#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Seconds and bytes of numpy.savez_compressed on the arrays of a background: npz_speed.py IN OUT

Only the call is timed.  For make bench, where a python3 with NumPy is found.
"""
import os
import sys
import time

import numpy as np

arrays = dict(np.load(sys.argv[1], allow_pickle=False))
start = time.perf_counter()
np.savez_compressed(sys.argv[2], **arrays)
print(f"{time.perf_counter() - start:.2f} {os.path.getsize(sys.argv[2])}")
