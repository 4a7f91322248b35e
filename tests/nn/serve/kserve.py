# SPDX-License-Identifier: Apache-2.0
"""kserve.py HOST:PORT: Triton's own client of the V2 protocol against the server: health, metadata, predictions of several shapes, errors."""
import sys

import numpy
import tritonclient.http
from tritonclient.utils import InferenceServerException

client = tritonclient.http.InferenceServerClient(sys.argv[1])
assert client.is_server_live() and client.is_server_ready() and client.is_model_ready("three")
assert client.get_server_metadata()["name"] == "tickhouse"
metadata = client.get_model_metadata("three", "1")
assert metadata["inputs"] == [{"name": "sequence", "datatype": "FP32", "shape": [-1, 6, 3]}], metadata
assert [o["name"] for o in metadata["outputs"]] == ["prediction", "class"], metadata


def infer(x, datatype, name="three", **options):
    tensor = tritonclient.http.InferInput("sequence", list(x.shape), datatype)
    tensor.set_data_from_numpy(x, binary_data=False)
    return client.infer(name, [tensor], outputs=options.pop("outputs", None), **options)


def output(name):
    return tritonclient.http.InferRequestedOutput(name, binary_data=False)


random = numpy.random.default_rng(1)
x = random.normal(size=(32, 6, 3)).astype(numpy.float32)
both = infer(x, "FP32", request_id="r1", outputs=[output("prediction"), output("class")])
assert both.get_response()["id"] == "r1" and both.get_response()["model_version"] == "1"
batch, labels = both.as_numpy("prediction"), both.as_numpy("class")
assert batch.shape == (32, 3) and numpy.allclose(batch.sum(axis=1), 1, atol=1e-6)
assert list(labels) == [("down", "neutral", "up")[i] for i in batch.argmax(axis=1)]
# A sequence alone, and in double, gives the same bits as in the batch.
for i in range(4):
    alone = infer(x[i : i + 1], "FP32", outputs=[output("prediction")]).as_numpy("prediction")
    double = infer(x[i].astype(numpy.float64), "FP64", outputs=[output("prediction")]).as_numpy("prediction")
    assert (alone[0] == batch[i]).all() and (double[0] == batch[i]).all()
for bad in (lambda: infer(x[:, :5], "FP32"), lambda: infer(x, "FP32", name="none"), lambda: infer(x, "FP32", outputs=[output("x")]),
            lambda: client.infer("three", [binary])):
    binary = tritonclient.http.InferInput("sequence", list(x.shape), "FP32")
    binary.set_data_from_numpy(x, binary_data=True)
    try:
        bad()
    except InferenceServerException as refusal:
        assert len(refusal.message()) > 20, refusal
    else:
        raise AssertionError("a bad request was answered")
