"""Runs the hidden job of the template for GitLab as its runner would: gitlab.py RELEASE-FOLDER

RELEASE-FOLDER is what packaging/release.sh has made.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
JOB = yaml.safe_load((ROOT / "packaging/gitlab/passmuster.gitlab-ci.yml").read_text())[".passmuster"]
SUITE = "suite: people\ndatasets: { people: { source: people.csv, columns: { id: { unique: true }, name: { required: true } } } }\n"
CLEAN = "id,name\n1,An\n2,Binh\n"
FAULTY = "id,name\n1,An\n2,\n2,Chi\n"


def run(variables: dict, data: str, path: str = "/usr/bin:/bin") -> tuple[int, str, Path]:
    """The exit code, the log and the folder of a job with these variables."""
    unknown = variables.keys() - JOB["variables"].keys()
    assert not unknown, unknown
    folder = Path(tempfile.mkdtemp(prefix="gitlab-"))
    (folder / "suite.yaml").write_text(SUITE)
    (folder / "people.csv").write_text(data)
    environment = {"PATH": path, "HOME": str(folder), "CI": "true", "GITLAB_CI": "true"}
    environment.update({**JOB["variables"], "PASSMUSTER_SUITE": "suite.yaml", **variables})
    # The runner puts the lines of both into one script.
    lines = ["set -eo pipefail", *JOB["before_script"], *JOB["script"]]
    done = subprocess.run(
        ["bash", "--noprofile", "--norc"],
        input="\n".join(lines),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr, folder


def main(made: str):
    [archive] = Path(made).glob("*.tar.gz")
    version = JOB["variables"]["PASSMUSTER_VERSION"]
    assert f"passmuster-{version}-" in archive.name, f"the template names version {version}: {archive.name}"
    releases = Path(tempfile.mkdtemp(prefix="releases-"))
    (releases / f"v{version}").mkdir()
    shutil.copy(archive, releases / f"v{version}")
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    from_here = {"PASSMUSTER_DOWNLOAD_URL": releases.as_uri(), "PASSMUSTER_SHA256": digest}

    print("a gate that fails, after the reports are there")
    code, log, folder = run(from_here, FAULTY)
    assert code == 1, log
    quality = json.loads((folder / JOB["artifacts"]["reports"]["codequality"]).read_text())
    assert any("people.id.unique" in entry["description"] + entry["check_name"] for entry in quality), quality
    junit = ElementTree.parse(folder / JOB["artifacts"]["reports"]["junit"])
    failed = {case.get("name") for case in junit.iter("testcase") if case.find("failure") is not None}
    assert failed == {"gate", "people.id.unique", "people.name.required"}, failed
    [report] = JOB["artifacts"]["paths"]
    assert report == "$PASSMUSTER_REPORT" and JOB["artifacts"]["when"] == "always"
    assert (folder / JOB["variables"]["PASSMUSTER_REPORT"]).stat().st_size > 0
    shutil.rmtree(folder)

    print("a gate that passes, and further arguments")
    code, log, folder = run({**from_here, "PASSMUSTER_ARGS": "--failing-rows=0 --data=people=people.csv"}, CLEAN)
    assert code == 0, log
    shutil.rmtree(folder)

    print("a wrong checksum, and none")
    for digest in ["1" * 64, ""]:
        code, log, folder = run({**from_here, "PASSMUSTER_SHA256": digest}, CLEAN)
        assert code == 2 and "it was not installed" in log, log
        assert not (folder / "passmuster-junit.xml").exists()
        shutil.rmtree(folder)

    print("a program that is there already")
    program = releases / "bin"
    program.mkdir()
    subprocess.run(["tar", "-xzf", archive, "-C", program, "--strip-components=1"], check=True)
    code, log, folder = run({}, CLEAN, path=os.pathsep.join([str(program), "/usr/bin", "/bin"]))
    assert code == 0, log
    shutil.rmtree(folder)

    print("hostile variables are inert")
    for name in ["PASSMUSTER_SUITE", "PASSMUSTER_ARGS", "PASSMUSTER_REPORT", "PASSMUSTER_SHA256", "PASSMUSTER_VERSION"]:
        for text in ['"; touch x; "', "$(touch x)", "`touch x`", "'; touch x #", "x || touch x"]:
            code, log, folder = run({**from_here, name: text}, CLEAN)
            assert not (folder / "x").exists(), f"{name}: {text!r}\n{log}"
            shutil.rmtree(folder)
    shutil.rmtree(releases)


main(sys.argv[1])
