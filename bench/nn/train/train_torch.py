# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of bench/nn_train.sh: train_torch.py NETWORK FILE THREADS EPOCHS. The same start weights, samples, order of samples,
Adam and batches as train.c; prints the same line."""
import os
import sys
import time

name, path, threads, epochs = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
os.environ["OMP_NUM_THREADS"] = os.environ["MKL_NUM_THREADS"] = str(threads)
import numpy as np
import torch

torch.set_num_threads(threads)
BATCH = 64
UNITS = {"gru": [64], "gru2": [64, 64], "lstm3": [128, 64, 32]}[name]
CLASSES = 3 if name == "lstm3" else 0


class Network(torch.nn.Module):
    def __init__(self, features):
        super().__init__()
        if name == "lstm3":
            widths = [features] + UNITS
            self.layers = torch.nn.ModuleList(torch.nn.LSTM(a, b, batch_first=True) for a, b in zip(widths, widths[1:]))
        else:
            self.layers = torch.nn.ModuleList([torch.nn.GRU(features, UNITS[0], len(UNITS), batch_first=True)])
        self.head = torch.nn.Linear(UNITS[-1], max(CLASSES, 1))

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)[0]
        return self.head(x[:, -1])


def load(network, weights, features):
    """Ours are (inputs, gates x units), gates z r h or i f c o; PyTorch's are transposed, gates r z n or i f g o."""
    at = 0

    def take(*shape):
        nonlocal at
        count = int(np.prod(shape))
        at += count
        return torch.tensor(weights[at - count : at].reshape(shape).copy())

    gates = 4 if name == "lstm3" else 3
    order = [0, 1, 2, 3] if name == "lstm3" else [1, 0, 2]

    def swap(t):
        return torch.cat([torch.chunk(t, gates, 0)[k] for k in order])

    inputs = features
    for i, units in enumerate(UNITS):
        layer, k = (network.layers[i], 0) if name == "lstm3" else (network.layers[0], i)
        with torch.no_grad():
            getattr(layer, f"weight_ih_l{k}").copy_(swap(take(inputs, gates * units).T))
            getattr(layer, f"weight_hh_l{k}").copy_(swap(take(units, gates * units).T))
            getattr(layer, f"bias_ih_l{k}").copy_(swap(take(gates * units)))
            second = getattr(layer, f"bias_hh_l{k}")
            if name == "lstm3":  # a sum of two biases would learn twice as fast
                second.zero_()
                second.requires_grad_(False)
            else:
                second.copy_(swap(take(gates * units)))
        inputs = units
    with torch.no_grad():
        outputs = max(CLASSES, 1)
        network.head.weight.copy_(take(inputs, outputs).T)
        network.head.bias.copy_(take(outputs))
    assert at == len(weights)


MASK = (1 << 64) - 1


def mix(x):
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def shuffled(count, seed, epoch):
    """trainer.c's order of samples."""
    state = mix((seed + 0x9E3779B97F4A7C15) & MASK) ^ mix((epoch + 0x6A09E667F3BCC909) & MASK)
    order = np.arange(count)
    for i in range(count, 1, -1):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        k = ((mix(state) >> 32) * i) >> 32
        order[i - 1], order[k] = order[k], order[i - 1]
    return torch.from_numpy(order)


samples, validation, lookback, features, count = np.fromfile(path, "<u4", 5).tolist()
values = np.fromfile(path, "<f4", offset=20)
weights, values = values[:count], values[count:]
rows = (samples + validation + lookback - 1) * features
windows = np.lib.stride_tricks.sliding_window_view(values[:rows].reshape(-1, features), lookback, 0)
X = torch.from_numpy(np.ascontiguousarray(windows.transpose(0, 2, 1)))
Y = torch.from_numpy(values[rows:].copy())
Y = Y.long() if CLASSES else Y[:, None]
lossfn = torch.nn.functional.cross_entropy if CLASSES else torch.nn.functional.mse_loss

network = Network(features)
load(network, weights, features)
optimizer = torch.optim.Adam([p for p in network.parameters() if p.requires_grad], 1e-3)
orders = [shuffled(samples, 1, epoch) for epoch in range(epochs)]
clock = time.process_time if threads == 1 else time.perf_counter
times, losses = [], []
for order in orders:
    for batch in torch.split(order, BATCH):
        begin = clock()
        optimizer.zero_grad(set_to_none=True)
        loss = lossfn(network(X[batch]), Y[batch])
        loss.backward()
        optimizer.step()
        times.append(clock() - begin)
    with torch.no_grad():
        losses.append(lossfn(network(X[samples:]), Y[samples:]).item())
print(f"{min(times):.7f}", *(f"{loss:.6f}" for loss in losses), sep="\t")
