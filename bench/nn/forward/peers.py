# SPDX-License-Identifier: Apache-2.0
"""The peers' side of ./tickhouse bench nn: onnxruntime, OpenVINO and PyTorch with the weights and inputs that nn_bench wrote, one thread.

    peers.py check FOLDER   compares outputs with ours (FOLDER/NAME.y) and with the reference in double; exit 1 where they differ
    peers.py time FOLDER    microseconds of CPU a sequence, the shortest of many
"""
import os
import sys
import time

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from onnx import helper, numpy_helper

LOOKBACK = 60
NETWORKS = {
    "gru64": (20, [("gru", 64)], [(1, None)]),
    "gru64x2": (20, [("gru", 64), ("gru", 64)], [(1, None)]),
    "lstm128_64": (5, [("lstm", 128), ("lstm", 64)], [(32, "relu"), (3, "softmax")]),
}
GATES = {"gru": 3, "lstm": 4}
# Ours are update, reset, candidate and input, forget, cell, output.
TORCH_ORDER = {"gru": [1, 0, 2], "lstm": [0, 1, 2, 3]}
ONNX_ORDER = {"gru": [0, 1, 2], "lstm": [0, 3, 1, 2]}


class Weights:
    """Slices of the file in the order of udf/nn/model/network.h."""

    def __init__(self, path):
        self.all, self.used = np.fromfile(path, "f4"), 0

    def take(self, *shape):
        count = int(np.prod(shape))
        self.used += count
        return self.all[self.used - count : self.used].reshape(shape)


def read(folder, name):
    inputs, recurrent, dense = NETWORKS[name]
    weights, layers = Weights(f"{folder}/{name}.weights"), []
    for kind, units in recurrent:
        width = GATES[kind] * units
        kernel, state, bias = weights.take(inputs, width), weights.take(units, width), weights.take(width)
        state_bias = weights.take(width) if kind == "gru" else np.zeros(width, "f4")
        layers.append((kind, units, kernel, state, bias, state_bias))
        inputs = units
    for units, activation in dense:
        layers.append(("dense", activation, weights.take(inputs, units), weights.take(units)))
        inputs = units
    assert weights.used == weights.all.size
    return layers


def reorder(matrix, units, order):
    """The gates of the last axis in another order."""
    return np.concatenate([matrix[..., g * units : (g + 1) * units] for g in order], -1)


class Torch(torch.nn.Module):
    def __init__(self, layers):
        super().__init__()
        self.recurrent, self.dense = torch.nn.ModuleList(), torch.nn.ModuleList()
        self.activations = []
        for layer in layers:
            (self.add_dense if layer[0] == "dense" else self.add_recurrent)(*layer)

    def add_recurrent(self, kind, units, kernel, state, bias, state_bias):
        module = getattr(torch.nn, kind.upper())(kernel.shape[0], units, batch_first=True)
        arrays = [reorder(a, units, TORCH_ORDER[kind]) for a in (kernel, state, bias, state_bias)]
        for parameter, array in zip(module.parameters(), (arrays[0].T, arrays[1].T, arrays[2], arrays[3])):
            parameter.data.copy_(torch.from_numpy(np.ascontiguousarray(array)))
        self.recurrent.append(module)

    def add_dense(self, _, activation, kernel, bias):
        module = torch.nn.Linear(*kernel.shape)
        module.weight.data.copy_(torch.from_numpy(np.ascontiguousarray(kernel.T)))
        module.bias.data.copy_(torch.from_numpy(bias.copy()))
        self.dense.append(module)
        self.activations.append({"relu": torch.relu, "softmax": lambda v: torch.softmax(v, -1)}.get(activation, lambda v: v))

    def forward(self, x):
        for module in self.recurrent:
            x, _ = module(x)
        x = x[:, -1]
        for module, activation in zip(self.dense, self.activations):
            x = activation(module(x))
        return x


def to_onnx(layers, features, path):
    """The operators GRU, LSTM, Gemm and their activations, as an exporter would write them at best."""
    nodes, constants = [helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2])], []

    def constant(name, array):
        constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    recurrent = [layer for layer in layers if layer[0] != "dense"]
    at = "steps"
    for i, (kind, units, kernel, state, bias, state_bias) in enumerate(recurrent):
        order = ONNX_ORDER[kind]
        names = [
            constant(f"W{i}", reorder(kernel, units, order).T[None]),
            constant(f"R{i}", reorder(state, units, order).T[None]),
            constant(f"B{i}", np.concatenate([reorder(bias, units, order), reorder(state_bias, units, order)])[None]),
        ]
        more = {"linear_before_reset": 1} if kind == "gru" else {}
        nodes.append(helper.make_node(kind.upper(), [at, *names], [f"Y{i}", f"H{i}"], hidden_size=units, **more))
        last = i == len(recurrent) - 1
        nodes.append(helper.make_node("Squeeze", [f"{'H' if last else 'Y'}{i}", constant(f"axis{i}", np.array([0 if last else 1]))], [f"S{i}"]))
        at = f"S{i}"
    for i, (_, activation, kernel, bias) in enumerate(layers[len(recurrent) :]):
        nodes.append(helper.make_node("Gemm", [at, constant(f"D{i}", kernel), constant(f"C{i}", bias)], [f"G{i}"]))
        at = f"G{i}"
        if activation is not None:
            nodes.append(helper.make_node(activation.capitalize(), [at], [f"A{i}"]))
            at = f"A{i}"
    graph = helper.make_graph(
        nodes,
        "network",
        [helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, ["batch", LOOKBACK, features])],
        [helper.make_tensor_value_info(at, onnx.TensorProto.FLOAT, ["batch", layers[-1][2].shape[1]])],
        constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def openvino_runner(core, path, features, precision):
    options = {
        "INFERENCE_NUM_THREADS": 1,
        "NUM_STREAMS": 1,
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,
    }

    def make(batch):
        model = core.read_model(path)
        model.reshape([batch, LOOKBACK, features])
        request = core.compile_model(model, "CPU", options).create_infer_request()
        return lambda x: request.infer({0: x})[0]

    return make


def runners(folder, name):
    """What makes of a batch's size a function from inputs to outputs, by the names of the peers."""
    features = NETWORKS[name][0]
    layers = read(folder, name)
    path = f"{folder}/{name}.onnx"
    to_onnx(layers, features, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    module = Torch(layers).eval()
    core = openvino.Core()

    def run_torch(x):
        with torch.inference_mode():
            return module(torch.from_numpy(x)).numpy()

    return {
        "onnxruntime": lambda batch: lambda x: session.run(None, {"x": x})[0],
        "OpenVINO": openvino_runner(core, path, features, "f32"),
        "PyTorch": lambda batch: run_torch,
        "OpenVINO bf16": openvino_runner(core, path, features, "bf16"),
    }


def check(folder):
    for name, (features, _, _) in NETWORKS.items():
        x = np.fromfile(f"{folder}/{name}.x", "f4").reshape(-1, LOOKBACK, features)
        ours = np.fromfile(f"{folder}/{name}.y", "f4").reshape(len(x), -1)
        truth = np.fromfile(f"{folder}/{name}.y64").reshape(len(x), -1)
        for peer, make in runners(folder, name).items():
            theirs = make(len(x))(x)
            difference = np.abs(theirs - ours).max()
            print("error", name, peer, f"{np.abs(theirs - truth).max():.1e}", sep="\t", flush=True)
            if difference > (0.1 if "bf16" in peer else 3e-6):
                sys.exit(f"{name}: {peer} and ours differ by {difference:.1e}")


def shortest(function, least, repeat):
    """Seconds of CPU, so that others on the machine do not count, of all threads."""
    function(), function()
    best, start = float("inf"), time.perf_counter()
    while time.perf_counter() - start < least:
        begin = time.process_time()
        for _ in range(repeat):
            function()
        best = min(best, (time.process_time() - begin) / repeat)
    return best


def time_all(folder):
    for name, (features, _, _) in NETWORKS.items():
        x = np.fromfile(f"{folder}/{name}.x", "f4").reshape(-1, LOOKBACK, features)
        for peer, make in runners(folder, name).items():
            for batch in (1, 32, 1024):
                run, some = make(batch), np.ascontiguousarray(x[:batch])
                seconds = shortest(lambda: run(some), 0.7, 8 if batch == 1 else 1)
                print("time", name, batch, peer, f"{1e6 * seconds / batch:.2f}", sep="\t", flush=True)


torch.set_num_threads(1)
if sys.argv[1] == "check":
    print("versions", f"onnxruntime {onnxruntime.__version__}, OpenVINO {openvino.__version__.split('-')[0]}, PyTorch {torch.__version__}", sep="\t")
    check(sys.argv[2])
else:
    time_all(sys.argv[2])
