"""Peers of engine.ts: python engine.py keras|torch TASK MODE THREADS STEPS [DEVICE]. Prints one line of JSON."""
import json, math, os, resource, statistics, sys, time

peer, task, mode, threads, steps = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
device = sys.argv[6] if len(sys.argv) > 6 else "cpu"
os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", OMP_NUM_THREADS=str(threads))
if device == "cpu":
    os.environ["CUDA_VISIBLE_DEVICES"] = ""
import numpy as np

WARM = 4
random = np.random.default_rng(1)
kind, units = (task + "-0").split("-")[:2]
units = int(units) if kind == "lstm" else 0
B, L, V = (64, 100, 5000) if kind == "lstm" else (32, 64, 8000)
D, H, F, LAYERS, MASKED, EPSILON = 256, 4, 1024, 4, 10, 1e-12
X = random.integers(1, V, (steps + WARM, B, L)).astype(np.int32)
Y = random.integers(0, 2, (steps + WARM, B)).astype(np.int32)
PLACES = (np.arange(B)[:, None] * L + 6 * np.arange(MASKED)[None]).ravel()
HIDDEN = np.zeros((B, 1, 1, L), np.float32)  # what is added to the scores: 0 for a token, far below for padding
TARGETS = X[:, :, :MASKED].reshape(steps + WARM, -1)
HEAD = {"head": (D, 2)} if mode == "predict" else {"language": (D, D)}


def cpu():
    used = resource.getrusage(resource.RUSAGE_SELF)
    return (used.ru_utime + used.ru_stime) * 1e3


def measure(step, version):
    wall, processor = [], []
    for i in range(steps + WARM):
        start, begin = time.perf_counter(), cpu()
        step(i)
        wall.append((time.perf_counter() - start) * 1e3)
        processor.append(cpu() - begin)
    print(json.dumps(dict(wall=statistics.median(wall[WARM:]), cpu=statistics.median(processor[WARM:]),
                          peakMb=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, version=version)))


def bert_shapes():
    """name -> shape of BERT-mini's parameters; a matrix starts random, the rest as LayerNorm and biases do."""
    shapes = {"tokens": (V, D), "positions": (L, D), "segments": (2, D), "norm.gamma": (D,), "norm.beta": (D,)}
    for i in range(LAYERS):
        for name, shape in {"qkv": (D, 3 * D), "out": (D, D), "up": (D, F), "down": (F, D)}.items():
            shapes[f"{i}.{name}"], shapes[f"{i}.{name}.bias"] = shape, (shape[1],)
        for name in ("first", "second"):
            shapes[f"{i}.{name}.gamma"] = shapes[f"{i}.{name}.beta"] = (D,)
    for name, shape in HEAD.items():
        shapes[name], shapes[f"{name}.bias"] = shape, (shape[1],)
    if mode == "train":
        shapes.update({"language.gamma": (D,), "language.beta": (D,), "scores.bias": (V,)})
    return shapes


def start(name, shape):
    if len(shape) == 2:
        return (random.standard_normal(shape) * 0.02).astype(np.float32)
    return (np.ones if name.endswith("gamma") else np.zeros)(shape, np.float32)


def keras_side():
    import keras, tensorflow as tf
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    version = f"Keras {keras.__version__}, TensorFlow {tf.__version__}"
    optimizer = keras.optimizers.AdamW(1e-3, weight_decay=0.01)
    cross = tf.nn.sparse_softmax_cross_entropy_with_logits
    if kind == "lstm":
        layers = keras.layers
        model = keras.Sequential([layers.Input((L,), dtype="int32"), layers.Embedding(V, 128), layers.Dropout(0.2),
                                  layers.LSTM(units), layers.Dropout(0.2), layers.Dense(2)])
        variables = model.trainable_variables
        forward = lambda x, training: model(x, training=training)
        loss_of = lambda x, y: tf.reduce_mean(cross(labels=y, logits=forward(x, True)))
        targets = Y
    else:
        P = {name: tf.Variable(start(name, shape)) for name, shape in bert_shapes().items()}
        variables = list(P.values())
        hidden = tf.constant(HIDDEN)
        drop = lambda x, training: tf.nn.dropout(x, 0.1) if training else x
        dense = lambda x, name: tf.matmul(x, P[name]) + P[f"{name}.bias"]
        gelu = lambda x: tf.nn.gelu(x, approximate=False)

        def norm(x, name):
            mean, variance = tf.nn.moments(x, -1, keepdims=True)
            return (x - mean) * tf.math.rsqrt(variance + EPSILON) * P[f"{name}.gamma"] + P[f"{name}.beta"]

        def encode(x, training):
            h = tf.reshape(tf.gather(P["tokens"], x) + P["positions"] + P["segments"][0], [-1, D])
            h = drop(norm(h, "norm"), training)
            for i in range(LAYERS):
                q, k, v = tf.unstack(tf.transpose(tf.reshape(dense(h, f"{i}.qkv"), [B, L, 3, H, D // H]), [2, 0, 3, 1, 4]))
                shares = drop(tf.nn.softmax(tf.matmul(q * (1 / math.sqrt(D // H)), k, transpose_b=True) + hidden), training)
                seen = tf.reshape(tf.transpose(tf.matmul(shares, v), [0, 2, 1, 3]), [-1, D])
                h = norm(h + drop(dense(seen, f"{i}.out"), training), f"{i}.first")
                h = norm(h + drop(dense(gelu(dense(h, f"{i}.up")), f"{i}.down"), training), f"{i}.second")
            return h

        forward = lambda x, training: dense(tf.reduce_mean(tf.reshape(encode(x, training), [B, L, D]), 1), "head")

        def loss_of(x, y):
            inner = norm(gelu(dense(tf.gather(encode(x, True), PLACES), "language")), "language")
            return tf.reduce_mean(cross(labels=y, logits=tf.matmul(inner, P["tokens"], transpose_b=True) + P["scores.bias"]))

        targets = TARGETS
    optimizer.build(variables)

    @tf.function
    def train(x, y):
        with tf.GradientTape() as tape:
            loss = loss_of(x, y)
        optimizer.apply_gradients(zip(tape.gradient(loss, variables), variables))
        return loss

    predict = tf.function(lambda x: forward(x, False))
    xs, ys = [tf.constant(x) for x in X], [tf.constant(y, tf.int32) for y in targets]
    measure((lambda i: train(xs[i], ys[i]).numpy()) if mode == "train" else (lambda i: predict(xs[i]).numpy()), version)


def torch_side():
    import torch
    from torch import nn
    from torch.nn import functional as f
    torch.set_num_threads(threads)
    torch.set_num_interop_threads(1)
    where = "cuda" if device == "gpu" else "cpu"
    torch.set_float32_matmul_precision("high")  # TF32 on a GPU, as TensorFlow does
    if kind == "lstm":
        class Model(nn.Module):
            def __init__(self):
                super().__init__()
                self.embedding, self.lstm, self.head = nn.Embedding(V, 128), nn.LSTM(128, units, batch_first=True), nn.Linear(units, 2)
                self.dropout = nn.Dropout(0.2)

            def forward(self, x):
                return self.head(self.dropout(self.lstm(self.dropout(self.embedding(x)))[0][:, -1]))

        model = Model().to(where)
        variables = list(model.parameters())
        loss_of = lambda x, y: f.cross_entropy(model(x), y)
        forward, targets = lambda x: model.eval()(x), Y
    else:
        P = {name: nn.Parameter(torch.tensor(start(name, shape), device=where)) for name, shape in bert_shapes().items()}
        variables = list(P.values())
        dense = lambda x, name: torch.addmm(P[f"{name}.bias"], x, P[name])
        norm = lambda x, name: f.layer_norm(x, (D,), P[f"{name}.gamma"], P[f"{name}.beta"], EPSILON)
        places, hidden = torch.tensor(PLACES, device=where), torch.tensor(HIDDEN, device=where)

        def encode(x, training):
            drop = lambda h: f.dropout(h, 0.1, training)
            h = drop(norm((f.embedding(x, P["tokens"]) + P["positions"] + P["segments"][0]).reshape(-1, D), "norm"))
            for i in range(LAYERS):
                q, k, v = dense(h, f"{i}.qkv").reshape(B, L, 3, H, D // H).permute(2, 0, 3, 1, 4)
                seen = f.scaled_dot_product_attention(q, k, v, hidden, dropout_p=0.1 if training else 0.0)
                h = norm(h + drop(dense(seen.permute(0, 2, 1, 3).reshape(-1, D), f"{i}.out")), f"{i}.first")
                h = norm(h + drop(dense(f.gelu(dense(h, f"{i}.up")), f"{i}.down")), f"{i}.second")
            return h

        def loss_of(x, y):
            inner = norm(f.gelu(dense(encode(x, True)[places], "language")), "language")
            return f.cross_entropy(inner @ P["tokens"].t() + P["scores.bias"], y)

        forward, targets = lambda x: dense(encode(x, False).reshape(B, L, D).mean(1), "head"), TARGETS
    optimizer = torch.optim.AdamW(variables, 1e-3, weight_decay=0.01, eps=1e-7, fused=True)
    xs, ys = [torch.tensor(x, device=where).long() for x in X], [torch.tensor(y, device=where).long() for y in targets]

    def train(i):
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(xs[i], ys[i])
        loss.backward()
        optimizer.step()
        return loss.item()

    def predict(i):
        with torch.inference_mode():
            return forward(xs[i]).cpu().numpy()

    measure(train if mode == "train" else predict, f"PyTorch {torch.__version__}")


{"keras": keras_side, "torch": torch_side}[peer]()
