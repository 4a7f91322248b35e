# SPDX-License-Identifier: Apache-2.0
"""no_doubles.py URL MODEL...: each model has one run, which is FINISHED, one version, and each epoch's loss once."""
import json
import sys
import urllib.parse
import urllib.request

root = sys.argv[1] + "/api/2.0/mlflow/"


def get(endpoint, **query):
    with urllib.request.urlopen(root + endpoint + "?" + urllib.parse.urlencode(query)) as reply:
        return json.load(reply)


def post(endpoint, **body):
    request = urllib.request.Request(root + endpoint, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)


for name in sys.argv[2:]:
    experiment = get("experiments/get-by-name", experiment_name=name)["experiment"]["experiment_id"]
    runs = post("runs/search", experiment_ids=[experiment])["runs"]
    assert len(runs) == 1, f"{name} has {len(runs)} runs"
    info = runs[0]["info"]
    assert info["status"] == "FINISHED", f"{name}: {info}"
    versions = get("model-versions/search", filter=f"name = '{name}'")["model_versions"]
    assert len(versions) == 1, f"{name} has {len(versions)} versions"
    alias = get("registered-models/alias", name=name, alias="production")["model_version"]
    assert alias["version"] == versions[0]["version"], f"{name}: the alias names another version"
    history = get("metrics/get-history", run_id=info["run_id"], metric_key="fold_0/train_loss")["metrics"]
    assert sorted(m["step"] for m in history) == list(range(1, 21)), f"{name}: {[m['step'] for m in history]}"
print(f"{len(sys.argv) - 2} models, no doubles")
