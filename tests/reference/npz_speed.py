#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Time and size of numpy.savez_compressed on the arrays of a background: npz_speed.py IN OUT

Prints wall seconds, processor seconds and bytes; only the call is timed.  For make bench, where a
python3 with NumPy is found.
"""
import os
import sys
import time

import numpy as np

arrays = dict(np.load(sys.argv[1], allow_pickle=False))
wall, processor = time.perf_counter(), time.process_time()
np.savez_compressed(sys.argv[2], **arrays)
print(f"{time.perf_counter() - wall:.2f} {time.process_time() - processor:.2f} "
      f"{os.path.getsize(sys.argv[2])}")
