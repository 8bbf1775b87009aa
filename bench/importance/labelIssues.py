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


def call():
    start = time.process_time()
    mask = find_label_issues(y, p, n_jobs=1)
    return time.process_time() - start, mask


seconds, mask = call()
later = float(np.median([call()[0] for _ in range(5)]))

mask.astype("<f8").tofile(f"{folder}/peer.values")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
version = f"cleanlab {cleanlab.__version__}, numpy {np.__version__}"
print(json.dumps({"seconds": seconds, "laterSeconds": later, "issues": int(mask.sum()), "peakMb": peak, "version": version}))
