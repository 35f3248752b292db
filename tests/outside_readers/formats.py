"""Reads the reports of one audit with programs of others, and prints what was read as JSON.

Needs the packages of requirements.txt, and the programs that are named: LibreOffice and promtool.

    python formats.py FOLDER SCHEMAS SOFFICE PROMTOOL
"""

import collections
import csv
import json
import pathlib
import subprocess
import sys

import duckdb
import openpyxl
import pandas
import rdflib
from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as prometheus

DQV = rdflib.Namespace("http://www.w3.org/ns/dqv#")
DCAT = rdflib.Namespace("http://www.w3.org/ns/dcat#")


def counts(rows):
    """Failed rows by rule, of lines that have a rule."""
    return {row["rule"]: int(row["failed"]) for row in rows if row["rule"]}


def lines(folder):
    frames = {
        "duckdb ndjson": duckdb.sql(f"SELECT rule, failed FROM read_json('{folder}/r.ndjson')").df(),
        "duckdb csv": duckdb.sql(f"SELECT rule, failed FROM read_csv('{folder}/r.csv')").df(),
        "pandas ndjson": pandas.read_json(f"{folder}/r.ndjson", lines=True),
        "pandas csv": pandas.read_csv(f"{folder}/r.csv"),
        "pandas xlsx": pandas.read_excel(f"{folder}/r.xlsx", sheet_name="Rules").rename(
            columns={"Rule": "rule", "Failed": "failed"}
        ),
    }
    return {name: counts(frame[["rule", "failed"]].to_dict("records")) for name, frame in frames.items()}


def junit(folder, schemas):
    document = etree.parse(f"{folder}/r.xml")
    etree.XMLSchema(etree.parse(f"{schemas}/junit/junit-10.xsd")).assertValid(document)
    return collections.Counter(
        case[0].tag if len(case) and case[0].tag != "system-out" else "passed" for case in document.iter("testcase")
    )


def dqv(folder, schemas):
    graph = rdflib.Graph().parse(f"{folder}/r.jsonld", format="json-ld")
    vocabulary = rdflib.Graph().parse(f"{schemas}/w3c/dqv.ttl", format="turtle")
    known = {str(term) for term in vocabulary.subjects() if str(term).startswith(str(DQV))}
    used = {str(term) for triple in graph for term in triple if str(term).startswith(str(DQV))}
    assert used <= known, used - known
    metrics = set(graph.subjects(rdflib.RDF.type, DQV.Metric))
    datasets = set(graph.subjects(rdflib.RDF.type, DCAT.Dataset))
    dimensions = set(graph.subjects(rdflib.RDF.type, DQV.Dimension))
    measurements = set(graph.subjects(rdflib.RDF.type, DQV.QualityMeasurement))
    for measurement in measurements:
        assert graph.value(measurement, DQV.isMeasurementOf) in metrics
        assert graph.value(measurement, DQV.computedOn) in datasets
        assert 0 <= graph.value(measurement, DQV.value).toPython() <= 100
        assert (None, DQV.hasQualityMeasurement, measurement) in graph
    for metric in metrics:
        dimension = graph.value(metric, DQV.inDimension)
        assert dimension is None or dimension in dimensions
    return {"datasets": len(datasets), "metrics": len(metrics), "measurements": len(measurements)}


def metrics(folder, promtool):
    text = pathlib.Path(f"{folder}/r.prom").read_text("utf-8")
    found = {}
    for name, parse in [("prometheus", prometheus), ("openmetrics", openmetrics)]:
        families = {family.name: family for family in parse(text)}
        failed = families["passmuster_rule_failed"].samples
        found[name] = {sample.labels["rule"]: int(sample.value) for sample in failed}
    checked = subprocess.run([promtool, "check", "metrics"], input=text, text=True, capture_output=True)
    found["promtool"] = [checked.returncode, checked.stdout + checked.stderr]
    return found


def workbook(folder, soffice):
    book = openpyxl.load_workbook(f"{folder}/r.xlsx")
    profile = pathlib.Path(folder) / "profile"
    arguments = [f"-env:UserInstallation={profile.resolve().as_uri()}", "--headless", "--convert-to"]
    for kind in ["pdf", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,2"]:
        command = [soffice, *arguments, kind, "--outdir", f"{folder}/office", f"{folder}/r.xlsx"]
        subprocess.run(command, check=True, capture_output=True, timeout=300)
    rules = next(pathlib.Path(f"{folder}/office").glob("*.csv"))
    with rules.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        "sheets": book.sheetnames,
        "frozen": [sheet.freeze_panes for sheet in book if sheet.title != "Summary"],
        "filters": [sheet.auto_filter.ref is not None for sheet in book],
        "charts": len(book["Summary"]._charts),
        "office": {row["Rule"]: int(row["Failed"].replace(",", "")) for row in rows if row["Rule"]},
        "pdf": pathlib.Path(f"{folder}/office/r.pdf").read_bytes()[:4].decode(),
    }


def main():
    folder, schemas, soffice, promtool = sys.argv[1:]
    found = {
        "lines": lines(folder),
        "junit": junit(folder, schemas),
        "dqv": dqv(folder, schemas),
        "metrics": metrics(folder, promtool),
        "workbook": workbook(folder, soffice),
    }
    json.dump(found, sys.stdout)


main()
