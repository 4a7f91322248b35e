#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# nn-bench.sh FOLDER: adds PyTorch to the environment without the 2 GB of NVIDIA libraries that its wheel asks for. Only the CPU is
# used, so the CUDA libraries that it links are stubs, made by tests/peers/cuda_stubs.py with the system's compiler.
set -eu
here=$(dirname "$(readlink -f "$0")")
"$1/bin/pip" install --no-input --no-deps --only-binary :all: torch==2.15.0
"$1/bin/python" "$here/cuda_stubs.py" "$1"
"$1/bin/python" -c 'import torch; torch.nn.GRU(2, 3)(torch.zeros(1, 4, 2))'
