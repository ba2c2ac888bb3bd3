import HummingbirdCore
public import NIOCore

/// A request's body as it comes. To be read once; the peer is held back while nobody reads.
public struct HTTPBodyStream: AsyncSequence, Sendable {
    /// A piece of it.
    public typealias Element = ByteBuffer

    let body: RequestBody
    let limit: Int

    /// Pulls the pieces.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        var room: Int

        /// The next piece, nil at the end. Throws ``HTTPException`` with status 413 when there is more than there may
        /// be, and what the connection ends with.
        public mutating func next() async throws -> ByteBuffer? {
            guard let piece = try await base.next(isolation: #isolation) else { return nil }
            room -= piece.readableBytes
            guard room >= 0 else { throw HTTPException.bodyTooLarge }
            return piece
        }
    }

    /// An iterator over the pieces.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(base: body.makeAsyncIterator(), room: limit) }
}
