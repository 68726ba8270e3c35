use std::collections::BTreeMap;
use std::fmt;

/// The variables that a provider may look into for its credentials, as they were when the process
/// began. Read once, by the command line: a provider never asks the process itself.
///
/// A copy has two stores of the same provider open at once, which find their credentials under
/// different names: `SOURCE_AWS_APPLICATION_CREDENTIALS` beside `AWS_APPLICATION_CREDENTIALS`.
/// [`Environment::of_source`] and [`Environment::of_secondary`] are the views of such a store.
#[derive(Clone, Default)]
pub struct Environment {
    prefix: &'static str,
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// These variables, names as they are.
    pub fn new(variables: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            prefix: "",
            variables: variables.into_iter().collect(),
        }
    }

    /// The same variables for the store that a copy reads from: `SOURCE_` before every name.
    #[must_use]
    pub fn of_source(self) -> Self {
        Self {
            prefix: "SOURCE_",
            ..self
        }
    }

    /// The same variables for the second store: `SECONDARY_` before every name.
    #[must_use]
    pub fn of_secondary(self) -> Self {
        Self {
            prefix: "SECONDARY_",
            ..self
        }
    }

    /// The value of `name` under this store's prefix, without white space at its ends; `None` if
    /// it is not set or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.of_process(&self.name(name))
    }

    /// The name of the variable that [`Environment::get`] looks at: what to tell an operator.
    pub fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// How the option `name` of a store (`store-container`) is called for this one: with the role before it, as variables have
    /// it.
    pub fn option(&self, name: &str) -> String {
        let role = self.prefix.to_ascii_lowercase().replace('_', "-");
        format!("{role}{name}")
    }

    /// The value of a variable that has no prefix in any store, as `HOME` or `AWS_REGION`.
    pub fn of_process(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }
}

/// Names alone: values may be secrets.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("prefix", &self.prefix)
            .field("names", &self.variables.keys())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables() -> Environment {
        let set = [("KEY", " plain\n"), ("SOURCE_KEY", "other"), ("EMPTY", " ")];
        Environment::new(set.map(|(name, value)| (name.to_owned(), value.to_owned())))
    }

    #[test]
    fn a_store_sees_the_variables_of_its_role() {
        assert_eq!(variables().get("KEY"), Some("plain"));
        assert_eq!(variables().of_source().get("KEY"), Some("other"));
        assert_eq!(variables().of_secondary().get("KEY"), None);
        assert_eq!(variables().of_source().of_process("KEY"), Some("plain"));
        assert_eq!(variables().get("EMPTY"), None);
        let option = |environment: Environment| environment.option("store-prefix");
        assert_eq!(option(variables()), "store-prefix");
        assert_eq!(option(variables().of_source()), "source-store-prefix");
    }

    #[test]
    fn debug_shows_no_value() {
        let shown = format!("{:?}", variables());
        assert!(
            shown.contains("SOURCE_KEY") && !shown.contains("other"),
            "{shown}"
        );
    }
}
