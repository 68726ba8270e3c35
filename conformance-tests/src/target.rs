use std::fmt;
use std::future::Future;
use std::sync::Arc;

use crate::{Case, all, large, of_retention};
use snapstore::{Error, ErrorKind, OpenFuture, Result, Snapstore};

/// A store to put on trial.
#[derive(Clone)]
pub struct Target {
    name: String,
    place: Place,
    gaps: Vec<Gap>,
    retains: bool,
}

/// What the server behind a target is known not to do, though the real one does.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// The case that cannot pass.
    pub case: &'static str,
    /// Why, and where it is shown instead.
    pub why: &'static str,
}

#[derive(Clone)]
enum Place {
    Store(Arc<dyn Fn() -> OpenFuture + Send + Sync>),
    /// Nobody has said where it is; this variable would.
    Unknown(&'static str),
}

impl Target {
    /// The store that `open` opens; called once a case.
    pub fn new<O, F>(name: impl Into<String>, open: O) -> Self
    where
        O: Fn() -> F + Send + Sync + 'static,
        F: Future<Output = Result<Arc<dyn Snapstore>>> + Send + 'static,
    {
        Self {
            name: name.into(),
            place: Place::Store(Arc::new(move || Box::pin(open()))),
            gaps: Vec::new(),
            retains: false,
        }
    }

    /// The same target as one whose bucket protects every new object: held to the cases of
    /// retention alone, since the others would stumble over just that.
    #[must_use]
    pub fn retaining(mut self) -> Self {
        self.retains = true;
        self
    }

    /// What it is held to.
    pub(crate) fn cases(&self) -> Vec<&'static Case> {
        match self.retains {
            true => of_retention().collect(),
            false => all().collect(),
        }
    }

    /// The cases that write a lot; not where it could not be removed.
    pub(crate) fn large(&self) -> impl Iterator<Item = &'static Case> {
        large().filter(|_| !self.retains)
    }

    /// The same target, on a server with these gaps: their cases are listed as ignored.
    #[must_use]
    pub fn with_gaps(mut self, gaps: &[Gap]) -> Self {
        self.gaps = gaps.to_vec();
        self
    }

    /// Why the target cannot pass `case`, if it cannot.
    pub(crate) fn gap(&self, case: &str) -> Option<&'static str> {
        let gap = self.gaps.iter().find(|gap| gap.case == case)?;
        Some(gap.why)
    }

    /// A store that is not there, since `variable` is not set: its cases are listed as ignored,
    /// and fail where it is required.
    pub fn unknown(name: impl Into<String>, variable: &'static str) -> Self {
        Self {
            name: name.into(),
            place: Place::Unknown(variable),
            gaps: Vec::new(),
            retains: false,
        }
    }

    /// What its tests' names begin with.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What others call it: `s3` for `s3(minio)`.
    pub(crate) fn family(&self) -> &str {
        self.name.split('(').next().unwrap_or(&self.name)
    }

    /// The variable that would say where it is.
    pub(crate) fn wants(&self) -> Option<&'static str> {
        match self.place {
            Place::Store(_) => None,
            Place::Unknown(variable) => Some(variable),
        }
    }

    pub(crate) fn open(&self) -> OpenFuture {
        match &self.place {
            Place::Store(open) => open(),
            Place::Unknown(variable) => {
                let message = format!("{variable} is not set");
                let error = Error::new(ErrorKind::Config, "open", message);
                Box::pin(std::future::ready(Err(error)))
            }
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Target").field(&self.name).finish()
    }
}
