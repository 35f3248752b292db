//! The CI system that runs the program.

use std::ffi::OsString;
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};

/// A CI system that shows results in a way of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum CiSystem {
    /// None that is known.
    #[default]
    None,
    /// GitHub Actions.
    GitHub {
        /// The file of the summary of the step.
        summary: Option<PathBuf>,
    },
    /// GitLab.
    GitLab,
    /// Azure Pipelines.
    Azure,
}

impl CiSystem {
    /// What the variables of the environment say.
    pub(super) fn of(variable: impl Fn(&str) -> Option<OsString>) -> Self {
        let is_true = |name: &str| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        if is_true("GITHUB_ACTIONS") {
            Self::GitHub { summary: variable("GITHUB_STEP_SUMMARY").map(PathBuf::from) }
        } else if is_true("GITLAB_CI") {
            Self::GitLab
        } else if is_true("TF_BUILD") {
            Self::Azure
        } else {
            Self::None
        }
    }

    /// A text for the log of the system, in which nothing is taken for a command of the system.
    pub(super) fn without_commands(&self, text: Vec<u8>) -> Vec<u8> {
        match self {
            Self::None | Self::GitLab => text,
            Self::GitHub { .. } => {
                // No text contains its own digest, so none can switch commands on again.
                let token = hex::encode(Sha256::digest(&text));
                [format!("::stop-commands::{token}\n").as_bytes(), &text, format!("::{token}::\n").as_bytes()].concat()
            }
            // Commands begin with two of these signs, anywhere in a line.
            Self::Azure => String::from_utf8_lossy(&text).replace("##", "# #").into_bytes(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_names_the_system() {
        let of = |set: &[(&str, &str)]| {
            CiSystem::of(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value)))
        };
        let summary = Some(PathBuf::from("s.md"));
        assert_eq!(of(&[("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", "s.md")]), CiSystem::GitHub { summary });
        assert_eq!(of(&[("GITLAB_CI", "true")]), CiSystem::GitLab);
        assert_eq!(of(&[("TF_BUILD", "True")]), CiSystem::Azure);
        assert_eq!(of(&[("GITHUB_ACTIONS", "false"), ("CI", "true")]), CiSystem::None);
    }
}
