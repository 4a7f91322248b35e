# SPDX-License-Identifier: Apache-2.0
"""Makes the CUDA build of PyTorch load where CUDA is not: cuda_stubs.py ENVIRONMENT

For every NVIDIA library that torch/lib needs and that is not there, an empty one is compiled beside it, where the loader looks first.
Each function in it returns 100, cudaErrorNoDevice, so that torch sees a machine without a GPU.
"""
import collections
import glob
import os
import re
import subprocess
import sys
import tempfile

# Which library a function belongs to, by its name; the longer name of two comes first.
OWNERS = {
    "libcudart": r"(__)?cuda[A-Z_]",
    "libcupti": r"cupti",
    "libcusparseLt": r"cusparseLt",
    "libcusparse": r"cusparse(?!Lt)",
    "libcufft": r"cufft",
    "libcufile": r"cuFile",
    "libnccl": r"nccl",
    "libcublasLt": r"cublasLt",
    "libcublas": r"cublas(?!Lt)",
    "libcudnn": r"cudnn",
    "libnvrtc": r"nvrtc",
    "libnvshmem_host": r"nvshmem|_Z\w*nvshmem",
    "libcusolver": r"cusolver",
    "libcuda": r"cu[A-Z]",
}


def readelf(option, path):
    return subprocess.check_output(["readelf", option, "-W", path], text=True).splitlines()


def inspect(folder):
    """The NVIDIA libraries that are needed, and the functions that are nowhere defined, each with its versions."""
    needed, undefined = set(), collections.defaultdict(set)
    for path in glob.glob(folder + "/*.so"):
        for line in readelf("-d", path):
            match = re.search(r"NEEDED.*\[(lib(?:cu|nv|nccl)[^]]*)\]", line)
            if match:
                needed.add(match[1])
        for line in readelf("--dyn-syms", path):
            fields = line.split()
            if len(fields) >= 8 and fields[6] == "UND":
                name, _, version = fields[7].partition("@")
                undefined[name].add(version.strip("@"))
    return needed, undefined


def make(folder, library, undefined):
    owner = re.compile(OWNERS.get(library.split(".so")[0], r"$^"))
    names = sorted(name for name in undefined if owner.match(name))
    versions = collections.defaultdict(list)
    for name in names:
        for version in filter(None, undefined[name]):
            versions[version].append(name)
    with tempfile.TemporaryDirectory() as scratch:
        source, script = scratch + "/stub.c", scratch + "/stub.map"
        with open(source, "w") as out:
            out.write("".join(f"long {name}(void) {{ return 100; }}\n" for name in names) or "typedef int nothing;\n")
        with open(script, "w") as out:
            out.write("".join(f"{v} {{ global: {'; '.join(n)}; }};\n" for v, n in versions.items()))
        command = ["cc", "-w", "-shared", "-fPIC", "-O1", "-fno-builtin", source, "-o", f"{folder}/{library}", f"-Wl,-soname,{library}"]
        subprocess.check_call(command + ([f"-Wl,--version-script={script}"] if versions else []))


def main():
    (folder,) = glob.glob(sys.argv[1] + "/lib/python3*/site-packages/torch/lib")
    needed, undefined = inspect(folder)
    for library in sorted(needed):
        if not os.path.exists(f"{folder}/{library}"):
            make(folder, library, undefined)


main()
