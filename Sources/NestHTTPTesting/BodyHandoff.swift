import NIOCore

/// Hands a body from its writer to its reader, a piece at a time: the writer waits until a piece is asked for.
final class BodyHandoff: Sendable {
    private let pieces = AsyncThrowingStream.makeStream(of: ByteBuffer.self)
    private let requests = AsyncStream.makeStream(of: Void.self)
}

// MARK: - The reader

extension BodyHandoff {
    /// The next piece, nil at the end.
    func next() async throws -> ByteBuffer? {
        requests.continuation.yield()
        // Iterators of a stream share what is in it.
        var iterator = pieces.stream.makeAsyncIterator()
        return try await iterator.next(isolation: #isolation)
    }

    /// Asks for no further pieces.
    func stop() { requests.continuation.finish() }
}

// MARK: - The writer

extension BodyHandoff {
    /// Returns once a piece is asked for; false when nobody will.
    func isAsked() async -> Bool {
        var iterator = requests.stream.makeAsyncIterator()
        return await iterator.next(isolation: #isolation) != nil
    }

    func give(_ piece: ByteBuffer) { pieces.continuation.yield(piece) }

    func finish(throwing error: (any Error)? = nil) { pieces.continuation.finish(throwing: error) }
}
