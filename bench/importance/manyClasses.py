"""cleanlab's find_label_issues on 1,000,000 x 100 single-precision probabilities: python manyClasses.py FOLDER."""

import json
import resource
import time
import warnings

import cleanlab
import numpy as np
from cleanlab.filter import find_label_issues

warnings.filterwarnings("ignore")
n, k = 1_000_000, 100
rng = np.random.default_rng(1)
p = rng.random((n, k), dtype=np.float32)
truth = rng.integers(0, k, n)
p[np.arange(n), truth] += p.sum(axis=1) * rng.random(n, dtype=np.float32) * 2
p /= p.sum(axis=1, keepdims=True)
y = np.where(rng.random(n) < 0.2, rng.integers(0, k, n), truth)

start = time.process_time()
mask = find_label_issues(y, p, n_jobs=1)
seconds = time.process_time() - start

peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
version = f"cleanlab {cleanlab.__version__}, numpy {np.__version__}"
print(json.dumps({"seconds": seconds, "issueShare": mask.mean(), "peakMb": peak, "version": version}))
