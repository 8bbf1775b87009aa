"""Peer of parquet.ts: reads the Parquet files of FOLDER/ours with pyarrow and writes the table again, on one thread."""
import glob
import json
import os
import sys
import time

import pyarrow
import pyarrow.parquet as parquet

ROW_GROUP_ROWS = 131_072


def cpu(work):
    before = time.process_time()
    result = work()
    return time.process_time() - before, result


def main():
    folder = sys.argv[1]
    pyarrow.set_cpu_count(1)
    pyarrow.set_io_thread_count(1)
    files = sorted(glob.glob(f"{folder}/ours/*.parquet"))
    parts = lambda: [parquet.read_table(path, use_threads=False) for path in files]
    read, tables = cpu(lambda: pyarrow.concat_tables(parts()))
    path = f"{folder}/theirs.parquet"
    write, _ = cpu(lambda: parquet.write_table(tables, path, compression="zstd", row_group_size=ROW_GROUP_ROWS))
    print(json.dumps({
        "read": read,
        "write": write,
        "count": tables.num_rows,
        "sizeMb": os.path.getsize(path) / 1e6,
        "version": f"pyarrow {pyarrow.__version__}, Python {sys.version.split()[0]}",
    }))


main()
