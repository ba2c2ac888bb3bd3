import HummingbirdCore
import NIOCore

/// A body that tells its connection when somebody waits for it: so that a peer that waits for leave to send gets it,
/// whoever reads, and that the one who is late can be told.
struct AwaitedBody: AsyncSequence, Sendable {
    let base: RequestBody
    let connection: HTTPConnection

    struct AsyncIterator: AsyncIteratorProtocol {
        var base: RequestBody.AsyncIterator
        let connection: HTTPConnection

        mutating func next() async throws -> ByteBuffer? {
            connection.awaitBody(true)
            defer { connection.awaitBody(false) }
            return try await base.next(isolation: #isolation)
        }
    }

    func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), connection: connection)
    }
}
