/// The events of an answer that is an event stream, without comments. To be read once.
public struct HTTPTestEvents: AsyncSequence, Sendable {
    /// One event.
    public typealias Element = ServerSentEvent

    let stream: HTTPTestStream

    /// Reads the events.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var stream: HTTPTestStream.AsyncIterator
        private var parser = EventParser()

        fileprivate init(stream: HTTPTestStream.AsyncIterator) { self.stream = stream }

        /// The next event, nil at the end of the stream.
        public mutating func next() async throws -> ServerSentEvent? {
            while true {
                if let event = parser.next() { return event }
                guard let piece = try await stream.next() else { return nil }
                parser.append(piece)
            }
        }
    }

    /// Reads the events from the first.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(stream: stream.makeAsyncIterator()) }
}
