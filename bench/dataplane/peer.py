"""Ingest, clean and split with pandas or Polars, to the outputs that Assay writes: peer.py ENGINE TABLE FOLDER."""
import hashlib
import json
import os
import resource
import sys
import time

import numpy as np

TEXTS = ["id", "query", "title", "brand", "label"]
NUMBERS = ["price", "stars", "clicks"]
FEATURES = ["query", "title", "brand", *NUMBERS]


def side_codes(ids):
    """0 train, 1 validation, 2 test: FNV-1a over "split:" + id, then MurmurHash3's finaliser, as Assay's hash split."""
    width = ids.dtype.itemsize
    chars = np.frombuffer(ids.tobytes(), dtype=np.uint8).reshape(len(ids), width)
    h = np.full(len(ids), (0x811C9DC5 ^ 42), dtype=np.uint32)
    prime = np.uint32(0x01000193)
    for char in b"split:":
        h = (h ^ np.uint32(char)) * prime
    for column in range(width):
        char = chars[:, column].astype(np.uint32)
        h = np.where(char == 0, h, (h ^ char) * prime)
    h = (h ^ (h >> np.uint32(16))) * np.uint32(0x85EBCA6B)
    h = (h ^ (h >> np.uint32(13))) * np.uint32(0xC2B2AE35)
    share = (h ^ (h >> np.uint32(16))) / 2.0**32
    return np.where(share < 0.7, 0, np.where(share < 0.7 + 0.15, 1, 2)).astype(np.int8)


def rank(share, n):
    return max(0, int(np.ceil(share * n - 1e-9)) - 1)


def with_pandas(path, folder):
    import pandas as pd

    df = pd.read_csv(path, dtype=str, keep_default_na=False, na_values=[""])
    raw = df.copy(deep=False)
    rule = pd.Series("", index=df.index)
    for name in NUMBERS:
        values = pd.to_numeric(df[name], errors="coerce")
        rule[(rule == "") & values.isna() & df[name].notna()] = "number"
        df[name] = values
    rule[(rule == "") & df["label"].isna()] = "missing_target"
    good = df[rule == ""]
    labels = good.groupby("id")["label"].transform("nunique")
    rule[labels.index[labels > 1]] = "conflicting_id"
    rule[good.index[(labels == 1) & good.duplicated("id")]] = "duplicate_id"
    df["split"] = pd.Categorical.from_codes(
        side_codes(df["id"].to_numpy().astype("S")), ["train", "validation", "test"]
    ).astype(str)
    training = (rule == "") & (df["split"] == "train")
    rule[training & df["title"].str.startswith("SPAM")] = "irrelevant"
    training = (rule == "") & (df["split"] == "train")
    prices = np.sort(df.loc[training, "price"].dropna().to_numpy())
    low, high = prices[rank(0.25, len(prices))], prices[rank(0.75, len(prices))]
    margin = 3 * (high - low)
    rule[training & ((df["price"] < low - margin) | (df["price"] > high + margin))] = "outlier"
    training = (rule == "") & (df["split"] == "train")
    by_id = df[training].sort_values("id")
    rule[by_id.index[by_id.duplicated([*FEATURES, "label"])]] = "duplicate"
    kept = df[rule == ""].sort_values("id")
    aside = raw[rule != ""].assign(rule=rule[rule != ""]).sort_values("id")
    kept.to_parquet(f"{folder}/kept.parquet", compression="zstd", index=False)
    aside.to_parquet(f"{folder}/aside.parquet", compression="zstd", index=False)
    return kept["id"].to_numpy().astype("S"), len(aside), pd.__version__


def with_polars(path, folder):
    import polars as pl

    text = {name: pl.String for name in [*TEXTS, *NUMBERS]}
    columns = pl.read_csv(path, schema_overrides=text).head(0).columns
    df = pl.read_csv(path, schema_overrides=text).with_row_index("row")
    numbers = [pl.col(name).cast(pl.Float64, strict=False).alias(f"n_{name}") for name in NUMBERS]
    df = df.with_columns(numbers)
    bad = pl.any_horizontal([pl.col(name).is_not_null() & pl.col(f"n_{name}").is_null() for name in NUMBERS])
    unread = pl.when(bad).then(pl.lit("number")).when(pl.col("label").is_null()).then(pl.lit("missing_target"))
    df = df.with_columns(unread.alias("rule"))
    good = df.filter(pl.col("rule").is_null()).select("row", "id", "label")
    ids = good.group_by("id").agg(pl.len(), pl.col("label").n_unique().alias("labels"), pl.col("row").min().alias("first"))
    repeated = good.join(ids.filter(pl.col("len") > 1), on="id")
    dropped = repeated.filter((pl.col("labels") > 1) | (pl.col("row") != pl.col("first"))).select(
        "row", pl.when(pl.col("labels") > 1).then(pl.lit("conflicting_id")).otherwise(pl.lit("duplicate_id")).alias("again")
    )
    df = df.join(dropped, on="row", how="left").with_columns(pl.coalesce("rule", "again").alias("rule")).drop("again")
    sides = pl.Series("split", side_codes(df["id"].to_numpy().astype("S"))).replace_strict(
        [0, 1, 2], ["train", "validation", "test"]
    )
    df = df.with_columns(sides)
    training = pl.col("rule").is_null() & (pl.col("split") == "train")
    df = df.with_columns(
        pl.when(training & pl.col("title").str.starts_with("SPAM")).then(pl.lit("irrelevant")).otherwise("rule").alias("rule")
    )
    prices = df.filter(training)["n_price"].drop_nulls().sort()
    low, high = prices[rank(0.25, len(prices))], prices[rank(0.75, len(prices))]
    margin = 3 * (high - low)
    outside = (pl.col("n_price") < low - margin) | (pl.col("n_price") > high + margin)
    df = df.with_columns(pl.when(training & outside).then(pl.lit("outlier")).otherwise("rule").alias("rule"))
    df = df.sort("id")
    numeric = [f"n_{name}" if name in NUMBERS else name for name in FEATURES]
    candidates = df.filter(training).select("row", ~pl.struct(*numeric, "label").is_first_distinct().alias("again"))
    df = df.join(candidates.filter("again"), on="row", how="left", maintain_order="left").with_columns(
        pl.when("again").then(pl.lit("duplicate")).otherwise("rule").alias("rule")
    )
    kept = df.filter(pl.col("rule").is_null()).select("id", "split", "label", "query", "title", "brand", *[f"n_{n}" for n in NUMBERS])
    aside = df.filter(pl.col("rule").is_not_null()).select(*columns, "rule")
    kept.write_parquet(f"{folder}/kept.parquet", compression="zstd")
    aside.write_parquet(f"{folder}/aside.parquet", compression="zstd")
    return kept["id"].to_numpy().astype("S"), len(aside), pl.__version__


def main():
    engine, path, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    start = time.perf_counter()
    ids, aside, version = {"pandas": with_pandas, "polars": with_polars}[engine](path, folder)
    for name in ["kept", "aside"]:
        with open(f"{folder}/{name}.parquet", "rb") as file:
            hashlib.file_digest(file, "sha256")
    seconds = time.perf_counter() - start
    usage = resource.getrusage(resource.RUSAGE_SELF)
    digest = hashlib.sha256(b"\n".join(ids.tolist())).hexdigest()
    print(json.dumps({
        "seconds": seconds,
        "cpu": usage.ru_utime + usage.ru_stime,
        "peakMb": usage.ru_maxrss / 1024,
        "kept": len(ids),
        "aside": aside,
        "ids": digest,
        "version": f"{engine} {version}",
    }))


main()
