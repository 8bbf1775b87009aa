"""A Spark session that Assay asks for one thing after the other: `spark-submit job.py SOCKET FOLDER` (docs/spark.md).

Requests and answers are lines of JSON on a Unix socket that only Assay's user can open. When the socket closes, so does the
session, whatever it is doing. Statements are Assay's own; what users wrote stands in them as texts and numbers only.
"""

import functools
import json
import os
import queue
import shutil
import socket
import sys
import threading

import javascript
import texts
from pyspark import SparkConf
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f
from pyspark.sql import types as t

PROGRESS_SECONDS = 0.5
TYPES = {
    "utf8": t.StringType(),
    "bool": t.BooleanType(),
    "int32": t.IntegerType(),
    "int64": t.LongType(),
    "float32": t.FloatType(),
    "float64": t.DoubleType(),
    "float64[]": t.ArrayType(t.DoubleType()),
    "bytes": t.BinaryType(),
}
GIVES = {"text": t.StringType(), "number": t.DoubleType(), "texts": t.ArrayType(t.StringType())}
KNOWN = {**javascript.KNOWN, **texts.KNOWN}
SHA256 = "CREATE TEMPORARY FUNCTION sha256(text STRING) RETURNS STRING RETURN sha2(text, 256)"
# As parseNumber: JavaScript's decimal numbers, which are finite.
PLAIN_NUMBER = r"""CREATE TEMPORARY FUNCTION plain_number(present STRING) RETURNS DOUBLE RETURN
  CASE WHEN regexp_like(present, '^[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\z')
    AND abs(try_cast(present AS DOUBLE)) < double('Infinity') THEN try_cast(present AS DOUBLE) END"""
# What decides how statements are read, and what they give.
SETTINGS = {
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
    "spark.sql.parser.escapedStringLiterals": "false",
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.variable.substitute": "false",
}


class Line:
    """The socket: one line a message, both ways."""

    def __init__(self, path, folder):
        self.folder = folder
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(path)
        self.lock = threading.Lock()
        self.requests = queue.Queue()
        threading.Thread(target=self.listen, daemon=True).start()

    def listen(self):
        with self.socket.makefile("r", encoding="utf-8") as lines:
            for line in lines:
                self.requests.put(json.loads(line))
        # Whoever asked is gone: nothing here is of use to anybody.
        shutil.rmtree(self.folder.removeprefix("file://"), ignore_errors=True)
        os._exit(1)

    def tell(self, message):
        with self.lock:
            self.socket.sendall((json.dumps(message) + "\n").encode("utf-8"))


class Session:
    def __init__(self, spark, folder):
        self.spark = spark
        self.folder = folder
        self.made = 0
        self.paths = {}
        self.ranked = None
        for function in (SHA256, PLAIN_NUMBER):
            spark.sql(function)

    def function(self, name, known, params, gives):
        self.spark.udf.register(name, KNOWN[known](*params), GIVES[gives])

    def input(self, name, columns, files, places):
        """A view over files that hold a table's rows, in this order; `places`: names of columns for position and ordinal."""
        schema = t.StructType([t.StructField(column, TYPES[kind]) for column, kind in columns])
        layers, before = [{}], 0
        for file in files:  # one that is there twice is read twice
            layer = next((one for one in layers if file["path"] not in one), None)
            if layer is None:
                layers.append(layer := {})
            layer[file["path"]] = (before, file["ordinal"])
            before += file["rows"]
        rows = [self.layer(schema, layer, places) for layer in layers]
        functools.reduce(DataFrame.unionByName, rows).createOrReplaceTempView(quoted(name))

    def layer(self, schema, files, places):
        if not files:
            nothing = self.spark.createDataFrame([], schema)
            return nothing.withColumns({place: f.lit(0).cast("bigint") for place in places})
        rows = self.spark.read.schema(schema).parquet(*files)
        if not places:
            return rows
        within = rows.metadataColumn("_metadata")
        of_file = [
            f.create_map(*[f.lit(part) for path, told in files.items() for part in (os.path.basename(path), told[at])])[
                within["file_name"]
            ]
            for at in (0, 1)
        ]
        position, ordinal = places
        return rows.withColumns({position: of_file[0] + within["row_index"], ordinal: of_file[1]})

    def table(self, name, select):
        """Works the rows out now, into files; those of a table that was called so before go afterwards."""
        path = self.path(name)
        rows = self.spark.sql(select)
        rows.write.parquet(path)
        self.spark.read.schema(rows.schema).parquet(path).createOrReplaceTempView(quoted(name))
        self.delete(self.paths.pop(name, None))
        self.paths[name] = path

    def view(self, name, select):
        self.spark.sql(select).createOrReplaceTempView(quoted(name))

    def drop(self, name):
        self.spark.catalog.dropTempView(name)
        self.delete(self.paths.pop(name, None))

    def query(self, select):
        return [list(row) for row in self.spark.sql(select).collect()]

    def rank(self, select):
        """Sorts numbers once. Gives how many there are."""
        rows = self.spark.sql(select).toDF("value").sort("value").persist()
        counts = rows.groupBy(f.spark_partition_id().alias("part")).count().sort("part").collect()
        self.ranked = (rows, counts)
        return sum(count for _, count in counts)

    def at(self, positions):
        """Numbers at these positions of what `rank` sorted."""
        rows, counts = self.ranked
        self.ranked = None
        places = [place_of(counts, position) for position in positions]
        placed = rows.withColumn("place", f.monotonically_increasing_id())
        found = {place: value for value, place in placed.where(f.col("place").isin(places)).collect()}
        rows.unpersist()
        return [found[place] for place in places]

    def write(self, select, columns):
        """Writes rows in their order; gives the name of the folder with the files, which are in the order of their names."""
        path = self.path("written")
        self.spark.sql(select).toDF(*[f"x{at}" for at in range(columns)]).write.parquet(path)
        return os.path.basename(path)

    def path(self, name):
        self.made += 1
        return f"{self.folder}/{name}-{self.made}"

    def delete(self, path):
        if path is None:
            return
        jvm = self.spark._jvm
        found = jvm.org.apache.hadoop.fs.Path(path)
        found.getFileSystem(self.spark._jsc.hadoopConfiguration()).delete(found, True)


def place_of(counts, position):
    """What `monotonically_increasing_id` gives the row at this position of all parts."""
    for part, count in counts:
        if position < count:
            return (part << 33) + position
        position -= count
    raise IndexError("a position past the last number")


def quoted(name):
    return "`" + name.replace("`", "``") + "`"


def tell_progress(spark, line, running):
    """Tells how much of the stages under way is done, while something is asked."""
    tracker = spark.sparkContext.statusTracker()
    while running.wait():
        stages = [tracker.getStageInfo(stage) for stage in tracker.getActiveStageIds()]
        total = sum(stage.numTasks for stage in stages if stage)
        if total > 0:
            line.tell({"progress": sum(stage.numCompletedTasks for stage in stages if stage) / total})
        threading.Event().wait(PROGRESS_SECONDS)


def first_words(error):
    java = getattr(error, "java_exception", None)
    return str(java.toString() if java is not None else error)[:4000]


def session():
    conf = SparkConf()
    conf.setIfMissing("spark.ui.enabled", "false")
    if conf.get("spark.master", "").startswith("local"):
        conf.setIfMissing("spark.driver.bindAddress", "127.0.0.1")
        conf.setIfMissing("spark.driver.host", "127.0.0.1")
    for name, value in SETTINGS.items():
        conf.set(name, value)
    return SparkSession.builder.config(conf=conf).getOrCreate()


def main(path, folder):
    line = Line(path, folder)
    spark = session()
    asked = Session(spark, folder)
    running = threading.Event()
    threading.Thread(target=tell_progress, args=(spark, line, running), daemon=True).start()
    line.tell({"done": spark.version})
    while True:
        request = line.requests.get()
        what = request.pop("do")
        if what == "stop":
            spark.stop()
            line.tell({"done": None})
            return
        running.set()
        try:
            answer = {"done": getattr(asked, what)(**request)}
        except Exception as error:  # told to whoever asked, who decides
            answer = {"failed": {"kind": type(error).__name__, "message": first_words(error)}}
        running.clear()
        line.tell(answer)


if __name__ == "__main__":
    main(*sys.argv[1:])
