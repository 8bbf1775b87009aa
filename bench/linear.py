"""Peer of linear.ts: one scikit-learn fit on the matrix that it wrote. Prints one line of JSON."""
import json, resource, sys, time
import numpy as np, scipy, scipy.sparse as sp, sklearn
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.multiclass import OneVsRestClassifier

folder, cols, kind, C = sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])

def load(side):
    part = lambda name, dtype: np.fromfile(f"{folder}/{side}.{name}", dtype)
    indptr = part("indptr", np.int32)
    values = part("values", np.float32).astype(np.float64)
    return sp.csr_matrix((values, part("indices", np.int32), indptr), shape=(len(indptr) - 1, cols)), part("targets", np.int32)

X, y = load("train")
T, t = load("test")
model = {
    "lbfgs": lambda: LogisticRegression(C=C, max_iter=1000),
    "liblinear": lambda: OneVsRestClassifier(LogisticRegression(C=C, solver="liblinear")) if y.max() > 1
    else LogisticRegression(C=C, solver="liblinear"),
    "sgd": lambda: SGDClassifier(loss="log_loss", alpha=1 / (C * len(y)), random_state=0),
}[kind]()
start = time.process_time()
model.fit(X, y)
seconds = time.process_time() - start
p = np.clip(model.predict_proba(T), 1e-15, None)
p /= p.sum(1, keepdims=True)
print(json.dumps(dict(seconds=seconds, loss=float(-np.log(p[np.arange(len(t)), t]).mean()), accuracy=float((p.argmax(1) == t).mean()),
                      peakMb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                      version=f"scikit-learn {sklearn.__version__}, SciPy {scipy.__version__}, NumPy {np.__version__}, Python {sys.version.split()[0]}")))
