/// What a connection is given a time for.
enum TimeoutKind: Int, CaseIterable {
    /// A line that has begun must end.
    case read
    /// What was written must be taken.
    case write
    /// Something must happen at all.
    case idle
}
