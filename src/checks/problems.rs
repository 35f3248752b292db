//! What is wrong with the parameters of a rule.

/// What is wrong with one parameter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// The name of the parameter.
    pub param: &'static str,
    /// What is wrong with it.
    pub message: String,
}

impl Problem {
    pub(super) fn new(param: &'static str, message: impl Into<String>) -> Self {
        Self { param, message: message.into() }
    }
}

/// Everything that is wrong with the parameters of a rule, so that all of it is reported at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; "))]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// A single problem.
    pub(super) fn of(param: &'static str, message: impl Into<String>) -> Self {
        Problem::new(param, message).into()
    }

    /// Adds what is wrong with a parameter.
    pub(super) fn add(&mut self, param: &'static str, message: impl Into<String>) {
        self.0.push(Problem::new(param, message));
    }

    /// The value, or `None` where it has problems, which are added to these.
    pub(super) fn take<T>(&mut self, result: Result<T, impl Into<Self>>) -> Option<T> {
        match result {
            Ok(found) => Some(found),
            Err(problems) => {
                self.0.extend(problems.into().0);
                None
            }
        }
    }

    /// The same problems with other names of parameters.
    pub(super) fn rename(self, name: impl Fn(&'static str) -> &'static str) -> Self {
        Self(self.0.into_iter().map(|Problem { param, message }| Problem { param: name(param), message }).collect())
    }

    /// The value, unless there is a problem.
    pub(super) fn or<T>(self, found: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(found) } else { Err(self) }
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
