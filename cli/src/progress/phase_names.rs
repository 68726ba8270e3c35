use engine::progress::Phase;

/// What is being done, in words.
pub(super) fn named(phase: Phase) -> &'static str {
    match phase {
        Phase::Restoring => "restoring",
        Phase::Verifying => "verifying",
        Phase::Flushing => "flushing to disk",
        Phase::Checking => "checking",
        Phase::Compacting => "compacting",
        Phase::Storing => "storing",
        Phase::Comparing => "comparing with the old member",
        Phase::Waiting => "waiting for a final full",
        Phase::Copying => "copying",
        Phase::Reading => "reading",
        _ => "working",
    }
}
