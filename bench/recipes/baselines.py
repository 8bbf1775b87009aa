"""scikit-learn beside a recipe: python baselines.py JOB.json OUT.json

The job brings rows (texts, pairs of texts or numbers), targets, and sides: each {"training": [...], "heldOut": [...]} is a fit and its
predictions. Writes class probabilities of the held-out rows, side by side in their order.
"""
import json, re, sys
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

job = json.load(open(sys.argv[1], encoding="utf8"))
targets = np.array(job["targets"])


def words_of(text):
    return re.findall(r"\w+", (text or "").lower())


def text_model(training):
    """As the published baselines: liblinear for two classes, softmax up to five, one against the rest above."""
    classes = len(set(targets[training]))
    if classes <= 2:
        return LogisticRegression(C=job["C"], solver="liblinear", random_state=42)
    if classes <= 5:
        return LogisticRegression(C=job["C"], max_iter=2000)
    return OneVsRestClassifier(LogisticRegression(C=job["C"], solver="liblinear", random_state=42))


def by_text(training, held_out):
    texts = np.array([text or "" for text in job["texts"]], dtype=object)
    unit = dict(analyzer="word", token_pattern=r"\w+") if job["analyzer"] == "words" else dict(analyzer="char")
    vectorizer = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=job["minDocumentFrequency"], **unit)
    matrix = vectorizer.fit_transform(texts[training])
    return text_model(training).fit(matrix, targets[training]).predict_proba(vectorizer.transform(texts[held_out]))


def rowwise(a, b):
    return np.asarray(a.multiply(b).sum(axis=1)).ravel()


def similarities(left, right, training):
    """Ten likenesses of two texts; what has to be learned is learned from the training rows."""
    left, right = [text or "" for text in left], [text or "" for text in right]
    known = [right[row] for row in training]
    columns = []
    for unit in (dict(analyzer="word", token_pattern=r"\w+"), dict(analyzer="char", ngram_range=(3, 4)), dict(analyzer="char_wb", ngram_range=(2, 3))):
        vectorizer = TfidfVectorizer(sublinear_tf=True, **unit).fit(known)
        columns.append(rowwise(vectorizer.transform(left), vectorizer.transform(right)))
    counter = CountVectorizer(token_pattern=r"\w+").fit(known)
    query, document = counter.transform(left).sign(), counter.transform(right).astype(float)
    seen = np.asarray(counter.transform(known).sign().sum(axis=0)).ravel()
    idf = np.log(1 + (len(known) - seen + 0.5) / (seen + 0.5))
    lengths = np.asarray(document.sum(axis=1)).ravel()
    norm = 1.2 * (1 - 0.75 + 0.75 * lengths / max(lengths[training].mean(), 1e-9))
    coo = document.tocoo()
    document = csr_matrix((coo.data * 2.2 / (coo.data + norm[coo.row]), (coo.row, coo.col)), shape=document.shape)
    columns.append(rowwise(query.multiply(idf).tocsr(), document))
    sets = [(set(words_of(a)), set(words_of(b))) for a, b in zip(left, right)]
    share = lambda part, whole: len(part) / len(whole) if whole else 0.0
    columns.append(np.array([share(a & b, a | b) for a, b in sets]))
    columns.append(np.array([share(a & b, a) for a, b in sets]))
    columns.append(np.array([share(a & b, b) for a, b in sets]))
    digits = [({w for w in a if any(c.isdigit() for c in w)}, {w for w in b if any(c.isdigit() for c in w)}) for a, b in sets]
    columns.append(np.array([share(a & b, a) for a, b in digits]))
    columns.append(np.array([float(words_of(a)[:1] == words_of(b)[:1]) for a, b in zip(left, right)]))
    columns.append(np.array([len(a) - len(b) for a, b in zip(left, right)], dtype=float))
    return np.column_stack(columns)


def by_pairs(training, held_out):
    parts = [similarities(left, right, training) for left, right in job["pairs"]]
    for left, right in job.get("numbers", []):
        a, b = np.array(left, dtype=float), np.array(right, dtype=float)
        parts.append(np.column_stack([np.abs(a - b), np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), 1e-9)]))
    return boosted(np.column_stack(parts), training, held_out)


def boosted(matrix, training, held_out):
    model = HistGradientBoostingClassifier(random_state=42).fit(matrix[training], targets[training])
    return model.predict_proba(matrix[held_out])


def by_numbers(training, held_out):
    return boosted(np.array(job["matrix"], dtype=float), training, held_out)


predict = dict(text=by_text, pairs=by_pairs, numbers=by_numbers)[job["kind"]]
found = [predict(np.array(side["training"]), np.array(side["heldOut"])) for side in job["sides"]]
json.dump([np.round(one, 9).tolist() for one in found], open(sys.argv[2], "w"))
