public import HTTPTypes
public import NIOCore

/// An answer whose body is read while it comes: a sequence of bytes, or of ``events``. To be read once.
public struct HTTPTestStream: AsyncSequence, Sendable {
    /// Pieces of the body as they came.
    public typealias Element = ByteBuffer

    /// The status.
    public let status: HTTPResponse.Status
    /// The header fields.
    public let headers: HTTPFields
    /// Nil for an answer without a body.
    private let body: BodyHandoff?

    init(_ head: HTTPResponse, _ body: BodyHandoff?) {
        status = head.status
        headers = head.headerFields
        self.body = body
    }

    /// Reads the body.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let body: BodyHandoff?

        /// The next piece, nil at the end of the body.
        public mutating func next() async throws -> ByteBuffer? { try await body?.next() }
    }

    /// Reads the body from where the last reader stopped.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(body: body) }

    /// The body as server-sent events.
    public var events: HTTPTestEvents { HTTPTestEvents(stream: self) }

    func collected() async throws -> HTTPTestResponse {
        var body = ByteBuffer()
        for try await piece in self { body.writeImmutableBuffer(piece) }
        return HTTPTestResponse(status: status, headers: headers, body: body)
    }
}
