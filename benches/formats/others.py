"""Reads the files of `cargo bench --bench formats` with other engines on one thread, and prints the best of three times.

The start of the interpreter and import are left out. Needs the packages `polars` and `duckdb`.

    KEEP=FOLDER cargo bench --bench formats
    python benches/formats/others.py FOLDER
"""

import os
import sqlite3
import sys
import time

os.environ["POLARS_MAX_THREADS"] = "1"

import duckdb
import polars

folder = sys.argv[1]
document, base = f"{folder}/bench.json", f"{folder}/bench.db"
connection = duckdb.connect(config={"threads": 1})
columns = "abcdefghij"
# Every cell is looked at, so that no column can be left out.
counts = ", ".join(f"count({column}), max({column})" for column in columns)


def sqlite():
    with sqlite3.connect(base) as opened:
        polars.read_database("select * from t", opened)


for name, read in {
    "bench.json polars": lambda: polars.read_json(document),
    "bench.json duckdb": lambda: connection.execute(f"select {counts} from read_json('{document}')").fetchall(),
    "bench.db polars": sqlite,
}.items():
    times = []
    for _ in range(3):
        before = time.perf_counter()
        read()
        times.append(time.perf_counter() - before)
    print(f"{name}: {min(times):.3f} s")
