"""Reads a CSV file with another engine, every cell as text, and prints the seconds as JSON.

The start of the interpreter and import are left out. Needs the package `duckdb` or `polars`.

    python plain_read.py duckdb|polars FILE THREADS
"""

import json
import os
import sys
import time

engine, file, threads = sys.argv[1:]

if engine == "duckdb":
    import duckdb

    connection = duckdb.connect(config={"threads": int(threads)})
    csv = f"read_csv('{file}', all_varchar = true, header = true)"
    names = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {csv}").fetchall()]
    # Every cell is looked at, so that no column can be left out.
    counts = ", ".join(f'count("{name}")' for name in names)
    start = time.perf_counter()
    connection.execute(f"SELECT {counts} FROM {csv}").fetchall()
else:
    os.environ["POLARS_MAX_THREADS"] = threads
    import polars

    start = time.perf_counter()
    polars.read_csv(file, infer_schema=False)

print(json.dumps({"seconds": time.perf_counter() - start}))
