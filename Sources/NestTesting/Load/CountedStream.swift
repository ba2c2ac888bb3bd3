/// Numbers from 1 to a last one, read from a stream in parts.
public struct CountedStream: ~Copyable {
    private var numbers: TypedReplyStream<Int>.AsyncIterator
    private let last: Int
    private var read = 0

    /// Reads a stream whose items are to be 1, 2, 3 and so on.
    public init(_ stream: TypedReplyStream<Int>, upTo last: Int) {
        numbers = stream.makeAsyncIterator()
        self.last = last
    }

    /// Reads on up to a number; without one to the last, and the stream's end.
    ///
    /// - Throws: ``SuiteFailure`` when an item is another than the next number.
    public mutating func read(upTo end: Int? = nil) async throws {
        let target = end ?? last
        while read < target {
            try expectEqual(try await numbers.next(), read + 1, "the stream's next number")
            read += 1
        }
        if end == nil { try expectEqual(try await numbers.next(), nil, "the stream's end") }
    }
}
