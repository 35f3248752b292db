#!/usr/bin/env bash
# Audits, and hands on how it ended. It does not fail itself where the gate fails: the reports are uploaded first.
#
# Reads SUITE, DATA, FAIL_ON, MIN_SCORE, BASELINE, ARGS, REPORT and UPLOAD_SARIF, and from the runner GITHUB_OUTPUT and
# RUNNER_TEMP.
set -euo pipefail

# Ends with one message, which the runner shows at the top of the run.
fail() {
  local message=${1//'%'/'%25'}
  message=${message//$'\r'/'%0D'}
  message=${message//$'\n'/'%0A'}
  echo "::error title=passmuster::$message"
  exit 2
}

# The lines of an input that are not empty, into the array `lines`.
read_lines() {
  lines=()
  local line
  while IFS= read -r line || [[ -n $line ]]; do
    line=${line%$'\r'}
    [[ -z ${line//[[:space:]]/} ]] || lines+=("$line")
  done <<<"$1"
}

[[ -n $REPORT ]] || fail 'the input report names no file'
# A second line would be read as a command by the runner, wherever the value is shown.
for input in FAIL_ON MIN_SCORE BASELINE REPORT; do
  [[ ${!input} != *[$'\n\r']* ]] || fail "an input has more lines than one: ${!input}"
done
[[ $UPLOAD_SARIF == true || $UPLOAD_SARIF == false ]] || fail "the input upload-sarif is \"$UPLOAD_SARIF\": write true or false"

# Values follow an equals sign, and suites `--`, so that none of them is taken for an option.
arguments=(audit --format=auto "--output=$REPORT" "--format=json=$RUNNER_TEMP/passmuster.json")
sarif=
if [[ $UPLOAD_SARIF == true ]]; then
  sarif=$RUNNER_TEMP/passmuster.sarif
  arguments+=("--format=sarif=$sarif")
fi
[[ -z $FAIL_ON ]] || arguments+=("--fail-on=$FAIL_ON")
[[ -z $MIN_SCORE ]] || arguments+=("--min-score=$MIN_SCORE")
[[ -z $BASELINE ]] || arguments+=("--baseline=$BASELINE")
read_lines "$DATA"
for line in "${lines[@]+"${lines[@]}"}"; do
  arguments+=("--data=$line")
done
read_lines "$ARGS"
arguments+=("${lines[@]+"${lines[@]}"}")
read_lines "$SUITE"
[[ ${#lines[@]} -gt 0 ]] || fail 'the input suite names no suite'
arguments+=(-- "${lines[@]}")

# What an earlier step left would be taken for the report of this audit.
rm -f "$RUNNER_TEMP/passmuster.json" "$RUNNER_TEMP/passmuster.sarif"
code=0
passmuster "${arguments[@]}" || code=$?

verdict=could_not_audit
if [[ -f $RUNNER_TEMP/passmuster.json ]]; then
  verdict=$(sed -n 's/^  "verdict": "\([a-z_]*\)",\{0,1\}$/\1/p' "$RUNNER_TEMP/passmuster.json")
else
  # Nothing was audited, so that there is no report either.
  REPORT= sarif=
fi
[[ $REPORT != [!/]* ]] || REPORT=$PWD/$REPORT
{
  printf 'verdict=%s\n' "$verdict"
  printf 'exit-code=%s\n' "$code"
  printf 'report=%s\n' "$REPORT"
  printf 'sarif=%s\n' "$sarif"
} >>"$GITHUB_OUTPUT"
