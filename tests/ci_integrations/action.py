"""Runs the steps of action.yml as the runner of GitHub Actions would: action.py RELEASE-FOLDER

RELEASE-FOLDER is what packaging/release.sh has made. Steps with `uses` are not run; what they would be given is checked.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
STEPS = ACTION["runs"]["steps"]
VERSION = re.search(r'^version = "(.*)"$', (ROOT / "Cargo.toml").read_text(), re.MULTILINE)[1]
EXPRESSION = re.compile(r"\$\{\{ *(.*?) *\}\}")

SUITE = "suite: people\ndatasets: { people: { source: people.csv, columns: { id: { unique: true }, name: { required: true } } } }\n"
CLEAN = "id,name\n1,An\n2,Binh\n"
FAULTY = "id,name\n1,An\n2,\n2,Chi\n"


def release(folder: Path, archive: Path) -> str:
    """A folder of releases with the archive of the version; returns the checksum."""
    target = folder / f"v{VERSION}"
    target.mkdir(parents=True)
    shutil.copy(archive, target)
    digest = subprocess.run(["sha256sum", archive], check=True, capture_output=True, text=True).stdout.split()[0]
    (target / "SHA256SUMS").write_text(f"{'0' * 64}  other.tar.gz\n{digest}  {archive.name}\n")
    return digest


class Run:
    """A run of the action with some inputs."""

    def __init__(self, inputs: dict, data: str = FAULTY):
        self.root = Path(tempfile.mkdtemp(prefix="action-"))
        self.workspace = self.root / "workspace"
        self.temp = self.root / "temp"
        self.workspace.mkdir()
        self.temp.mkdir()
        (self.workspace / "suite.yaml").write_text(SUITE)
        (self.workspace / "people.csv").write_text(data)
        self.files = {name: self.root / name for name in ["output", "path", "summary", "env"]}
        for file in self.files.values():
            file.touch()
        unknown = inputs.keys() - ACTION["inputs"].keys()
        assert not unknown, unknown
        defaults = {name: str(given.get("default", "")) for name, given in ACTION["inputs"].items()}
        self.inputs = {**defaults, "suite": "suite.yaml", "version": VERSION, **inputs}
        for name, given in ACTION["inputs"].items():
            assert not given.get("required") or self.inputs[name], name
        self.outputs = {}
        self.used = {}
        self.log = ""
        self.exit = 0
        for step in STEPS:
            self.step(step)
        self.results = {name: self.filled(output["value"]) for name, output in ACTION["outputs"].items()}

    def value(self, expression: str) -> str:
        parts = expression.split(".")
        match parts:
            case ["inputs", name]:
                return self.inputs[name]
            case ["github", "action_repository"]:
                return "example/passmuster"
            case ["steps", step, "outputs", name]:
                return self.outputs.get(step, {}).get(name, "")
        raise AssertionError(f"unknown expression: {expression}")

    def filled(self, text: str) -> str:
        return EXPRESSION.sub(lambda found: self.value(found[1]), str(text))

    def holds(self, condition: str) -> bool:
        """Whether a step runs. Without `cancelled()` it does only if all steps before it succeeded."""
        inner = EXPRESSION.fullmatch(condition)[1] if condition else ""
        clauses = inner.split(" && ") if inner else []
        if "!cancelled()" not in clauses and self.exit != 0:
            return False
        for clause in clauses:
            if clause == "!cancelled()":
                continue
            name, operator, text = re.fullmatch(r"(\S+) (==|!=) '(.*)'", clause).groups()
            if (self.value(name) == text) != (operator == "=="):
                return False
        return True

    def step(self, step: dict):
        if not self.holds(step.get("if", "")):
            return
        if "uses" in step:
            assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), f"not pinned: {step['uses']}"
            given = {name: self.filled(value) for name, value in step["with"].items()}
            self.used[step["name"]] = given
            return
        assert not EXPRESSION.search(step["run"]), f"an expression inside of a script: {step['run']}"
        path = [line for line in self.files["path"].read_text().splitlines() if line]
        environment = {
            "PATH": os.pathsep.join([*reversed(path), "/usr/bin", "/bin"]),
            "HOME": str(self.root),
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_WORKSPACE": str(self.workspace),
            "GITHUB_OUTPUT": str(self.files["output"]),
            "GITHUB_PATH": str(self.files["path"]),
            "GITHUB_ENV": str(self.files["env"]),
            "GITHUB_STEP_SUMMARY": str(self.files["summary"]),
            "RUNNER_TEMP": str(self.temp),
            "RUNNER_OS": "Linux",
            "RUNNER_ARCH": {"x86_64": "X64", "aarch64": "ARM64"}[os.uname().machine],
            **{name: self.filled(value) for name, value in step.get("env", {}).items()},
        }
        script = self.root / "step.sh"
        script.write_text(step["run"])
        self.files["output"].write_text("")
        # As the runner calls it for `shell: bash`.
        assert step["shell"] == "bash"
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", script],
            cwd=self.workspace / self.filled(step.get("working-directory", ".")),
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        self.log += done.stdout + done.stderr
        if done.returncode != 0 and self.exit == 0:
            self.exit = done.returncode
        if "id" in step:
            lines = self.files["output"].read_text().splitlines()
            assert all("=" in line for line in lines), lines
            self.outputs[step["id"]] = dict(line.split("=", 1) for line in lines)

    def expect(self, exit: int, verdict: str, *, says: str = ""):
        """Checks how the run ended."""
        found = (self.exit, self.results["verdict"])
        assert found == (exit, verdict), f"{found} instead of {(exit, verdict)}\n{self.log}"
        assert says in self.log, f"{says!r} is not in\n{self.log}"
        shutil.rmtree(self.root)


def main(made: str):
    [archive] = Path(made).glob("*.tar.gz")
    folder = Path(tempfile.mkdtemp(prefix="releases-"))
    digest = release(folder, archive)
    url = folder.as_uri()
    from_here = {"download-url": url, "sha256": digest}

    print("the page lists all inputs and outputs")
    page = (ROOT / "docs/ci.md").read_text()
    for table in ["inputs", "outputs"]:
        rows = re.search(rf"\n\| {table[:-1]} \| \|\n\|---\|---\|\n((?:\|.*\n)+)", page)[1].splitlines()
        listed = [name for row in rows for name in re.findall(r"`([^`]+)`", row.split(" | ")[0])]
        assert sorted(listed) == sorted(ACTION[table]), f"docs/ci.md lists {listed}"

    print("a gate that fails, after the reports are there")
    run = Run({**from_here, "upload-sarif": "true"})
    report = run.workspace / "passmuster-report.html"
    assert run.results["report"] == str(report) and report.stat().st_size > 0, run.log
    assert run.used["Keep the report"] == {"name": "passmuster-report", "path": str(report)}
    sarif = Path(run.used["Show failed rules under code scanning"]["sarif_file"])
    assert '"2.1.0"' in sarif.read_text()
    assert run.files["summary"].stat().st_size > 0, "no summary of the step"
    assert "::error " in run.log
    run.expect(1, "failed", says="people.id.unique")

    print("a gate that passes, with all inputs")
    inputs = {
        "download-url": url + "/",
        "data": "people=people.csv\r\n\n",
        "fail-on": "critical",
        "min-score": "10",
        "args": "--failing-rows=0\n--select\ndataset:people\n",
        "report": "report.md",
        "artifact": "",
    }
    run = Run(inputs, CLEAN)
    assert (run.workspace / "report.md").is_file()
    assert run.used == {}, run.used
    run.expect(0, "passed", says="passmuster: passed")

    # From here on the archive has a script that calls the program: it is unpacked many times.
    subprocess.run(["tar", "-xzf", archive, "-C", folder, "--strip-components=1"], check=True)
    program = folder / "passmuster"
    small = folder / "small" / archive.name.removesuffix(".tar.gz")
    small.mkdir(parents=True)
    (small / "passmuster").write_text(f'#!/bin/sh\nexec {program} "$@"\n')
    (small / "passmuster").chmod(0o755)
    archive = folder / archive.name
    subprocess.run(["tar", "-czf", archive, "-C", small.parent, small.name], check=True)
    shutil.rmtree(folder / f"v{VERSION}")
    from_here["sha256"] = release(folder, archive)

    print("what cannot be audited")
    run = Run({**from_here, "suite": "gone.yaml", "upload-sarif": "true"})
    assert run.used == {} and run.results["report"] == "", run.used
    run.expect(2, "could_not_audit", says="gone.yaml")
    run = Run({**from_here, "data": "people=gone.csv"})
    assert Path(run.results["report"]).is_file()
    run.expect(2, "could_not_audit", says="gone.csv")

    print("a wrong checksum, a wrong version, no release")
    for inputs, says in [
        ({"download-url": url, "sha256": "1" * 64}, "it was not installed"),
        ({"download-url": url, "sha256": "1234"}, "write the 64 hexadecimal digits"),
        ({**from_here, "version": "9.9.9"}, "is 9.9.9 a version that was released?"),
        ({**from_here, "version": "latest"}, "write a version such as 0.1.0"),
        ({"download-url": "http://example.org"}, "write a URL with https:// or file://"),
    ]:
        run = Run(inputs)
        assert run.outputs.get("audit") is None, "audited all the same"
        assert run.files["path"].read_text() == "", "installed all the same"
        run.expect(2, "", says=says)
    (folder / f"v{VERSION}" / "SHA256SUMS").write_text(f"{'1' * 64}  {archive.name}\n")
    Run({"download-url": url}).expect(2, "", says="it was not installed")

    print("hostile inputs are inert")
    hostile = ['"; touch x; "', "$(touch x)", "`touch x`", "'; touch x #", "a\n::error::forged", "x || touch x", "--output=x"]
    for name in ACTION["inputs"]:
        if name in ("download-url", "upload-sarif", "working-directory", "artifact"):
            continue
        for text in hostile:
            run = Run({**from_here, name: text})
            there = {path.name for path in run.workspace.rglob("*")} - {"suite.yaml", "people.csv", "passmuster-report.html"}
            # The report may have any name, and arguments are those of the program.
            may = {text} if name == "report" else {"x"} if (name, text) == ("args", "--output=x") else set()
            assert there <= may, f"{name}: {text!r} made {there}\n{run.log}"
            assert not re.search(r"^::error::forged", run.log, re.MULTILINE), f"{name}: {run.log}"
            assert set(run.outputs.get("audit", {})) <= {"verdict", "exit-code", "report", "sarif"}
            shutil.rmtree(run.root)
    for name in ("download-url", "upload-sarif"):
        for text in hostile:
            run = Run({**from_here, name: text})
            assert {path.name for path in run.workspace.iterdir()} == {"suite.yaml", "people.csv"}
            run.expect(2, "")
    shutil.rmtree(folder)


main(sys.argv[1])
