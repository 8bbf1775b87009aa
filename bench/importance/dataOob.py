"""Data-OOB of Kwon & Zou 2023 by scikit-learn's bagging, scored in numpy: python dataOob.py FOLDER."""

import json
import resource
import sys
import time

import numpy as np
import sklearn
from sklearn.ensemble import BaggingClassifier
from sklearn.metrics import roc_auc_score
from sklearn.tree import DecisionTreeClassifier

folder, d = sys.argv[1], 64
read = lambda name, kind: np.fromfile(f"{folder}/{name}", kind)
X, y, flipped = read("x", "<f8").reshape(-1, d), read("y", "<i4"), read("flipped", "<i4")
n = len(y)

start = time.process_time()
bag = BaggingClassifier(DecisionTreeClassifier(), n_estimators=1000, n_jobs=1, random_state=1).fit(X, y)
right, seen = np.zeros(n), np.zeros(n)
for tree, drawn in zip(bag.estimators_, bag.estimators_samples_):
    out = np.ones(n, bool)
    out[drawn] = False
    right[out] += tree.predict(X[out]) == y[out]
    seen[out] += 1
values = right / seen
seconds = time.process_time() - start

peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
auroc = roc_auc_score(flipped, -values)
version = f"scikit-learn {sklearn.__version__}"
print(json.dumps({"seconds": seconds, "auroc": auroc, "peakMb": peak, "version": version}))
