/// Receives the content of the database while it is checked.
///
/// Called in tree order: each bucket in the order of its name, then its items in the order of
/// their keys. The order is a promise only when the report is clean.
pub trait Visitor {
    /// A bucket begins. Empty ones are announced too.
    fn bucket(&mut self, name: &[u8]);

    /// One item of a bucket. A nested bucket is shown as bbolt's `ForEach` shows it, as its name
    /// with an empty value; what it holds is checked but not shown.
    fn item(&mut self, bucket: &[u8], key: &[u8], value: &[u8]);
}

/// A visitor that looks at nothing.
pub(super) struct NoVisitor;

impl Visitor for NoVisitor {
    fn bucket(&mut self, _name: &[u8]) {}
    fn item(&mut self, _bucket: &[u8], _key: &[u8], _value: &[u8]) {}
}
