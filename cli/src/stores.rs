//! The providers in this build: a plain list, nothing registers itself.

use snapstore::Provider;

/// The table of all providers, one line for each crate: the feature that builds it in, and its names
/// as `--storage-provider` takes them.
macro_rules! providers {
    ($($feature:literal => $krate:ident { $($name:literal: $provider:ident),+ })+) => {
        /// What is built in.
        const PROVIDERS: &[Provider] = &[
            $($(#[cfg(feature = $feature)] $krate::$provider,)+)+
        ];

        /// What there is, and the feature that builds it in.
        const FEATURES: &[(&str, &str)] = &[$($(($name, $feature),)+)+];
    };
}

providers! {
    "local" => snapstore_local { "Local": PROVIDER }
    "s3" => snapstore_s3 { "S3": PROVIDER, "ECS": ECS, "OCS": OCS }
    "gcs" => snapstore_gcs { "GCS": PROVIDER }
    "abs" => snapstore_abs { "ABS": PROVIDER }
    "swift" => snapstore_swift { "Swift": PROVIDER }
    "oss" => snapstore_oss { "OSS": PROVIDER }
}

/// The names of the providers in this build.
pub(crate) fn built_in() -> impl Iterator<Item = &'static str> {
    PROVIDERS.iter().map(|provider| provider.name)
}

/// That of this name, if it is built in.
pub(crate) fn find(name: &str) -> Option<&'static Provider> {
    PROVIDERS.iter().find(|provider| provider.name == name)
}

/// What would bring the provider `name`, which is not built in.
pub(crate) fn unknown(name: &str) -> String {
    let built: Vec<_> = PROVIDERS.iter().map(|provider| provider.name).collect();
    let built = match built.as_slice() {
        [] => "none at all".to_owned(),
        names => names.join(", "),
    };
    let known = |(known, _): &&(&str, &str)| known.eq_ignore_ascii_case(name);
    match FEATURES.iter().find(known) {
        Some((known, _)) if *known != name => {
            format!("unknown storage provider {name:?}: did you mean {known:?}?")
        }
        Some((_, feature)) => format!(
            "the storage provider {name} is not in this build, which has {built}; build it in \
             with --features {feature}, or put a plugin for it into --plugin-dir"
        ),
        None => format!(
            "no storage provider {name:?}; this build has {built}, and a store of your own is \
             loaded with --plugin or from --plugin-dir (docs/plugins.md)"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names stood in two lists, and one that was added to one of them alone was "no storage
    /// provider" in a build without it.
    #[test]
    fn every_provider_bears_the_name_of_its_line() {
        assert!(!FEATURES.is_empty());
        let line = |provider: &Provider| FEATURES.iter().any(|(name, _)| *name == provider.name);
        for provider in PROVIDERS {
            assert!(line(provider), "{}", provider.name);
        }
    }
}
