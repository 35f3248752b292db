"""Reads files with programs of others, or writes an input for them, and prints what was read as JSON.

Needs the packages of requirements.txt.

    python read.py write FILE         a Parquet file of nested and other types, by pyarrow
    python read.py read FILE ...      for each file the rows that each reader finds: DuckDB and pandas, of workbooks openpyxl
"""

import datetime
import decimal
import json
import sys

import duckdb
import openpyxl
import pandas
import pyarrow
import pyarrow.parquet


def write(file):
    zone = datetime.timezone.utc
    rows = range(1, 11)
    is_there = [row % 4 != 0 for row in rows]
    columns = {
        "id": pyarrow.array(rows, pyarrow.int64()),
        "name": [f"Đặng {row}" if there else None for row, there in zip(rows, is_there)],
        "amount": pyarrow.array([decimal.Decimal(row * 1001) / 100 for row in rows], pyarrow.decimal128(12, 2)),
        "day": [datetime.date(2026, 1, row) for row in rows],
        "at": [datetime.datetime(2026, 1, row, 1, 2, 3, 456789, zone) for row in rows],
        "share": pyarrow.array([row / 8 for row in rows], pyarrow.float32()),
        "tags": [["a", None][: row % 3] if there else None for row, there in zip(rows, is_there)],
        "place": [{"province": f"{row:02}", "wards": [row]} if there else None for row, there in zip(rows, is_there)],
        "kind": pyarrow.array([f"k{row % 2}" for row in rows]).dictionary_encode(),
    }
    pyarrow.parquet.write_table(pyarrow.table(columns), file, row_group_size=3)


def plain(value):
    """A value as JSON has it; what JSON does not have is text."""
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if value is None or value is pandas.NA or value is pandas.NaT:
        return None
    if isinstance(value, datetime.datetime) and value.tzinfo:
        value = value.astimezone(datetime.timezone.utc)
    return value if isinstance(value, (bool, int, float, str)) else str(value)


def with_duckdb(file):
    text = file.endswith(".csv")
    source = f"read_csv('{file}', all_varchar = true, header = true)" if text else f"read_parquet('{file}')"
    found = duckdb.execute(f"SELECT * FROM {source}")
    names = [column[0] for column in found.description]
    rows = [dict(zip(names, plain(row))) for row in found.fetchall()]
    # An empty cell of CSV is read as NULL.
    return [{name: value or "" for name, value in row.items()} for row in rows] if text else rows


def with_pandas(file):
    if file.endswith(".csv"):
        return pandas.read_csv(file, dtype=str, keep_default_na=False).to_dict("records")
    # Nested cells keep whole numbers and missing items only as Arrow has them.
    frame = pandas.read_parquet(file, dtype_backend="pyarrow")
    columns = {name: pyarrow.array(frame[name]).to_pylist() for name in frame.columns}
    return [dict(zip(columns, plain(row))) for row in zip(*columns.values())]


def with_openpyxl(file):
    sheets = {}
    for sheet in openpyxl.load_workbook(file):
        rows = list(sheet.iter_rows())
        sheets[sheet.title] = {
            "frozen": sheet.freeze_panes,
            "filter": sheet.auto_filter.ref,
            "formulas": sum(cell.data_type == "f" for row in rows for cell in row),
            "rows": [[cell.value for cell in row] for row in rows],
        }
    return sheets


if sys.argv[1] == "write":
    write(sys.argv[2])
else:
    found = {}
    for file in sys.argv[2:]:
        if file.endswith(".xlsx"):
            found[file] = {"openpyxl": with_openpyxl(file)}
        else:
            found[file] = {"duckdb": with_duckdb(file), "pandas": with_pandas(file)}
    print(json.dumps(found))
