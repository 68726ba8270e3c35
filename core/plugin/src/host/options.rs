use snapstore::layers::Deadlines;

/// How a plugin is used.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Calls that may be inside the plugin at once. Each holds a thread.
    pub parallel: usize,
    /// How long calls may take, as with any other store: the plugin is told how long it will be
    /// waited for. One that takes longer fails, and its thread stays lost until the plugin returns.
    pub deadlines: Deadlines,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            parallel: 16,
            deadlines: Deadlines::default(),
        }
    }
}
