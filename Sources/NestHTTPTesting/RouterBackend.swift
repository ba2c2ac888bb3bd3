import HTTPTypes
import HummingbirdCore
import NIOCore

/// Asks the application itself.
struct RouterBackend: HTTPTestBackend {
    let app: NestApplication

    func withAnswer<Value: Sendable>(
        to request: HTTPTestRequest, _ body: @escaping @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value {
        let response = try await app.respond(
            to: HummingbirdRequest(head: request.head, body: RequestBody(buffer: request.body ?? ByteBuffer())))
        let head = response.headAsWritten
        guard request.head.method != .head, head.hasBody else {
            return try await body(HTTPTestStream(head, nil))
        }
        return try await withThrowingTaskGroup(of: Void.self) { group in
            let handoff = BodyHandoff()
            group.addTask { await HandoffWriter.write(response.body, to: handoff) }
            // A body that nobody reads any more may wait for what never comes.
            defer { group.cancelAll() }
            return try await body(HTTPTestStream(head, handoff))
        }
    }
}

extension HummingbirdResponse {
    /// As a connection would write it.
    fileprivate var headAsWritten: HTTPResponse {
        var head = HTTPResponse(status: status, headerFields: headers)
        if head.hasBody, let length = body.contentLength { head.headerFields[.contentLength] = "\(length)" }
        return head
    }
}

extension HTTPResponse {
    fileprivate var hasBody: Bool { status.code >= 200 && status != .noContent && status != .notModified }
}
