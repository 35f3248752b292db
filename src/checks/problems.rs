//! What is wrong with the parameters of a rule.

/// What is wrong with a parameter: its name, what is wrong.
pub type Problem = (&'static str, String);

/// Everything that is wrong with the parameters of a rule, so that it can be told at once.
#[derive(Debug, Default)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// Adds what is wrong with a parameter.
    pub(super) fn add(&mut self, param: &'static str, message: impl Into<String>) {
        self.0.push((param, message.into()));
    }

    /// What came out, or nothing and its problems among these.
    pub(super) fn take<T>(&mut self, result: Result<T, impl Into<Self>>) -> Option<T> {
        match result {
            Ok(found) => Some(found),
            Err(problems) => {
                self.0.extend(problems.into().0);
                None
            }
        }
    }

    /// The same of parameters of other names.
    pub(super) fn of(self, name: impl Fn(&'static str) -> &'static str) -> Self {
        Self(self.0.into_iter().map(|(param, problem)| (name(param), problem)).collect())
    }

    /// What came out, unless there is a problem.
    pub(super) fn or<T>(self, found: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(found) } else { Err(self) }
    }
}

impl std::fmt::Display for Problems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let told: Vec<&str> = self.0.iter().map(|(_, problem)| problem.as_str()).collect();
        f.write_str(&told.join("; "))
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
