# SPDX-License-Identifier: Apache-2.0
"""seen_by_mlflow.py URL MODEL ALIAS FILE EPOCHS: what MLflow's own client sees of a push. There is one run and one version of the model, the
alias names it, the artifact has the bytes of FILE, and each epoch's loss stands once."""
import sys

import mlflow

url, name, alias, file, epochs = *sys.argv[1:5], int(sys.argv[5])
mlflow.set_tracking_uri(url)
client = mlflow.MlflowClient()
versions = client.search_model_versions(f"name = '{name}'")
assert len(versions) == 1, f"{name} has {len(versions)} versions"
version = client.get_model_version_by_alias(name, alias)
assert version.version == versions[0].version, "the alias names another version"
runs = client.search_runs([client.get_experiment_by_name(name).experiment_id])
assert len(runs) == 1, f"{name} has {len(runs)} runs"
run = runs[0]
assert run.info.run_id == version.run_id and run.info.status == "FINISHED", run.info
assert run.data.params["optimizer"] == "adam" and run.data.params["lookback"] == "6", run.data.params
assert run.data.metrics["ic"] == 0.04 and run.data.metrics["validation_mse"] == 0.25, run.data.metrics
for fold in (0, 1):
    history = client.get_metric_history(run.info.run_id, f"fold_{fold}/train_loss")
    found = [(m.step, m.value) for m in sorted(history, key=lambda m: m.step)]
    assert found == [(e, 1 / e + fold) for e in range(1, epochs + 1)], found
    validation = client.get_metric_history(run.info.run_id, f"fold_{fold}/validation_loss")
    assert [m.step for m in validation if m.step == 2] == [], "NaN is left out"
place = mlflow.artifacts.download_artifacts(f"models:/{name}@{alias}")
with open(place + "/model.safetensors", "rb") as ours, open(file, "rb") as theirs:
    assert ours.read() == theirs.read(), "the artifact differs"
paths = {a.path for a in client.list_artifacts(run.info.run_id)}
assert {"model", "scaler.json", "history.tsv", "folds.tsv", "plots"} <= paths, paths
assert [a.path for a in client.list_artifacts(run.info.run_id, "plots")] == ["plots/loss by epoch.svg"]
