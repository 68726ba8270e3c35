use std::future::Future;
use std::pin::Pin;

use crate::{Context, Need, Outcome};

/// One promise of the contract, as a test.
#[derive(Debug, Clone, Copy)]
pub struct Case {
    /// Group and promise: `put::create_new_has_one_winner`.
    pub name: &'static str,
    /// The capability that the promise belongs to.
    pub needs: Need,
    /// Fails when the promise is broken.
    pub run: fn(Context) -> CaseFuture,
}

/// A case at work.
pub type CaseFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The cases of a module, by the names of their functions.
macro_rules! cases {
    ($group:literal: $($needs:ident $case:ident),+ $(,)?) => {
        pub(super) const CASES: &[$crate::Case] = &[$(
            $crate::Case {
                name: concat!($group, "::", stringify!($case)),
                needs: $crate::Need::$needs,
                run: |context| Box::pin($case(context)),
            }
        ),+];
    };
}

pub(crate) use cases;
