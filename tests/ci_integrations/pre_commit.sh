#!/usr/bin/env bash
# pre-commit runs the hook of this repository on the suites of another one: pre_commit.sh RELEASE-FOLDER
#
# pre-commit takes what is committed, as it does for users.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
tar -xzf "$1"/*.tar.gz -C "$work/bin" --strip-components=1
PATH=$work/bin:$PATH
export PRE_COMMIT_HOME=$work/cache HOME=$work
fail() { echo "$*" >&2; exit 1; }

mkdir -p "$work/project/rules"
cd "$work/project"
git init --quiet
git config user.name test
git config user.email test@example.org
cat >.pre-commit-config.yaml <<CONFIG
repos:
  - repo: $root
    rev: $(git -C "$root" rev-parse HEAD)
    hooks:
      - id: passmuster-lint
        files: ^rules/
CONFIG
printf 'services: { not: a suite }\n' >compose.yaml
printf 'suite: people\ndatasets: { people: { source: people.csv, columns: { name: { required: true } } } }\n' >rules/people.yaml
git add --all
pre-commit run --all-files >"$work/log" 2>&1 || fail "a suite without mistakes: $(cat "$work/log")"
grep -q 'passmuster lint\.*Passed' "$work/log" || fail "$(cat "$work/log")"

# A commit with a mistake is refused, and the message says where it is.
printf 'suite: people\ndatasets: { people: { source: people.csv, columns: { name: { requird: true } } } }\n' >rules/people.yaml
git add --all
pre-commit install >/dev/null
if git commit --quiet --message 'A mistake' >"$work/log" 2>&1; then fail 'a commit with a mistake went through'; fi
grep -q 'rules/people.yaml:2:' "$work/log" && grep -q 'required' "$work/log" || fail "$(cat "$work/log")"
echo 'pre-commit ran the hook'
