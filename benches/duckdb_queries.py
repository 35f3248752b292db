"""The 24 counts of rules/citizens-24.yaml, written by hand for DuckDB.

Prints one JSON object: the seconds of the queries alone (start of the interpreter and import left out) and for each rule
the rows evaluated and failed. Needs the package `duckdb`.

    python duckdb_queries.py DIR csv|parquet [THREADS] [--load]

DIR holds citizens and provinces as the example `generate` writes them. With `--load` the columns are read into a table
first and every query runs on that; otherwise every query reads the file. Which is faster differs by format and size.
"""

import json
import sys
import time

import duckdb

# A cell is missing when it is null, empty, blank or one of the two tokens of the suite.
MISSING = "CREATE MACRO m(x) AS CASE WHEN trim(x) = '' OR x IN ('-', 'không rõ') THEN NULL ELSE x END"

# Dates of text columns are read, and those that do not read are kept apart from those that are not there.
COLUMNS = {
    "csv": """
        m(date_of_birth) AS birth_text, try_cast(m(date_of_birth) AS DATE) AS birth,
        m(issued_on) AS issued_text, try_cast(m(issued_on) AS DATE) AS issued,
        m(updated_at) AS updated_text, try_cast(m(updated_at) AS TIMESTAMP) AS updated""",
    "parquet": """
        date_of_birth AS birth_text, date_of_birth AS birth,
        issued_on AS issued_text, issued_on AS issued,
        updated_at AS updated_text, updated_at AS updated""",
}

TEXTS = "citizen_id full_name sex province ward phone email social_insurance_no address status".split()


def row_rule(value, condition):
    """Rows with a value that are judged, and those of them for which the condition is not true."""
    return f"count({value})", f"count({value}) - count(*) FILTER ({value} IS NOT NULL AND {condition})"


def matches(column, pattern):
    return row_rule(column, f"regexp_full_match({column}, '{pattern}')")


def required(column):
    return "count(*)", f"count(*) - count({column})"


SEX_FITS = (
    "((sex = 'Nam' AND substr(citizen_id, 4, 1) IN ('0', '2', '4', '6', '8'))"
    " OR (sex = 'Nữ' AND substr(citizen_id, 4, 1) IN ('1', '3', '5', '7', '9')))"
)
NEWEST = "max(updated) FILTER (updated < TIMESTAMP '2130-01-02')"

# One pass counts all rules about single rows.
ROW_RULES = {
    "citizens.citizen_id.required": required("citizen_id"),
    "citizens.citizen_id.matches": matches("citizen_id", "0[0-9]{2}[0-9]99[0-9]{6}"),
    "citizens.full_name.required": required("full_name"),
    "citizens.full_name.length": row_rule("full_name", "length(full_name) BETWEEN 2 AND 50"),
    "citizens.sex.allowed": row_rule("sex", "sex IN ('Nam', 'Nữ', 'Khác')"),
    "citizens.date_of_birth.type": row_rule("birth_text", "birth IS NOT NULL"),
    "citizens.date_of_birth.range": row_rule("birth_text", "birth BETWEEN DATE '2099-01-01' AND DATE '2099-12-31'"),
    "citizens.ward.matches": matches("ward", "[0-9]{5}"),
    "citizens.phone.required": required("phone"),
    "citizens.phone.matches": matches("phone", "0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-9])[0-9]{7}"),
    "citizens.email.matches": matches("email", "[A-Za-z0-9._+-]+@[A-Za-z0-9-]+([.][A-Za-z0-9-]+)+"),
    "citizens.social_insurance_no.matches": matches("social_insurance_no", "[0-9]{10}"),
    "citizens.address.length": row_rule("address", "length(address) BETWEEN 5 AND 200"),
    "citizens.issued_on.type": row_rule("issued_text", "issued IS NOT NULL"),
    "citizens.issued_on.range": row_rule("issued_text", "issued BETWEEN DATE '2113-01-01' AND DATE '2129-12-31'"),
    "citizens.issued_on.not_future": row_rule("issued_text", "issued <= DATE '2130-01-01'"),
    "citizens.status.allowed": row_rule("status", "status IN ('active', 'moved', 'deceased')"),
    "citizens.updated_at.type": row_rule("updated_text", "updated IS NOT NULL"),
    "issued-after-birth": (
        "count(*) FILTER (issued_text IS NOT NULL AND birth_text IS NOT NULL)",
        "count(*) FILTER (issued_text IS NOT NULL AND birth_text IS NOT NULL AND NOT coalesce(issued > birth, false))",
    ),
    "sex-fits-number": (
        "count(*) FILTER (sex IN ('Nam', 'Nữ') AND citizen_id IS NOT NULL)",
        f"count(*) FILTER (sex IN ('Nam', 'Nữ') AND citizen_id IS NOT NULL AND NOT {SEX_FITS})",
    ),
    "register-is-alive": (
        f"CASE WHEN {NEWEST} IS NULL THEN 0 ELSE 1 END",
        f"CASE WHEN {NEWEST} < TIMESTAMP '2129-12-01' THEN 1 ELSE 0 END",
    ),
}


def duplicates(columns, readable="true"):
    """Rows with a whole key, and those of them whose key stands more than once or has a part that does not read."""
    keys = ", ".join(columns)
    whole = " AND ".join(f"{column} IS NOT NULL" for column in columns)
    return f"""
        SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (n > 1 OR NOT reads), 0)::BIGINT
        FROM (SELECT count(*) AS n, bool_and({readable}) AS reads FROM citizens WHERE {whole} GROUP BY {keys})"""


KEY_RULES = {
    "citizens.citizen_id.unique": duplicates(["citizen_id"]),
    "one-person-once": duplicates(["full_name", "birth_text", "address"], "birth IS NOT NULL"),
    "province-is-known": """
        SELECT (SELECT count(province) FROM citizens),
               (SELECT count(*) FROM citizens ANTI JOIN provinces ON citizens.province = provinces.code
                WHERE citizens.province IS NOT NULL)""",
}


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--load"]
    folder, kind = arguments[0], arguments[1]
    threads = int(arguments[2]) if len(arguments) > 2 else 2

    def scan(table):
        if kind == "csv":
            # Everything is text and how the file is written is given, so nothing is guessed.
            return f"read_csv('{folder}/{table}.csv', all_varchar = true, header = true, delim = ',', quote = '\"')"
        return f"read_parquet('{folder}/{table}.parquet')"

    connection = duckdb.connect(config={"threads": threads})
    start = time.perf_counter()
    connection.execute(MISSING)
    texts = ", ".join(f"m({column}) AS {column}" for column in TEXTS)
    made = "TEMP TABLE" if "--load" in sys.argv else "VIEW"
    connection.execute(f"CREATE {made} citizens AS SELECT {texts}, {COLUMNS[kind]} FROM {scan('citizens')}")
    connection.execute(f"CREATE VIEW provinces AS SELECT m(code) AS code FROM {scan('provinces')}")

    counted = ", ".join(f"{evaluated}, {failed}" for evaluated, failed in ROW_RULES.values())
    found = connection.execute(f"SELECT {counted} FROM citizens").fetchone()
    rules = {rule: [found[2 * at], found[2 * at + 1]] for at, rule in enumerate(ROW_RULES)}
    for rule, query in KEY_RULES.items():
        rules[rule] = list(connection.execute(query).fetchone())
    seconds = time.perf_counter() - start
    json.dump({"duckdb": duckdb.__version__, "seconds": seconds, "rules": rules}, sys.stdout)


if __name__ == "__main__":
    main()
