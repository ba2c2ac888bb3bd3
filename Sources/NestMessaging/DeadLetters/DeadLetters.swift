/// The dead letters of one service, for operators: look at them, have them handled again, let go of them. The same
/// whatever keeps them: a stream, a queue, a topic.
///
/// Letters are named by ids and pages continued by cursors. Both are text whose meaning is the broker's alone.
///
/// ```swift
/// var cursor: String?
/// repeat {
///     let page = try await letters.list(after: cursor)
///     for letter in page.letters { print(letter.id, letter.pattern, letter.reason ?? "") }
///     cursor = page.next
/// } while cursor != nil
/// ```
public protocol DeadLetters: Sendable {
    /// How many there are. A broker that cannot count those it has let go of in between tells how many there are at the
    /// most.
    func count() async throws(TransportError) -> Int

    /// Those after a cursor (nil: from the oldest on), the oldest first, `limit` at the most. Looking changes nothing. A
    /// letter that comes or goes meanwhile may be in the next page or not; one that stays is in exactly one of them,
    /// except on brokers that can only look at a queue by taking from it: there it may be in two.
    func list(after cursor: String?, limit: Int) async throws(TransportError) -> DeadLetterPage

    /// One of them; nil when there is none of that id, or no longer.
    func show(_ id: String) async throws(TransportError) -> StoredDeadLetter?

    /// Has messages handled again by the service they were meant for, and by no other, and lets go of each letter once
    /// that is certain: an event when its broker has confirmed it, a request when it was answered with success. A message
    /// that fails again becomes a dead letter again, under a new id.
    ///
    /// Goes on after one that failed; what became of each is in the result. Throws when nothing could be done at all.
    func replay(_ ids: [String]) async throws(TransportError) -> DeadLetterResult

    /// Lets go of letters for good. One that is not there any more counts as done.
    func discard(_ ids: [String]) async throws(TransportError) -> DeadLetterResult
}

extension DeadLetters {
    /// A page of 100.
    public func list(after cursor: String? = nil) async throws(TransportError) -> DeadLetterPage {
        try await list(after: cursor, limit: 100)
    }

    /// Has one message handled again; throws what became of it otherwise.
    public func replay(_ id: String) async throws(TransportError) {
        if let error = try await replay([id]).failures[id] { throw error }
    }

    /// Lets go of one letter.
    public func discard(_ id: String) async throws(TransportError) {
        if let error = try await discard([id]).failures[id] { throw error }
    }

    /// Has those handled again that are there now, the oldest first, `limit` at the most. Letters that come meanwhile,
    /// because a message failed again, are left alone.
    public func replayAll(limit: Int = 1_000) async throws(TransportError) -> DeadLetterResult {
        try await replay(ids(limit))
    }

    /// Lets go of those that are there now, the oldest first, `limit` at the most.
    public func discardAll(limit: Int = 1_000) async throws(TransportError) -> DeadLetterResult {
        try await discard(ids(limit))
    }

    /// Collected before anything is done to them: a page that is continued would find what has failed again.
    private func ids(_ limit: Int) async throws(TransportError) -> [String] {
        var ids: [String] = []
        var known: Set<String> = []
        var cursor: String?
        repeat {
            let page = try await list(after: cursor, limit: min(100, limit - ids.count))
            for letter in page.letters where known.insert(letter.id).inserted { ids.append(letter.id) }
            cursor = page.next
        } while cursor != nil && ids.count < limit
        return ids
    }
}
