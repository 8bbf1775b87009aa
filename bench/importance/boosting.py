"""Gradient boosting by LightGBM, binning included: python boosting.py FOLDER."""

import json
import resource
import sys
import time

import lightgbm
import numpy as np
from sklearn.metrics import log_loss

folder, d = sys.argv[1], 50
read = lambda name, kind: np.fromfile(f"{folder}/{name}", kind)
X, y = read("train.x", "<f8").reshape(-1, d), read("train.y", "<i4")
T, t = read("test.x", "<f8").reshape(-1, d), read("test.y", "<i4")
params = {
    "objective": "binary",
    "num_threads": 1,
    "verbose": -1,
    "num_leaves": 31,
    "learning_rate": 0.1,
    "min_data_in_leaf": 20,
    "max_bin": 255,
}

start = time.process_time()
model = lightgbm.train(params, lightgbm.Dataset(X, y), 100)
seconds = time.process_time() - start

loss = log_loss(t, model.predict(T, num_threads=1))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
version = f"LightGBM {lightgbm.__version__}"
print(json.dumps({"seconds": seconds, "logLoss": loss, "peakMb": peak, "version": version}))
