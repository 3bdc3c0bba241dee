#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Write tests/fuzz/corpus/TARGET/*: files that are cut, have bits flipped, or declare too much.

They are made from tests/reference/weights, which the targets are started from as well, and from
nothing but Python's standard library, with fixed seeds.  What fuzzing has found, found_*, is kept.
"""
import io
import json
import os
import random
import struct
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
WEIGHTS = os.path.join(HERE, "..", "reference", "weights")
OUT = os.path.join(HERE, "corpus")


def load(name):
    with open(os.path.join(WEIGHTS, name), "rb") as f:
        return f.read()


def save(target, name, data):
    os.makedirs(os.path.join(OUT, target), exist_ok=True)
    with open(os.path.join(OUT, target, name), "wb") as f:
        f.write(data)


def damage(target, name, cuts=(0.3, 0.7, 0.99), flips=4):
    data = load(name)
    for cut in cuts:
        save(target, "cut_%02d_%s" % (100 * cut, name), data[:int(len(data) * cut)])
    rng = random.Random(name)
    for k in range(flips):
        b = bytearray(data)
        for _ in range(1 + 3 * k):
            b[rng.randrange(len(b))] ^= 1 << rng.randrange(8)
        save(target, "flip_%d_%s" % (k, name), bytes(b))


def archive(members, deflate=False):
    out = io.BytesIO()
    how = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
    with zipfile.ZipFile(out, "w", how) as z:
        for name, data in members:
            z.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, how)
    return out.getvalue()


def hdf5():
    for name in ("keras_root.h5", "h5_chunks_new.h5", "h5_compact.h5"):
        damage("hdf5", name)
    data = load("keras_root.h5")
    dims = struct.pack("<QQ", 2, 3)
    for name, new in (("huge", (1 << 40, 3)), ("overflow", (1 << 63, 2)), ("wraps", (1 << 62, 4)),
                      ("minus", (2**64 - 1, 2**64 - 1)), ("many", (1 << 20, 1 << 10))):
        save("hdf5", "shape_%s.h5" % name, data.replace(dims, struct.pack("<QQ", *new)))
    # A group that is its own child, and an object header that continues into itself.
    data = load("hostile_circle.h5")
    save("hdf5", "circle.h5", data)
    cont = bytearray(load("keras_fixed.h5")[:4096])
    root = struct.unpack_from("<Q", cont, 64)[0]
    struct.pack_into("<HHB3xQQ", cont, root + 16, 16, 16, 0, root + 16, 24)
    save("hdf5", "continues_into_itself.h5", bytes(cont))


def npy(descr, shape, data=b"", order="False"):
    text = "{'descr': '%s', 'fortran_order': %s, 'shape': %s, }" % (descr, order, shape)
    text += " " * (-(len(text) + 11) % 64) + "\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text.encode() + data


def npz():
    damage("npz", "stored.npz")
    damage("npz", "deflated.npz", flips=2)
    for name, shape in (("huge", "(1099511627776,)"), ("overflow", "(4294967296, 4294967296)"),
                        ("wraps", "(4611686018427387904, 4)"), ("dims", "(1,) * 9"),
                        ("nine", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), ("negative", "(-1,)")):
        save("npz", "shape_%s.npz" % name, archive([("w.npy", npy("<f4", shape, bytes(24)))]))
    save("npz", "objects.npz", archive([("w.npy", npy("|O", "(1,)", b"cos\nsystem\n."))]))
    save("npz", "inflates.npz",
         archive([("w.npy", npy("<f4", "(1000000,)", bytes(4000000)))], deflate=True))
    # The same bytes under two names: central records that point to one local header.
    one = bytearray(archive([("w.npy", npy("<f4", "(2,)", bytes(8)))]))
    at = one.index(b"PK\x01\x02")
    end = one.index(b"PK\x05\x06")
    twice = one[:end] + one[at:end] + one[end:]
    at_end = end + (end - at)
    struct.pack_into("<HHI", twice, at_end + 8, 2, 2, 2 * (end - at))
    save("npz", "overlapping.npz", bytes(twice))


def text(s):
    return b"X" + struct.pack("<I", len(s)) + s.encode()


def tensor(shape=b"K\x04\x85", stride=b"K\x01\x85", offset=b"K\x00", n=b"K\x40"):
    return (b"ctorch._utils\n_rebuild_tensor_v2\n((" + text("storage") + b"ctorch\nFloatStorage\n" +
            text("0") + text("cpu") + n + b"tQ" + offset + shape + stride + b"\x89)tR")


def long8(v):
    return b"\x8a\x08" + struct.pack("<q", v)


def pickle():
    for name, member in (("plain.pt", "plain"), ("nested.pt", "nested"), ("module.torch", "module")):
        with zipfile.ZipFile(os.path.join(WEIGHTS, name)) as z:
            save("pickle", "good_%s.pkl" % member, z.read("%s/data.pkl" % member))
    begin = b"\x80\x02}" + text("w")
    save("pickle", "good_tensor.pkl", begin + tensor() + b"s.")
    save("pickle", "os_system.pkl", b"\x80\x02cos\nsystem\n" + text("false") + b"\x85R.")
    save("pickle", "os_system_inside.pkl",
         begin + b"cposix\nsystem\n" + text("false") + b"\x85Rs.")
    save("pickle", "eval_newobj.pkl", b"\x80\x02cbuiltins\neval\n" + text("1") + b"\x85\x81}b.")
    save("pickle", "stack_global.pkl",
         b"\x80\x04" + text("os") + text("system") + b"\x93" + text("false") + b"\x85R.")
    save("pickle", "deep_lists.pkl", b"\x80\x02" + b"]" * 20000 + b"a" * 19999 + b".")
    save("pickle", "deep_marks.pkl", b"\x80\x02" + b"(" * 20000 + b"t" * 20000 + b".")
    save("pickle", "doubling.pkl", b"\x80\x02N" + b"2\x86" * 15000 + b".")
    save("pickle", "memo_far.pkl", b"\x80\x02Nr\xff\xff\xff\xff.")
    save("pickle", "memo_many.pkl", b"\x80\x02]" + b"q\x00" * 5000 + b"h\x00a" * 5000 + b".")
    save("pickle", "memo_tuples.pkl",
         b"\x80\x02)" + b"".join(b"q%ch%ch%c\x87" % (i, i, i) for i in range(1, 200)) + b".")
    save("pickle", "text_long.pkl", b"\x80\x02X\xff\xff\xff\xffx.")
    save("pickle", "circle.pkl",
         b"\x80\x02cm\nNet\n)\x81q\x01}" + text("_modules") + b"}" + text("a") + b"h\x01ssb.")
    doubled = b"\x80\x02N"
    for _ in range(40):
        doubled += (b"q\x010cm\nNet\n)\x81}" + text("_modules") + b"}(" + text("a") + b"h\x01" +
                    text("b") + b"h\x01usb")
    save("pickle", "modules_doubling.pkl", doubled + b".")
    for name, args in (
            ("huge", {"shape": long8(1 << 40) + b"\x85"}),
            ("overflow", {"shape": long8(1 << 62) + long8(4) + b"\x86", "stride": b"K\x04K\x01\x86"}),
            ("negative", {"shape": long8(-4) + b"\x85"}),
            ("repeated", {"shape": long8(1 << 30) + b"\x85", "stride": b"K\x00\x85"}),
            ("offset", {"offset": long8(1 << 62)}),
            ("stride", {"stride": long8(1 << 62) + b"\x85"}),
            ("storage", {"n": long8(1 << 62)})):
        save("pickle", "shape_%s.pkl" % name, begin + tensor(**args) + b"s.")


def torch():
    for name in ("plain.pt", "nested.pt"):
        damage("torch", name)
    bomb = b"\x80\x02cos\nsystem\n" + text("false") + b"\x85R."
    save("torch", "os_system.pt", archive([("m/data.pkl", bomb), ("m/data/0", bytes(256))]))
    good = b"\x80\x02}" + text("w") + tensor() + b"s."
    save("torch", "deflated.pt", archive([("m/data.pkl", good), ("m/data/0", bytes(256))], True))
    save("torch", "big_endian.pt", archive([("m/data.pkl", good), ("m/data/0", bytes(256)),
                                            ("m/byteorder", b"big")]))
    save("torch", "script.pt", archive([("m/data.pkl", good), ("m/constants.pkl", b".")]))


def header(text_or_dict, data=b"", n=None):
    text = text_or_dict if isinstance(text_or_dict, str) else json.dumps(text_or_dict)
    return struct.pack("<Q", len(text) if n is None else n) + text.encode() + data


def safetensors():
    damage("safetensors", "small.safetensors")

    def entry(shape, begin, end, dtype="F32"):
        return {"dtype": dtype, "shape": shape, "data_offsets": [begin, end]}

    cases = {
        "header_huge": header("{}", n=2**63), "header_long": header("{}", n=100),
        "header_empty": header(""), "header_list": header("[]"), "no_tensors": header({}),
        "overlap": header({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
        "hole": header({"a": entry([2], 0, 8), "b": entry([2], 12, 20)}, bytes(20)),
        "rest": header({"a": entry([2], 0, 8)}, bytes(9)),
        "beyond": header({"a": entry([4], 0, 16)}, bytes(8)),
        "backwards": header({"a": entry([2], 8, 0)}, bytes(8)),
        "shape_huge": header({"a": entry([1 << 40], 0, 8)}, bytes(8)),
        "shape_wraps": header({"a": entry([1 << 62, 4], 0, 8)}, bytes(8)),
        "shape_big": header('{"a":{"dtype":"F32","shape":[99999999999999999999],'
                            '"data_offsets":[0,8]}}', bytes(8)),
        "shape_nine": header({"a": entry([1] * 9, 0, 4)}, bytes(4)),
        "shape_real": header({"a": entry([2.0], 0, 8)}, bytes(8)),
        "dtype": header({"a": entry([2], 0, 2, "F8_E5M2")}, bytes(2)),
        "twice": header('{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},'
                        '"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}', b"\0"),
        "control": header({"a\n\033[2J": entry([1], 0, 4)}, bytes(4)),
        "nan": header({"a": entry([1], 0, 4)}, b"\xff" * 4),
        "deep": header("{\"a\":" + "[" * 5000 + "]" * 5000 + "}"),
        "metadata": header({"__metadata__": {"n": "12", "x": "9" * 30}, "a": entry([], 0, 4)},
                           bytes(4)),
    }
    for name, data in cases.items():
        save("safetensors", name + ".safetensors", data)


def keras():
    damage("keras", "keras3_deflated.keras", flips=6)
    with zipfile.ZipFile(os.path.join(WEIGHTS, "keras3_deflated.keras")) as z:
        config = z.read("config.json")
    h5 = load("keras_root.h5")
    save("keras", "other_h5.keras", archive([("config.json", config), ("model.weights.h5", h5)]))
    save("keras", "no_config.keras", archive([("model.weights.h5", h5)]))
    save("keras", "cut_h5.keras", archive([("model.weights.h5", h5[:3000])]))
    deep = "{\"class_name\":\"Functional\",\"config\":{\"name\":\"m\",\"layers\":["
    for name, text in (("deep", deep * 40 + "]}}" * 40), ("not_json", "{"), ("list", "[1,2]"),
                       ("nul", "{}\0{}")):
        save("keras", "config_%s.keras" % name,
             archive([("config.json", text.encode()), ("model.weights.h5", h5)]))


def tar(members):
    import tarfile
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as t:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            t.addfile(info, io.BytesIO(data))
    return out.getvalue()[:len(out.getvalue()) // 512 * 512]


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    crc ^= 0xffffffff
    return (((crc >> 15) | (crc << 17)) + 0xa282ead8) & 0xffffffff


def varint(v):
    out = b""
    while v > 127:
        out += bytes([v & 127 | 128])
        v >>= 7
    return out + bytes([v])


def table(pairs):
    """A sorted table of one block, as the index of a checkpoint is."""
    def block(entries):
        body = b"".join(varint(0) + varint(len(k)) + varint(len(v)) + k + v for k, v in entries)
        body += struct.pack("<II", 0, 1)
        return body, body + b"\0" + struct.pack("<I", crc32c(body + b"\0"))
    data, stored = block(pairs)
    meta, stored_meta = block([])
    handle = varint(0) + varint(len(data))
    index, stored_index = block([(b"z", handle)])
    out = stored + stored_meta + stored_index
    footer = (varint(len(stored)) + varint(len(meta)) +
              varint(len(stored) + len(stored_meta)) + varint(len(index)))
    return out + footer.ljust(40, b"\0") + bytes.fromhex("57fb808b247547db")


def bundle():
    index, data = load("ckpt.index"), load("ckpt.data-00000-of-00001")
    shard = "c.data-00000-of-00001"
    save("bundle", "good.tar", tar([("c.index", index), (shard, data)]))
    save("bundle", "good.index", index)
    save("bundle", "graph.index", load("graph.index"))
    damage("bundle", "saved_model.tar", flips=6)
    damage("bundle", "ckpt.index")
    save("bundle", "no_data.tar", tar([("c.index", index)]))
    save("bundle", "short_data.tar", tar([("c.index", index), (shard, data[:100])]))
    save("bundle", "two.tar", tar([("c.index", index), ("d.index", index), (shard, data)]))
    first = (b"", varint(8) + varint(1))

    def entry(shape, size, offset=0, shard_id=0, dtype=1):
        dims = b"".join(b"\x12" + varint(len(b"\x08" + varint(n))) + b"\x08" + varint(n)
                        for n in shape)
        return (b"\x08" + varint(dtype) + b"\x12" + varint(len(dims)) + dims + b"\x18" +
                varint(shard_id) + b"\x20" + varint(offset) + b"\x28" + varint(size))

    cases = {
        "shape_huge": entry([1 << 40], 8), "shape_wraps": entry([1 << 62, 4], 0),
        "shape_minus": entry([2**64 - 1], 8), "size_huge": entry([2], 2**63),
        "offset_huge": entry([2], 8, 2**64 - 4), "shard": entry([2], 8, 0, 7),
        "shape_nine": entry([1] * 9, 4), "sum": entry([2], 8),
    }
    for name, value in cases.items():
        save("bundle", name + ".tar",
             tar([("c.index", table([first, (b"w", value)])), (shard, bytes(16))]))
    save("bundle", "shared.tar",
         tar([("c.index", table([first] + [(b"w%03d" % i, entry([400], 1600)) for i in range(50)])),
              (shard, bytes(1600))]))
    save("bundle", "shards.index", table([(b"", varint(8) + varint(2**63))]))
    save("bundle", "snappy.packed", load("snappy.packed"))
    save("bundle", "snappy_bomb.packed", varint(2**32 - 1) + b"\x00a" + b"\xfe\x01\x00" * 20)


if __name__ == "__main__":
    hdf5()
    npz()
    pickle()
    torch()
    safetensors()
    keras()
    bundle()
