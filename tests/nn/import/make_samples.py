# SPDX-License-Identifier: Apache-2.0
"""Writes tests/nn/import/samples: tiny models in every format, packed byte by byte, and what they give.

NAME.FORMAT lies beside NAME.json (inputs x, outputs y and y64), computed here in double without any library.
refused/NAME.FORMAT lies beside NAME.txt, a part of the sentence that must be said.
The same files begin the corpora of the fuzzers.
Usage: python3 tests/nn/import/make_samples.py
"""
import json
import math
import os
import random
import struct
import zipfile

HERE = os.path.dirname(os.path.abspath(__file__))
OUT, CORPUS = os.path.join(HERE, "samples"), os.path.join(HERE, "../../fuzz/corpus")
FUZZERS = {"keras": "fuzz_nn_keras", "h5": "fuzz_nn_keras", "onnx": "fuzz_nn_onnx", "safetensors": "fuzz_nn_torch"}
random.seed(7)


def f32(value):
    return struct.unpack("<f", struct.pack("<f", value))[0]


def matrix(rows, columns):
    return [[f32(random.uniform(-0.7, 0.7)) for _ in range(columns)] for _ in range(rows)]


def vector(size):
    return matrix(1, size)[0]


def transpose(m):
    return [list(row) for row in zip(*m)]


def flat(value):
    return [x for row in value for x in flat(row)] if isinstance(value, list) else [value]


def shape(value):
    return [len(value)] + shape(value[0]) if isinstance(value, list) else []


# ---- the layers, in Keras' layout

def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def product(x, m):
    return [sum(x[i] * m[i][j] for i in range(len(x))) for j in range(len(m[0]))]


def add(*vectors):
    return [sum(values) for values in zip(*vectors)]


def gru_step(x, h, w):
    n = len(h)
    bias = w["bias"] if w["after"] else [w["bias"], [0] * 3 * n]
    a, b = add(product(x, w["kernel"]), bias[0]), add(product(h, w["recurrent"]), bias[1])
    z, r = [sigmoid(a[i] + b[i]) for i in range(n)], [sigmoid(a[n + i] + b[n + i]) for i in range(n)]
    if not w["after"]:
        b = product([r[i] * h[i] for i in range(n)], w["recurrent"])
        r = [1] * n
    c = [math.tanh(a[2 * n + i] + r[i] * b[2 * n + i]) for i in range(n)]
    return [z[i] * h[i] + (1 - z[i]) * c[i] for i in range(n)]


def gru(sequence, w):
    h, out = [0.0] * len(w["recurrent"]), []
    for x in sequence:
        h = gru_step(x, h, w)
        out.append(h)
    return out


def lstm(sequence, w):
    n = len(w["recurrent"])
    h, c, out = [0.0] * n, [0.0] * n, []
    for x in sequence:
        a = add(product(x, w["kernel"]), product(h, w["recurrent"]), w["bias"])
        i, f, g, o = a[:n], a[n:2 * n], a[2 * n:3 * n], a[3 * n:]
        c = [sigmoid(f[k]) * c[k] + sigmoid(i[k]) * math.tanh(g[k]) for k in range(n)]
        h = [sigmoid(o[k]) * math.tanh(c[k]) for k in range(n)]
        out.append(h)
    return out


def dense(x, w):
    return add(product(x, w["kernel"]), w["bias"])


def recurrent_weights(gates, inputs, units, after=True):
    bias = matrix(2, gates * units) if gates == 3 and after else vector(gates * units)
    return {"kernel": matrix(inputs, gates * units), "recurrent": matrix(units, gates * units), "bias": bias, "after": after}


def dense_weights(inputs, units):
    return {"kernel": matrix(inputs, units), "bias": vector(units)}


# ---- three networks

T, F = 4, 2
X = [matrix(T, F) for _ in range(3)]
GRU, GRU_HEAD = recurrent_weights(3, F, 3), dense_weights(3, 1)
LSTM1, LSTM2, LSTM_MID, LSTM_HEAD = recurrent_weights(4, F, 3), recurrent_weights(4, 3, 2), dense_weights(2, 2), dense_weights(2, 1)
FORWARD, BACKWARD, BI_HEAD = recurrent_weights(3, F, 2, False), recurrent_weights(3, F, 2, False), dense_weights(4, 1)


def network_gru(x):
    return dense(gru(x, GRU)[-1], GRU_HEAD)


def network_lstm(x):
    return dense([max(0, v) for v in dense(lstm(lstm(x, LSTM1), LSTM2)[-1], LSTM_MID)], LSTM_HEAD)


def network_bigru(x):
    return dense(gru(x, FORWARD)[-1] + gru(x[::-1], BACKWARD)[-1], BI_HEAD)


def write(name, data):
    with open(os.path.join(OUT, name), "wb") as file:
        file.write(data)
    fuzzer = FUZZERS.get(name.split(".")[-1])
    if fuzzer:
        with open(os.path.join(CORPUS, fuzzer, name.replace("/", "_")), "wb") as file:
            file.write(data)


def refuse(name, data, sentence):
    write("refused/" + name, data)
    write("refused/" + name.split(".")[0] + ".txt", (sentence + "\n").encode())


for name, network in (("gru", network_gru), ("lstm", network_lstm), ("bigru", network_bigru)):
    y = [network(x) for x in X]
    write(name + ".json", json.dumps({"x": X, "y": y, "y64": y}).encode() + b"\n")


# ---- safetensors

def safetensors(tensors, kind="F32", metadata=None):
    header, data = {}, b""
    if metadata:
        header["__metadata__"] = metadata
    for name, value in tensors.items():
        size = {"F32": 4, "F64": 8, "I64": 8}[kind]
        packed = struct.pack("<%d%s" % (len(flat(value)), {4: "f", 8: "d"}[size]), *flat(value))
        header[name] = {"dtype": kind, "shape": shape(value), "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header, separators=(",", ":")).encode()
    return struct.pack("<Q", len(text)) + text + data


def gates(m, order):
    """Columns of a Keras matrix, gates reordered, as rows."""
    n = len(m[0]) // len(order)
    return [row for g in order for row in transpose(m)[g * n:(g + 1) * n]]


def gate_vector(v, order):
    n = len(v) // len(order)
    return [x for g in order for x in v[g * n:(g + 1) * n]]


def torch_layer(prefix, layer, w, order):
    bias = w["bias"] if isinstance(w["bias"][0], list) else [w["bias"], [0.0] * len(w["bias"])]
    return {f"{prefix}weight_ih_l{layer}": gates(w["kernel"], order), f"{prefix}weight_hh_l{layer}": gates(w["recurrent"], order),
            f"{prefix}bias_ih_l{layer}": gate_vector(bias[0], order), f"{prefix}bias_hh_l{layer}": gate_vector(bias[1], order)}


def torch_dense(prefix, w):
    return {prefix + "weight": transpose(w["kernel"]), prefix + "bias": w["bias"]}


TORCH_GRU = {**torch_layer("rnn.", 0, GRU, [1, 0, 2]), **torch_dense("head.", GRU_HEAD)}
TORCH_LSTM = {**torch_dense("head.10.", LSTM_HEAD), **torch_dense("head.2.", LSTM_MID),
              **torch_layer("model.b.", 0, LSTM2, [0, 1, 2, 3]), **torch_layer("model.a.", 0, LSTM1, [0, 1, 2, 3])}
write("gru.safetensors", safetensors(TORCH_GRU, metadata={"format": "pt"}))
write("lstm.f64.safetensors", safetensors(TORCH_LSTM, "F64"))


def changed(tensors, **changes):
    result = dict(tensors)
    for name, value in changes.items():
        key = name.replace("__", ".")
        if value is None:
            del result[key]
        else:
            result[key] = value
    return result


nan = json.loads(json.dumps(TORCH_GRU["rnn.weight_hh_l0"]))
nan[4][1] = math.nan
refuse("nan.safetensors", safetensors(changed(TORCH_GRU, rnn__weight_hh_l0=nan)), "value 13 of tensor 'rnn.weight_hh_l0' is not a finite float")
refuse("overflow.safetensors", safetensors(changed(TORCH_GRU, head__bias=[1e300]), "F64"), "value 0 of tensor 'head.bias' is not a finite float")
refuse("projected.safetensors", safetensors(changed(TORCH_GRU, rnn__weight_hr_l0=[[1.0]])), "proj_size")
refuse("norm.safetensors", safetensors(changed(TORCH_GRU, norm__weight=[1.0, 1.0])), "'norm.weight' belongs to no nn.GRU, nn.LSTM or nn.Linear")
refuse("plain_rnn.safetensors", safetensors({"rnn.weight_ih_l0": matrix(3, 2), "rnn.weight_hh_l0": matrix(3, 3)}), "neither an nn.GRU (3 rows a unit) nor an nn.LSTM (4)")
refuse("half.safetensors", safetensors(changed(TORCH_GRU, rnn__weight_hh_l0=None)), "module 'rnn.' has no weight_hh_l0")
refuse("wide_head.safetensors", safetensors(changed(TORCH_GRU, head__weight=[vector(5)])), "module 'head.' takes no 3 inputs")
refuse("short_bias.safetensors", safetensors(changed(TORCH_GRU, rnn__bias_ih_l0=vector(8))), "tensor 'rnn.bias_ih_l0' has 8 values")
refuse("stray_layer.safetensors", safetensors(changed(TORCH_GRU, rnn__bias_ih_l7=vector(9))), "of which its layers use 6")
refuse("integers.safetensors", safetensors(TORCH_GRU, "I64"), "is I64; weights are F32, F64, F16 or BF16")
refuse("huge_header.safetensors", struct.pack("<Q", 1 << 23) + b"{" + b" " * 64, "header claims 8388608 bytes")
refuse("huge_shape.safetensors", (lambda h: struct.pack("<Q", len(h)) + h)(b'{"rnn.weight_ih_l0":{"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,0]}}'), "is not a length")
refuse("nested.safetensors", (lambda h: struct.pack("<Q", len(h)) + h)(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}"), "no JSON object: maximum parsing depth reached")
refuse("empty.safetensors", struct.pack("<Q", 2) + b"{}", "no nn.GRU or nn.LSTM")


# ---- HDF5, as h5py writes it: superblock 0, symbol tables, texts in a heap; or, `new`, superblock 2 and links

UNDEFINED = 0xFFFFFFFFFFFFFFFF


def pad8(data):
    return data + b"\0" * (-len(data) % 8)


class Hdf5:
    def __init__(self, new=False, fixed_text=False):
        self.new, self.fixed_text, self.data = new, fixed_text, bytearray(48 if new else 96)

    def put(self, data):
        self.data += b"\0" * (-len(self.data) % 8)
        at = len(self.data)
        self.data += data
        return at

    def header(self, messages):
        if self.new:
            body = b"".join(struct.pack("<BHB", kind, len(m), 0) + m for kind, m in messages)
            return self.put(b"OHDR" + struct.pack("<BBI", 2, 2, len(body)) + body + b"\0\0\0\0")
        body = b"".join(struct.pack("<HHB3x", kind, len(pad8(m)), 0) + pad8(m) for kind, m in messages)
        return self.put(struct.pack("<BBHIIxxxx", 1, 0, len(messages), 1, len(body)) + body)

    @staticmethod
    def space(dims):
        return struct.pack("<BBB5x", 1, len(dims), 0) + b"".join(struct.pack("<Q", d) for d in dims)

    @staticmethod
    def float_type():
        return struct.pack("<BBBBIHHBBBBI", 0x11, 0x20, 31, 0, 4, 0, 32, 23, 8, 0, 23, 127)

    def dataset(self, value, layout=None, extra=()):
        packed = struct.pack("<%df" % len(flat(value)), *flat(value))
        if layout is None and self.new:
            layout = struct.pack("<BBH", 3, 0, len(packed)) + packed
        elif layout is None:
            layout = struct.pack("<BBQQ", 3, 1, self.put(packed), len(packed))
        return self.header([(1, self.space(shape(value))), (3, self.float_type()), (8, layout), *extra])

    def texts(self, name, values):
        """An attribute: one text, or a list of them."""
        dims = [len(values)] if isinstance(values, list) else []
        texts = [v.encode() for v in (values if dims else [values])]
        if self.fixed_text:
            size = max((len(t) for t in texts), default=0) + 1
            kind = struct.pack("<B3BI", 0x13, 0, 0, 0, size)
            data = b"".join(t.ljust(size, b"\0") for t in texts)
        else:
            objects = b"".join(struct.pack("<HH4xQ", i + 1, 1, len(t)) + pad8(t) for i, t in enumerate(texts))
            size = max(4096, 16 + len(objects) + 16)
            free = size - 16 - len(objects)
            heap = self.put(b"GCOL" + struct.pack("<B3xQ", 1, size) + objects + struct.pack("<HH4xQ", 0, 0, free) + bytes(free - 16))
            kind = struct.pack("<B3BI", 0x19, 1, 0, 0, 16) + struct.pack("<B3BIHH", 0x10, 0, 0, 0, 1, 0, 8)
            data = b"".join(struct.pack("<IQI", len(t), heap, i + 1) for i, t in enumerate(texts))
        label, space = name.encode() + b"\0", self.space(dims)
        if self.new:
            return (12, struct.pack("<BBHHHB", 3, 0, len(label), len(kind), len(space), 0) + label + kind + space + data)
        return (12, struct.pack("<BBHHH", 1, 0, len(label), len(kind), len(space)) + pad8(label) + pad8(kind) + pad8(space) + data)

    def group(self, members, attributes=()):
        if self.new:
            links = [(6, struct.pack("<BBB", 1, 0, len(n)) + n.encode() + struct.pack("<Q", at)) for n, at in members.items()]
            info = (2, struct.pack("<BBQQ", 0, 0, UNDEFINED, UNDEFINED))
            return self.header([info, *links, *attributes])
        names, offsets = b"\0" * 8, {}
        for name in sorted(members):
            offsets[name] = len(names)
            names += pad8(name.encode() + b"\0")
        free = len(names)
        names += struct.pack("<QQ", 1, 16)
        data = self.put(names)
        heap = self.put(b"HEAP" + struct.pack("<B3xQQQ", 0, len(names), free, data))
        entries = b"".join(struct.pack("<QQII16x", offsets[n], members[n], 0, 0) for n in sorted(members))
        node = self.put(b"SNOD" + struct.pack("<BBH", 1, 0, len(members)) + entries + bytes(40 * (8 - len(members))))
        keys = struct.pack("<QQQ", 0, node, max(offsets.values(), default=0))
        tree = self.put(b"TREE" + struct.pack("<BBHQQ", 0, 0, 1 if members else 0, UNDEFINED, UNDEFINED) + keys + bytes(31 * 16 + 8))
        return self.header([(17, struct.pack("<QQ", tree, heap)), *attributes])

    def finish(self, root):
        if self.new:
            self.data[:48] = b"\x89HDF\r\n\x1a\n" + struct.pack("<BBBBQQQQI", 2, 8, 8, 0, 0, UNDEFINED, len(self.data), root, 0)
        else:
            self.data[:96] = b"\x89HDF\r\n\x1a\n" + struct.pack("<8BHHIQQQQQQII16x", 0, 0, 0, 0, 0, 8, 8, 0, 4, 16, 0,
                                                               0, UNDEFINED, len(self.data), UNDEFINED, 0, root, 0, 0)
        return bytes(self.data)


def tree(file, paths):
    """Groups of nested dicts; leaves are datasets."""
    return file.group({name: file.dataset(value) if isinstance(value, list) else value if isinstance(value, int) else tree(file, value)
                       for name, value in paths.items()})


# ---- Keras

def keras_layer(kind, name, **config):
    return {"module": "keras.layers", "class_name": kind, "config": {"name": name, **config}}


def keras_gru(name, w, **more):
    return keras_layer("GRU", name, **{**dict(units=len(w["recurrent"]), activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                                             return_sequences=False, go_backwards=False, stateful=False, reset_after=w["after"]), **more})


def keras_lstm(name, w, sequences):
    return keras_layer("LSTM", name, units=len(w["recurrent"]), activation="tanh", recurrent_activation="sigmoid", use_bias=True,
                       return_sequences=sequences)


def keras_dense(name, w, activation="linear"):
    return keras_layer("Dense", name, units=len(w["bias"]), activation=activation, use_bias=True)


def keras_input(name="input_layer"):
    return keras_layer("InputLayer", name, batch_shape=[None, T, F], dtype="float32")


def sequential(layers):
    return {"module": "keras", "class_name": "Sequential", "config": {"name": "sample", "layers": layers}}


def in_row(layers, keras2=False):
    for before, layer in zip(layers, layers[1:]):
        history = {"class_name": "__keras_tensor__", "config": {"shape": [None], "keras_history": [before["config"]["name"], 0, 0]}}
        layer["inbound_nodes"] = [[[before["config"]["name"], 0, 0, {}]]] if keras2 else [{"args": [history], "kwargs": {"mask": None}}]
    layers[0]["inbound_nodes"] = []
    return {"class_name": "Functional", "config": {"name": "sample", "layers": layers, "input_layers": [["in", 0, 0]],
                                                   "output_layers": [[layers[-1]["config"]["name"], 0, 0]]}}


def three(w):
    return {"0": w["kernel"], "1": w["recurrent"], "2": w["bias"]}


def two(w):
    return {"0": w["kernel"], "1": w["bias"]}


def archive(config, weights):
    path = os.path.join(OUT, "archive.tmp")
    with zipfile.ZipFile(path, "w") as file:
        for name, data in (("metadata.json", b'{"keras_version": "3.15.1"}'), ("config.json", json.dumps(config).encode()), ("model.weights.h5", weights)):
            file.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    with open(path, "rb") as file:
        data = file.read()
    os.remove(path)
    return data


def h5_model(config, layers, **how):
    """A legacy .h5 file; layers: name -> list of (path, value)."""
    file = Hdf5(**how)
    groups = {}
    for name, weights in layers.items():
        paths = {}
        for path, value in weights:
            *parts, leaf = path.split("/")
            at = paths
            for part in parts:
                at = at.setdefault(part, {})
            at[leaf] = value if isinstance(value, int) else file.dataset(value)
        members = {n: tree(file, v) for n, v in paths.items()}
        groups[name] = file.group(members, [file.texts("weight_names", [path for path, _ in weights])])
    weights = file.group(groups, [file.texts("layer_names", list(layers))])
    attributes = [file.texts("keras_version", "3.15.1")] + ([file.texts("model_config", json.dumps(config))] if config else [])
    return file.finish(file.group({"model_weights": weights}, attributes))


def gru_archive(config=None, new=True, weights=None):
    file = Hdf5(new)
    weights = weights or {"gru": {"cell": {"vars": three(GRU)}}, "dense": {"vars": two(GRU_HEAD)}}
    return archive(config or GRU_CONFIG, file.finish(tree(file, {"layers": weights})))


GRU_CONFIG = sequential([keras_input(), keras_gru("gru_5", GRU), keras_dense("dense_9", GRU_HEAD)])
GRU_H5 = {"gru_5": [("m/gru_5/kernel", GRU["kernel"]), ("m/gru_5/recurrent_kernel", GRU["recurrent"]), ("m/gru_5/bias", GRU["bias"])],
          "dense_9": [("m/dense_9/kernel", GRU_HEAD["kernel"]), ("m/dense_9/bias", GRU_HEAD["bias"])]}
write("gru.keras", gru_archive(new=False))
write("gru.h5", h5_model(GRU_CONFIG, GRU_H5))

LSTM_LAYERS = [keras_input("in"), keras_lstm("a", LSTM1, True), keras_layer("Dropout", "drop", rate=0.25), keras_lstm("b", LSTM2, False),
               keras_dense("c", LSTM_MID), keras_layer("Activation", "act", activation="relu"), keras_dense("d", LSTM_HEAD)]
new = Hdf5(True)
write("lstm.keras", archive(in_row(LSTM_LAYERS), new.finish(tree(new, {"layers": {
    "lstm": {"cell": {"vars": three(LSTM1)}}, "lstm_1": {"cell": {"vars": three(LSTM2)}},
    "dense": {"vars": two(LSTM_MID)}, "dense_1": {"vars": two(LSTM_HEAD)}}}))))


def half(w, backwards):
    return keras_gru("half", w, go_backwards=backwards)


BIGRU_CONFIG = in_row([keras_input("in"), keras_layer("Bidirectional", "both", merge_mode="concat", layer=half(FORWARD, False),
                                                      backward_layer=half(BACKWARD, True)), keras_dense("head", BI_HEAD)], True)
BIGRU_H5 = {"both": [(f"both/{d}/{n}", w[k]) for d, w in (("f", FORWARD), ("b", BACKWARD)) for n, k in
                     (("kernel", "kernel"), ("recurrent_kernel", "recurrent"), ("bias", "bias"))],
            "head": [("head/kernel", BI_HEAD["kernel"]), ("head/bias", BI_HEAD["bias"])]}
write("bigru.h5", h5_model(BIGRU_CONFIG, BIGRU_H5, fixed_text=True))


def gru_with(**more):
    return sequential([keras_input(), keras_gru("gru_5", GRU, **more), keras_dense("dense_9", GRU_HEAD)])


refuse("hard_sigmoid.keras", gru_archive(gru_with(recurrent_activation="hard_sigmoid")), "layer 'gru_5' has a recurrent_activation other than sigmoid")
refuse("stateful.keras", gru_archive(gru_with(stateful=True)), "layer 'gru_5' is stateful")
refuse("backwards.keras", gru_archive(gru_with(go_backwards=True)), "goes backwards")
refuse("every_step.keras", gru_archive(gru_with(return_sequences=True)), "an output for every step")
refuse("wrong_units.keras", gru_archive(gru_with(units=4)), "layer 'gru_5' wants")
refuse("negative_units.keras", gru_archive(gru_with(units=-1)), "layer 'gru_5' has no units from 1 to 4096")
refuse("reset_before.keras", gru_archive(gru_with(reset_after=False)), "does not fit its reset_after")
refuse("conv.keras", gru_archive(sequential([keras_input(), keras_layer("Conv1D", "conv", units=3)])), "layer 'conv' is a Conv1D; GRU, LSTM, Bidirectional, Dense, Dropout and Activation are read")
refuse("swish.keras", gru_archive(sequential([keras_input(), keras_gru("gru_5", GRU), keras_dense("dense_9", GRU_HEAD, "swish")])), "activation 'swish'")
refuse("nested_model.keras", gru_archive(sequential([keras_input(), {"class_name": "Sequential", "config": {"name": "inner", "layers": []}}])), "layer 'inner' is a Sequential")
refuse("no_layers.keras", gru_archive(sequential([])), "names no layers")
refuse("subclass.keras", gru_archive({"class_name": "MyModel", "config": {}}), "class 'MyModel'")
refuse("not_json.keras", archive(None, b"").replace(b"null", b"nul!"), "the archive is damaged")
refuse("null.keras", archive(None, gru_archive()), "its weights are no HDF5 file")
refuse("no_group.keras", gru_archive(weights={"gru": {"cell": {"vars": three(GRU)}}}), "layer 'dense_9' are missing: no group 'dense'")
refuse("no_bias.keras", gru_archive(weights={"gru": {"cell": {"vars": {"0": GRU["kernel"], "1": GRU["recurrent"]}}}, "dense": {"vars": two(GRU_HEAD)}}), "'gru_5/cell/vars/2' are missing")
branch = in_row([keras_input("in"), keras_gru("a", GRU), keras_dense("b", GRU_HEAD), keras_dense("c", GRU_HEAD)])
branch["config"]["layers"][3]["inbound_nodes"][0]["args"][0]["config"]["keras_history"][0] = "a"
refuse("branch.keras", gru_archive(branch, weights={"gru": {"cell": {"vars": three(GRU)}}, "dense": {"vars": two(GRU_HEAD)}, "dense_1": {"vars": two(GRU_HEAD)}}), "without branches")
refuse("torch_pt.keras", archive(1, b"").replace(b"config.json", b"x/data.pkls"), "safetensors.torch.save_file")
refuse("weights_only.h5", h5_model(None, {}, fixed_text=True), "weights alone do not say what they belong to")
deep = Hdf5(fixed_text=True)
refuse("deep.h5", deep.finish(deep.group({"model_weights": deep.group({})}, [deep.texts("model_config", "[" * 5000)])), "maximum parsing depth")


def h5_one(make):
    """GRU_H5 whose first dataset is made by `make(file)`."""
    file = Hdf5(fixed_text=True)
    kernel = make(file)
    group = lambda members, names: file.group(members, [file.texts("weight_names", names)])
    gru_group = group({"k": kernel, "r": file.dataset(GRU["recurrent"]), "b": file.dataset(GRU["bias"])}, ["k", "r", "b"])
    dense_group = group({"k": file.dataset(GRU_HEAD["kernel"]), "b": file.dataset(GRU_HEAD["bias"])}, ["k", "b"])
    root = file.group({"model_weights": file.group({"gru_5": gru_group, "dense_9": dense_group})}, [file.texts("model_config", json.dumps(GRU_CONFIG))])
    return file.finish(root)


refuse("chunked.h5", h5_one(lambda f: f.dataset(GRU["kernel"], struct.pack("<BBBQII", 3, 2, 2, 0, 2, 9))), "lies in chunks")
refuse("filtered.h5", h5_one(lambda f: f.dataset(GRU["kernel"], extra=[(11, bytes(8))])), "is compressed")
refuse("far.h5", h5_one(lambda f: f.dataset(GRU["kernel"], struct.pack("<BBQQ", 3, 1, 1 << 40, 72))), "it is cut off or damaged")
refuse("short.h5", h5_one(lambda f: f.dataset(GRU["kernel"], struct.pack("<BBQQ", 3, 1, 96, 71))), "has 71 bytes, its shape wants 72")
refuse("huge_space.h5", h5_one(lambda f: f.header([(1, f.space([1 << 62, 8])), (3, f.float_type()), (8, struct.pack("<BBQQ", 3, 1, 96, UNDEFINED))])), "cut off or too large")
refuse("group_for_data.h5", h5_one(lambda f: f.group({})), "is not a dataset")
refuse("itself.h5", h5_one(lambda f: f.header([(16, struct.pack("<QQ", len(f.data) + (-len(f.data) % 8) + 16, 24))])), "its addresses lead round in circles")


def looped(first, second):
    """A root whose group tree points at itself."""
    file = Hdf5(fixed_text=True)
    data = file.put(bytes(16))
    heap = file.put(b"HEAP" + struct.pack("<B3xQQQ", 0, 16, 1, data))
    node = len(file.data) + (-len(file.data) % 8)
    file.put(b"TREE" + struct.pack("<BBHQQ", 0, first, second, UNDEFINED, UNDEFINED) + struct.pack("<QQ", 0, node) * second + bytes(8))
    config = file.texts("model_config", json.dumps(GRU_CONFIG))
    return file.finish(file.header([(17, struct.pack("<QQ", node, heap)), config]))


refuse("tree_in_itself.h5", looped(5, 8), "a node of type 0 and level 5")
refuse("tree_of_trees.h5", looped(0, 8), "there is no SNOD")


# ---- ONNX

def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def number(field, value):
    return varint(field << 3) + varint(value)


def part(field, data):
    data = data.encode() if isinstance(data, str) else data
    return varint(field << 3 | 2) + varint(len(data)) + data


def tensor(name, value, kind=1):
    packed = struct.pack("<%d%s" % (len(flat(value)), {1: "f", 7: "q"}[kind]), *flat(value))
    return b"".join(number(1, d) for d in shape(value)) + number(2, kind) + part(8, name) + part(9, packed)


def attribute(name, value):
    if isinstance(value, str):
        return part(1, name) + part(4, value) + number(20, 3)
    if isinstance(value, float):
        return part(1, name) + varint(2 << 3 | 5) + struct.pack("<f", value) + number(20, 1)
    if isinstance(value, bytes):
        return part(1, name) + part(6, value) + number(20, 5)
    if isinstance(value, list) and value and isinstance(value[0], str):
        return part(1, name) + b"".join(part(9, v) for v in value) + number(20, 8)
    if isinstance(value, list):
        return part(1, name) + part(8, b"".join(varint(v) for v in value)) + number(20, 7)
    return part(1, name) + number(3, value) + number(20, 2)


def node(op, inputs, outputs, **attributes):
    return (b"".join(part(1, i) for i in inputs.split(",")) + b"".join(part(2, o) for o in outputs.split(",")) + part(4, op) +
            b"".join(part(5, attribute(k, v)) for k, v in attributes.items()))


def port(name, dims, kind=1):
    dimensions = b"".join(part(1, part(2, d) if isinstance(d, str) else number(1, d)) for d in dims)
    return part(1, name) + part(2, part(1, number(1, kind) + part(2, dimensions)))


def graph(nodes, tensors, inputs=(("x", ["batch", T, F]),), outputs=(("y", ["batch", 1]),)):
    return (b"".join(part(1, n) for n in nodes) + part(2, "sample") + b"".join(part(5, t) for t in tensors) +
            b"".join(part(11, port(*i)) for i in inputs) + b"".join(part(12, port(*o)) for o in outputs))


def model(graph_bytes, opset=17):
    return number(1, 8) + part(2, "make_samples") + part(7, graph_bytes) + part(8, part(1, "") + number(2, opset))


def onnx_weights(tag, halves, order):
    def bias(w):
        b = w["bias"] if isinstance(w["bias"][0], list) else [w["bias"], [0.0] * len(w["bias"])]
        return gate_vector(b[0], order) + gate_vector(b[1], order)
    return [tensor("W" + tag, [gates(w["kernel"], order) for w in halves]), tensor("R" + tag, [gates(w["recurrent"], order) for w in halves]),
            tensor("B" + tag, [bias(w) for w in halves])]


def ints(name, values):
    return tensor(name, values, 7)


ZRH, IOFC = [0, 1, 2], [0, 3, 1, 2]
GRU_TENSORS = onnx_weights("", [GRU], ZRH) + [tensor("D", GRU_HEAD["kernel"]), tensor("C", GRU_HEAD["bias"]), ints("zero", [0]), ints("one", [1])]
SWAP = node("Transpose", "x", "t", perm=[1, 0, 2])


def gru_node(inputs="t,W,R,B", outputs="Y,Yh", **more):
    return node("GRU", inputs, outputs, **{"hidden_size": 3, "linear_before_reset": 1, **more})


HEAD = node("Gemm", "h,D,C", "y")
write("gru.onnx", model(graph([SWAP, gru_node(), node("Squeeze", "Yh,zero", "h"), HEAD], GRU_TENSORS)))
write("gru.layout1.onnx", model(graph([gru_node("x,W,R,B", "Y,Yh", layout=1), node("Squeeze", "Yh,one", "h"), node("MatMul", "h,D", "m"), node("Add", "C,m", "y")], GRU_TENSORS)))
write("gru.time_first.onnx", model(graph([gru_node("x,W,R,B"), node("Squeeze", "Yh,zero", "h"), HEAD], GRU_TENSORS, inputs=(("x", [T, "batch", F]),))))

LSTM_TENSORS = (onnx_weights("1", [LSTM1], IOFC) + onnx_weights("2", [LSTM2], IOFC) +
                [tensor("M", transpose(LSTM_MID["kernel"])), tensor("MC", [LSTM_MID["bias"]]), tensor("D", LSTM_HEAD["kernel"]), tensor("C", LSTM_HEAD["bias"]),
                 ints("one", [1]), tensor("last", 1, 7), ints("open", [0, 0, -1])])
LSTM_TAIL = [node("Gemm", "h,M,MC", "m", transB=1, alpha=1.0), node("Relu", "m", "r"), node("Gemm", "r,D,C", "y")]
write("lstm.stacked_states.onnx", model(graph(
    [SWAP, node("LSTM", "t,W1,R1,B1", "Y1,H1,C1", hidden_size=3), node("Squeeze", "Y1,one", "s"), node("LSTM", "s,W2,R2,B2", "Y2,H2,C2", hidden_size=2),
     node("Squeeze", "Y2,one", "s2"), node("LSTM", "s,W2,R2,B2", "unused,H3", hidden_size=2), node("Transpose", "H2", "H2t", perm=[0, 1, 2]),
     node("Concat", "H2t,H2", "hn", axis=0), node("Gather", "hn,last", "h", axis=0), *LSTM_TAIL], LSTM_TENSORS)))
write("lstm.old_opset.onnx", model(graph(
    [SWAP, node("LSTM", "t,W1,R1,B1", "Y1", hidden_size=3, activations=["sigmoid", "tanh", "tanh"]), node("Squeeze", "Y1", "s", axes=[1]),
     node("LSTM", "s,W2,R2,B2", "Y2", hidden_size=2), node("Transpose", "Y2", "Y2t", perm=[0, 2, 1, 3]), node("Reshape", "Y2t,open", "s2"),
     node("Transpose", "s2", "b", perm=[1, 0, 2]),
     node("Slice", "b", "l", axes=[1], starts=[-1], ends=[9223372036854775807]), node("Squeeze", "l", "h", axes=[1]), *LSTM_TAIL], LSTM_TENSORS), 9))

BI_TENSORS = onnx_weights("", [FORWARD, BACKWARD], ZRH) + [tensor("D", BI_HEAD["kernel"]), tensor("C", BI_HEAD["bias"]), ints("flat", [-1, 4])]
BI = node("GRU", "t,W,R,B", "Y,Yh", hidden_size=2, direction="bidirectional")
write("bigru.onnx", model(graph([SWAP, BI, node("Transpose", "Yh", "p", perm=[1, 0, 2]), node("Reshape", "p,flat", "h"), HEAD], BI_TENSORS)))
write("bigru.halves.onnx", model(graph(
    [SWAP, node("GRU", "t,W2,R2,B2", "Yb,Hb", hidden_size=2, direction="reverse"), node("GRU", "t,W1,R1,B1", "Yf,Hf", hidden_size=2),
     node("Gather", "Hf,zero", "hf", axis=0), node("Gather", "Hb,zero", "hb", axis=0), node("Concat", "hf,hb", "h", axis=-1), HEAD],
    onnx_weights("1", [FORWARD], ZRH) + onnx_weights("2", [BACKWARD], ZRH) + BI_TENSORS[3:] + [tensor("zero", 0, 7)])))


def refuse_onnx(name, sentence, nodes, tensors=GRU_TENSORS, **more):
    refuse(name + ".onnx", model(graph(nodes, tensors, **more)), sentence)


LAST = node("Squeeze", "Yh,zero", "h")
refuse_onnx("convolution", "operator Conv ('h') is not read", [SWAP, gru_node(), node("Conv", "Yh", "h"), HEAD])
refuse_onnx("other_domain", "is not read", [SWAP, gru_node() + part(7, "com.microsoft"), LAST, HEAD])
refuse_onnx("peepholes", "has peepholes", [SWAP, node("LSTM", "t,W1,R1,B1,,,,P", "Y,Yh", hidden_size=3), LAST, HEAD],
            LSTM_TENSORS[:3] + GRU_TENSORS[3:] + [tensor("P", [vector(9)])])
refuse_onnx("relu_gates", "activations other than sigmoid", [SWAP, gru_node(activations=["Relu", "Tanh"]), LAST, HEAD])
refuse_onnx("clip", "clips its gates", [SWAP, gru_node(clip=1.5), LAST, HEAD])
refuse_onnx("first_state", "starts from a state other than zero", [SWAP, gru_node("t,W,R,B,,S"), LAST, HEAD], GRU_TENSORS + [tensor("S", [[[0.5, 0.5, 0.5]]])])
refuse_onnx("wrong_hidden", "shapes that do not fit together", [SWAP, gru_node(hidden_size=4), LAST, HEAD])
refuse_onnx("wrong_features", "takes other inputs", [SWAP, gru_node(), LAST, HEAD], inputs=(("x", ["batch", T, 5]),))
refuse_onnx("two_inputs", "it has two inputs, 'x' and 'z'", [SWAP, gru_node(), LAST, HEAD], inputs=(("x", ["batch", T, F]), ("z", [1])))
refuse_onnx("flat_input", "its input is not a sequence", [SWAP, gru_node(), LAST, HEAD], inputs=(("x", ["batch", F]),))
refuse_onnx("all_steps", "an output for every step", [SWAP, gru_node(outputs="Y,Yh"), node("Squeeze", "Y,one", "y")])
refuse_onnx("first_step", "picks a step other than the last", [SWAP, gru_node(), node("Squeeze", "Y,one", "s"), node("Gather", "s,zero", "y", axis=0)])
refuse_onnx("only_backwards", "one direction of a layer without the other", [SWAP, gru_node(direction="reverse"), LAST, HEAD])
refuse_onnx("branch_two", "branches off", [SWAP, gru_node(), LAST, node("Gemm", "h,D,C", "a"), node("Gemm", "h,D,C", "b"), node("Concat", "a,b", "y", axis=1)])
refuse_onnx("unknown_name", "takes 'nowhere', which nothing gives", [SWAP, gru_node("nowhere,W,R,B"), LAST, HEAD])
refuse_onnx("no_bias_shape", "adds what is no bias", [SWAP, gru_node(), LAST, node("Gemm", "h,D,W", "y")])
refuse_onnx("some_of_time", "takes more than one place of an axis", [SWAP, node("Slice", "t,one,two,zero", "t2"), gru_node("t2,W,R,B"), LAST, HEAD], GRU_TENSORS + [ints("two", [3])])
refuse_onnx("no_output_name", "its output is not what its last layer gives", [SWAP, gru_node(), LAST, HEAD], outputs=(("other", [1]),))
refuse("external.onnx", model(graph([SWAP, gru_node(), LAST, HEAD], [GRU_TENSORS[0] + number(14, 1), *GRU_TENSORS[1:]])), "lies in another file; export the model with its weights in it")
refuse("huge_dims.onnx", model(graph([SWAP, gru_node(), LAST, HEAD], [number(1, 1 << 40) + number(1, 1 << 40) + number(2, 1) + part(8, "W"), *GRU_TENSORS[1:]])), "tensor 'W' is too large")
refuse("few_bytes.onnx", model(graph([SWAP, gru_node(), LAST, HEAD], [number(1, 1 << 30) + number(2, 1) + part(8, "W") + part(9, bytes(8)), *GRU_TENSORS[1:]])), "too few for its 1073741824 values")
refuse("doubling.onnx", model(graph([node("Concat", "W,W" if i == 0 else f"w{i - 1},w{i - 1}", f"w{i}", axis=2) for i in range(40)] + [SWAP, gru_node("t,w39,R,B"), LAST, HEAD], GRU_TENSORS)), "computes more numbers")
inner = graph([], [])
for _ in range(50):
    inner = graph([node("Loop", "", "y", body=inner)], [])
refuse("deep_graphs.onnx", model(inner), "nest deeper than 4")
refuse("no_graph.onnx", number(1, 8) + part(2, "nothing"), "it has no graph")


# ---- ONNX: Loops

def loop_body(change=None):
    """A GRU step with reset_after: z, r, h in Keras' order; `change` replaces a node."""
    cuts = [ints(f"s{i}", [3 * i]) for i in range(4)] + [ints("axis1", [1]), ints("axis0", [0]), tensor("unit", 1.0), tensor("next", 1, 7), ints("row1", [1]), ints("row2", [2])]
    nodes = [node("Gather", "t,n", "row", axis=0), node("Slice", "bias,axis0,row1,axis0", "bk1"), node("Squeeze", "bk1,axis0", "bk"),
             node("Slice", "bias,row1,row2,axis0", "br1"), node("Squeeze", "br1,axis0", "br"), node("MatMul", "row,kernel", "xk"), node("Add", "xk,bk", "a"),
             node("MatMul", "h0,recurrent", "hr"), node("Add", "hr,br", "b")]
    for i, gate in enumerate("zrc"):
        nodes += [node("Slice", f"{side},s{i},s{i + 1},axis1", f"{side}_{gate}") for side in "ab"]
    nodes += [node("Add", "a_z,b_z", "zs"), node("Sigmoid", "zs", "z"), node("Add", "a_r,b_r", "rs"), node("Sigmoid", "rs", "r"), node("Mul", "r,b_c", "rb"),
              node("Add", "a_c,rb", "cs"), node("Tanh", "cs", "c"), node("Sub", "unit,z", "nz"), node("Mul", "nz,c", "nc"), node("Mul", "z,h0", "zh"),
              node("Add", "zh,nc", "h1"), node("Add", "n,next", "n1"), node("Identity", "h1", "scan"), node("Less", "n,limit", "go")]
    nodes = [change[1] if change and n == change[0] else n for n in nodes]
    tensors = cuts + [tensor("limit", 99, 7)]
    return graph(nodes, tensors, inputs=(("i", [], 7), ("cond", [], 9), ("n", [], 7), ("h0", ["batch", 3])),
                 outputs=(("go", [], 9), ("n1", [], 7), ("h1", ["batch", 3]), ("scan", ["batch", 3])))


LOOP_TENSORS = [tensor("kernel", GRU["kernel"]), tensor("recurrent", GRU["recurrent"]), tensor("bias", GRU["bias"]), *GRU_TENSORS[3:], tensor("trip", T, 7), tensor("start", 0, 7),
                tensor("none", 0.0), ints("width", [3]), tensor("one_more", 1, 7), ints("from", [-1]), ints("to", [9223372036854775807])]


def loop_nodes(change=None):
    return [SWAP, node("Shape", "x", "xs", start=0, end=1), node("Concat", "xs,width", "hs", axis=0), node("Expand", "none,hs", "h00"),
            node("Cast", "one_more", "yes", to=9), node("Loop", "trip,yes,start,h00", "nl,hl,hseq", body=loop_body(change)),
            node("Slice", "hseq,from,to,zero", "l"), node("Squeeze", "l,zero", "h"), HEAD]


write("gru.loop.onnx", model(graph(loop_nodes(), LOOP_TENSORS)))
refuse_onnx("loop_no_gru", "does not compute what a GRU does", loop_nodes((node("Mul", "z,h0", "zh"), node("Mul", "z,c", "zh"))), LOOP_TENSORS)
refuse_onnx("loop_ends", "ends before the last step", loop_nodes((node("Less", "n,limit", "go"), node("Less", "n,next", "go"))), LOOP_TENSORS)
refuse_onnx("loop_short", "does not run once for every step", loop_nodes(), [t if b"trip" not in t else tensor("trip", T - 1, 7) for t in LOOP_TENSORS])
refuse("unknown.bin", b"some text that is no model at all\n", "it is no model file that is known here")
