/// Callers that send a request and an event, again and again, while something happens to what they send over.
///
/// ```swift
/// let load = SteadyLoad { place, number, counts in
///     let _: Int = try await client.send("test.echo", 1)
///     counts.replied()
///     try await client.emit("test.noted", "\(place) \(number)")
///     counts.confirmed()
/// }
/// try await load.goesOn()
/// // exchange a password
/// try await load.goesOn()
/// let events = try await load.stop()
/// ```
public struct SteadyLoad: Sendable {
    /// What the callers have had so far.
    public struct Counts: Sendable {
        /// Requests that were answered.
        public var replies = 0
        /// Events that were confirmed.
        public var events = 0
    }

    /// Where callers count.
    public struct Tally: Sendable {
        fileprivate let counts = Watched(Counts())

        /// A request was answered.
        public func replied() { counts.update { $0.replies += 1 } }

        /// An event was confirmed.
        public func confirmed() { counts.update { $0.events += 1 } }
    }

    private let tally: Tally
    private let callers: Task<Void, any Error>

    /// Begins. `round` is called by each caller with its place and the number of the round, both from 0.
    ///
    /// - Parameters:
    ///   - callers: How many go on side by side.
    ///   - round: One request and one event, counted when they are done.
    public init(_ callers: Int = 16, _ round: @escaping @Sendable (Int, Int, Tally) async throws -> Void) {
        let tally = Tally()
        self.tally = tally
        self.callers = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for place in 0..<callers {
                    group.addTask {
                        var number = 0
                        while !Task.isCancelled {
                            try await round(place, number, tally)
                            number += 1
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    /// Returns when more requests have been answered than before.
    ///
    /// - Throws: ``TimeLimitExceeded``, with what the callers have had by then.
    public func goesOn(by more: Int = 200, within limit: Duration = .seconds(10)) async throws {
        let enough = tally.counts.value.replies + more
        try await tally.counts.eventually(within: limit, "more than \(enough) replies") { $0.replies > enough }
    }

    /// Ends it, and returns how many events were confirmed. Some more may have been sent.
    ///
    /// - Throws: What a caller was told that is no consequence of this end.
    public func stop() async throws -> Int {
        callers.cancel()
        do {
            try await callers.value
        } catch let error as TransportError where error.code == .cancelled {
            // Its call was under way.
        }
        return tally.counts.value.events
    }
}
