#!/usr/bin/env bash
# Ends as the audit ended. Reads VERDICT and EXIT_CODE.
set -euo pipefail

case "$EXIT_CODE" in
  0) echo "passmuster: $VERDICT" ;;
  1) echo '::error title=passmuster::the gate failed: the summary and the report of this run say which rules' ;;
  *) echo '::error title=passmuster::something could not be audited: the log of the step Audit says what' ;;
esac
exit "$EXIT_CODE"
