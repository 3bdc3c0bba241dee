#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write the weight files of tests/unit/test_weights_containers.c into the folder weights/.

Every file is written by the library that its format belongs to.  Values are ramps (element i is
first + i / 2), as in make_weights.py, so that the test states them without a table.  Needs numpy,
h5py, torch, safetensors, keras 3, tensorflow and cramjam (Snappy).
"""
import os
import shutil
import tarfile
import tempfile
import zipfile

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import cramjam
import h5py
import keras
import numpy as np
import tensorflow as tf
import torch
from safetensors.torch import save_file

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "weights")


def ramp(shape, first=0.0, step=0.5, dtype=np.float32):
    n = int(np.prod(shape))
    return (first + step * np.arange(n)).astype(dtype).reshape(shape)


def path(name):
    return os.path.join(OUT, name)


def write_h5_links():
    """60 layers: links in a heap and a B-tree of two levels; with many attributes, these too."""
    with h5py.File(path("h5_dense.h5"), "w", libver="latest") as f:
        f.attrs["model_config"] = "{\"class_name\": \"Dense\"}"
        for i in range(12):
            f.attrs["attribute_%d" % i] = "text %d" % i
        for i in range(60):
            f["layer_%d" % i] = ramp((2,), first=i)
    with h5py.File(path("h5_compact.h5"), "w", libver="latest", track_order=True) as f:
        f.attrs["model_config"] = np.bytes_("{}")
        g = f.create_group("model_weights", track_order=True)
        for i in range(5):
            g["layer_%d/kernel:0" % (4 - i)] = ramp((2, 2), first=i)
    with h5py.File(path("h5_old.h5"), "w", libver="earliest") as f:
        f.attrs["model_config"] = "{}"
        for i in range(40):
            f["layer_%d" % i] = ramp((1,), first=i)


def write_h5_chunks():
    """Chunks that the shape cuts, by every index that does not need a growing dataset."""
    a = ramp((5, 7, 3))
    with h5py.File(path("h5_chunks.h5"), "w") as f:
        f.create_dataset("plain", data=a, chunks=(2, 3, 2))
        f.create_dataset("deflated", data=a, chunks=(2, 3, 2), compression="gzip")
        f.create_dataset("shuffled", data=a, chunks=(5, 4, 3), compression="gzip", shuffle=True)
        f.create_dataset("half", data=a.astype("<f2"), chunks=(4, 4, 1), shuffle=True)
    with h5py.File(path("h5_chunks_new.h5"), "w", libver="latest") as f:
        f.create_dataset("single", data=a, chunks=a.shape)
        f.create_dataset("single_deflated", data=a, chunks=a.shape, compression="gzip")
        f.create_dataset("array", data=a, chunks=(2, 3, 2))
        f.create_dataset("array_deflated", data=a, chunks=(2, 3, 2), compression="gzip",
                         shuffle=True)
        early = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        early.set_chunk((2, 3, 2))
        early.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        space = h5py.h5s.create_simple(a.shape)
        d = h5py.h5d.create(f.id, b"implicit", h5py.h5t.IEEE_F32LE, space, early)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, a)


def write_h5_types():
    with h5py.File(path("h5_types.h5"), "w") as f:
        for name in ("<f2", "<f4", "<f8", ">f8", "<i1", "<i2", ">i4", "<i8", "<u1", "<u2", "<u4",
                     "<u8"):
            f["big" + name[1:] if name[0] == ">" else name[1:]] = ramp((3,), first=1, step=1,
                                                                      dtype=name)
        f["scalar"] = np.float32(2.5)
        f["empty"] = np.zeros((0, 3), np.float32)
        f["null"] = h5py.Empty("f")
        f["text"] = "passed over"
        compact = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        compact.set_layout(h5py.h5d.COMPACT)
        d = h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE,
                            h5py.h5s.create_simple((4,)), compact)
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, ramp((4,)))
        brain = h5py.h5t.IEEE_F32LE.copy()
        brain.set_fields(15, 7, 8, 0, 7)
        brain.set_size(2)
        brain.set_ebias(127)
        d = h5py.h5d.create(f.id, b"brain", brain, h5py.h5s.create_simple((4,)))
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, ramp((4,)))


def write_h5_hostile():
    """Links out of the file, circles, and shapes that no value was stored for."""
    def make(name, **how):
        return h5py.File(path("hostile_%s.h5" % name), "w", **how)
    with make("soft") as f:
        f["w"] = ramp((2, 3))
        f["again"] = h5py.SoftLink("/w")
    with make("soft_new", libver="latest") as f:
        f["w"] = ramp((2, 3))
        f["again"] = h5py.SoftLink("/w")
    with make("external") as f:
        f["model_weights"] = h5py.ExternalLink("keras.h5", "/model_weights")
    with make("twice") as f:
        f["w"] = ramp((2, 3))
        f["x"] = f["w"]
    with make("circle") as f:
        f.create_group("g")["up"] = f["/"]
    with make("circle_new", libver="latest") as f:
        f.create_group("g")["up"] = f["/"]
    with make("deep") as f:
        f.create_group("/".join("g" * 40))
    with make("huge") as f:
        f.create_dataset("w", shape=(1 << 20, 1 << 20), dtype="<f4")
    with make("huge_chunks") as f:
        f.create_dataset("w", shape=(1 << 20, 1 << 20), dtype="<f4", chunks=(1, 16))
    with make("unwritten") as f:
        f.create_dataset("w", shape=(2, 2), dtype="<f4")
    with make("nine") as f:
        f["w"] = ramp((1,) * 9)
    with make("nothing") as f:
        pass
    with make("storage") as f:
        f.create_dataset("w", shape=(4, 6), dtype="<f4", external=[("other.bin", 0, 96)])
    with make("filter") as f:
        f.create_dataset("w", data=ramp((4, 6)), fletcher32=True)
    with make("grows", libver="latest") as f:
        f.create_dataset("w", data=ramp((4, 6)), chunks=(2, 2), maxshape=(None, 6))
    with make("virtual", libver="latest") as f:
        layout = h5py.VirtualLayout((4, 6), "<f4")
        layout[:] = h5py.VirtualSource("other.h5", "w", (4, 6))
        f.create_virtual_dataset("w", layout)
    with make("nan") as f:
        f["w"] = np.array([1, np.nan], np.float32)
    with make("large") as f:
        f["w"] = np.float64(1e300)
    with make("attribute") as f:
        f["w"] = ramp((2,))
        f.attrs["model_config"] = 7
    with make("no_group") as f:
        f["model_weights"] = ramp((2,))
    with make("named_type") as f:
        f["type"] = np.dtype("<f4")
        f.create_dataset("w", data=ramp((2,)), dtype=f["type"])


def keras_model():
    sequence = keras.Input((40, 4), name="sequence")
    x = keras.layers.Conv1D(2, 5, name="bpnet_1st_conv")(sequence)
    x = keras.layers.Conv1D(2, 3, name="bpnet_1conv", use_bias=False, dilation_rate=2)(x)
    x = keras.layers.BatchNormalization(name="norm", scale=False)(x)
    x = keras.layers.SeparableConv1D(2, 3, name="separable")(x)
    x = keras.layers.LayerNormalization(name="layer_norm")(x)
    x = keras.layers.MultiHeadAttention(1, 2, name="attention")(x, x)
    x = keras.layers.GlobalAveragePooling1D(name="gap")(x)
    inner = keras.Model(sequence, keras.layers.Dense(1, name="logcount_predictions")(x),
                        name="model_wo_bias")
    outer_in = keras.Input((40, 4), name="outer_sequence")
    model = keras.Model(outer_in, keras.layers.Dense(2, name="last")(inner(outer_in)))
    for k, v in enumerate(model.weights):
        v.assign(ramp(v.shape, first=k))
    return model


def write_keras():
    model = keras_model()
    model.compile(optimizer="adam", loss="mse")
    model.optimizer.build(model.trainable_variables)
    model.save(path("keras3.keras"))
    model.save_weights(path("keras3.weights.h5"))
    model.save(path("keras3_legacy.h5"))
    with zipfile.ZipFile(path("keras3.keras")) as z, \
            zipfile.ZipFile(path("keras3_deflated.keras"), "w", zipfile.ZIP_DEFLATED) as out:
        for name in z.namelist():
            out.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), z.read(name),
                         zipfile.ZIP_DEFLATED)
    for k, v in enumerate(model.weights):
        print("keras:", k, v.path, tuple(v.shape))


class Net(tf.Module):
    def __init__(self):
        super().__init__(name="net")
        self.kernel = tf.Variable(ramp((3, 4, 2)), name="conv/kernel")
        self.bias = tf.Variable(ramp((2,), first=9), name="conv/bias")
        self.half = tf.Variable(ramp((4,), dtype=np.float16), name="half")
        self.brain = tf.Variable(tf.cast(ramp((4,)), tf.bfloat16), name="brain")
        self.steps = tf.Variable(np.int64(12345), name="steps")
        self.twice = [tf.Variable(ramp((2,), first=1), name="same"),
                      tf.Variable(ramp((2,), first=2), name="same")]


def write_tensorflow():
    net = Net()
    work = tempfile.mkdtemp()
    tf.train.Checkpoint(model=net).write(os.path.join(work, "ckpt"))
    for name in ("ckpt.index", "ckpt.data-00000-of-00001"):
        shutil.copy(os.path.join(work, name), path(name))
    tf.saved_model.save(net, os.path.join(work, "saved"))
    with tarfile.open(path("saved_model.tar"), "w", format=tarfile.PAX_FORMAT) as t:
        for name in ("variables.index", "variables.data-00000-of-00001"):
            info = t.gettarinfo(os.path.join(work, "saved", "variables", name),
                                arcname="a_folder_of_a_long_name/" * 5 + "variables/" + name)
            info.uid = info.gid = info.mtime = 0
            info.uname = info.gname = ""
            with open(os.path.join(work, "saved", "variables", name), "rb") as f:
                t.addfile(info, f)
    shutil.rmtree(work)


def write_tensorflow_v1():
    """A checkpoint of a graph: keys are the variables' names, and there is no object graph."""
    with tf.Graph().as_default():
        v1 = tf.compat.v1
        v1.get_variable("trunk/w", initializer=ramp((2, 3)))
        v1.get_variable("trunk/b", initializer=ramp((3,), first=5))
        with v1.Session() as session:
            session.run(v1.global_variables_initializer())
            v1.train.Saver().save(session, path("graph"), write_meta_graph=False)
    os.remove(path("checkpoint"))


def write_safetensors():
    save_file({
        "conv.weight": torch.from_numpy(ramp((2, 3, 2), first=-1)),
        "half": torch.from_numpy(ramp((4,), dtype=np.float16)),
        "brain": torch.from_numpy(ramp((4,))).to(torch.bfloat16),
        "double": torch.from_numpy(ramp((2, 2), first=0.25, dtype=np.float64)),
        "steps": torch.tensor(12345, dtype=torch.int64),
        "int32": torch.arange(3, dtype=torch.int32),
        "mask": torch.tensor([True, False, True]),
        "nothing": torch.zeros((0, 2)),
    }, path("small.safetensors"), metadata={"n_filters": "4", "name": "tiny"})


def write_snappy():
    """Text that packs well and bytes that do not, for the unpacker alone."""
    rng = np.random.RandomState(1)
    plain = b"conv1d/kernel" * 40 + bytes(rng.randint(0, 256, 300, dtype=np.uint8)) + b"a" * 1000
    with open(path("snappy.raw"), "wb") as f:
        f.write(plain)
    with open(path("snappy.packed"), "wb") as f:
        f.write(bytes(cramjam.snappy.compress_raw(plain)))


if __name__ == "__main__":
    write_h5_links()
    write_h5_chunks()
    write_h5_types()
    write_h5_hostile()
    write_keras()
    write_tensorflow()
    write_tensorflow_v1()
    write_safetensors()
    write_snappy()
