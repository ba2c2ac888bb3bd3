import HTTPTypes
import NIOCore

/// A request as a test sends it.
struct HTTPTestRequest: Sendable {
    var head: HTTPRequest
    var body: ByteBuffer?
}

/// What brings a request to the application and its answer back.
protocol HTTPTestBackend: Sendable {
    /// Calls `body` once the answer's head is there. Afterwards the request is over.
    func withAnswer<Value: Sendable>(
        to request: HTTPTestRequest, _ body: @escaping @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value
}
