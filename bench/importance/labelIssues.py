"""cleanlab's find_label_issues: python labelIssues.py FOLDER."""

import json
import resource
import sys
import time
import warnings

import cleanlab
import numpy as np
from cleanlab.filter import find_label_issues

warnings.filterwarnings("ignore")
folder = sys.argv[1]
y = np.fromfile(f"{folder}/y", "<i4").astype(int)
p = np.fromfile(f"{folder}/p", "<f8").reshape(len(y), -1)

start = time.process_time()
mask = find_label_issues(y, p, n_jobs=1)
seconds = time.process_time() - start

mask.astype("<f8").tofile(f"{folder}/peer.values")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
version = f"cleanlab {cleanlab.__version__}, numpy {np.__version__}"
print(json.dumps({"seconds": seconds, "issues": int(mask.sum()), "peakMb": peak, "version": version}))
