"""Peer of tfidf.ts and tfidfStream.ts: TfidfVectorizer on the texts of a JSON file, or on the lines of a .txt file as they
are read. Prints one line of JSON."""
import json, resource, sys, time
import sklearn
from sklearn.feature_extraction.text import TfidfVectorizer

lines = sys.argv[1].endswith(".txt")
texts = (line.rstrip("\n") for line in open(sys.argv[1])) if lines else json.load(open(sys.argv[1]))
char = sys.argv[2] == "characters"
vectorizer = TfidfVectorizer(sublinear_tf=True, analyzer="char" if char else "word", token_pattern=r"\w+",
                             ngram_range=(1, 2), min_df=2)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
start, began = time.process_time(), time.perf_counter()
matrix = vectorizer.fit_transform(texts)
matrix.sort_indices()
seconds, wall = time.process_time() - start, time.perf_counter() - began
rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps(dict(seconds=seconds, wall=wall, nnz=int(matrix.nnz), terms=matrix.shape[1], sum=float(matrix.sum()),
                      peakMb=rss / 1024, version=f"scikit-learn {sklearn.__version__}, Python {sys.version.split()[0]}")))
