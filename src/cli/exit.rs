//! How the program ends.

use std::process::ExitCode;

/// The exit codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Exit {
    /// All went well; the gate of an audit is passed.
    Passed = 0,
    /// The gate is not passed, or `lint` has warnings.
    Failed = 1,
    /// Something could not be audited, read or written. Wins over 1.
    CouldNotAudit = 2,
    /// Stopped by SIGINT (Ctrl-C).
    Interrupted = 130,
    /// Stopped by SIGTERM.
    Terminated = 143,
}

/// The table of exit codes for `--help`.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    the gate passed; or a sample (--sample) did not fail it, which is no pass
  1    the gate failed
  2    something could not be audited, read or written (overrides 1)
  130  interrupted (Ctrl-C)
  143  terminated";

/// The table of exit codes for `lint --help`.
pub(super) const LINT_EXIT_CODES: &str = "\
Exit codes:
  0  no findings
  1  there are warnings
  2  the suite has errors and cannot be used";

/// The table of exit codes for `report --help`.
pub(super) const REPORT_EXIT_CODES: &str = "\
Exit codes:
  0  the result was shown, whatever its verdict is
  2  it could not be read or written";

/// The table of exit codes for `diff --help`.
pub(super) const DIFF_EXIT_CODES: &str = "\
Exit codes:
  0  the results were compared, whatever has changed
  2  they could not be read or compared, or the comparison not written";

/// The table of exit codes for `changelog --help`.
pub(super) const CHANGELOG_EXIT_CODES: &str = "\
Exit codes:
  0  the suites were compared; no change can break whom --fail-on names
  1  a change can break whom --fail-on names
  2  a suite has errors, or the changes could not be written";

/// The table of exit codes for `judge --help`.
pub(super) const JUDGE_EXIT_CODES: &str = "\
Exit codes:
  0  the gate passed
  1  the gate failed
  2  a rule needs the data, or something could not be judged, read or written (overrides 1)";

impl Exit {
    /// The code of a finished audit, as its report has it.
    pub(super) const fn from_report(code: u8) -> Self {
        match code {
            0 => Self::Passed,
            1 => Self::Failed,
            _ => Self::CouldNotAudit,
        }
    }

    /// The number that the shell gets.
    pub(super) const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        exit.code().into()
    }
}
