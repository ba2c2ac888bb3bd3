/// What all calls of one connection have in their outboxes together, and whose outbox has got room again.
final class OutputTally {
    @exclusivity(unchecked) var unsent = 0
    /// Those that wanted to know, until somebody tells their writers.
    @exclusivity(unchecked) var roomy: [HTTP2Stream] = []
}
