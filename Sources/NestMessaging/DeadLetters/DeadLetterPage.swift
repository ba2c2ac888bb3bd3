/// Some dead letters, and where those after them are found.
public struct DeadLetterPage: Sendable {
    /// The oldest first.
    public var letters: [StoredDeadLetter]
    /// What the next page begins after; nil when there was nothing more.
    public var next: String?

    /// A page.
    public init(_ letters: [StoredDeadLetter], next: String?) {
        self.letters = letters
        self.next = next
    }
}
