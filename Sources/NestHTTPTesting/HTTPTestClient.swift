public import HTTPTypes
public import NIOCore

/// Calls the application under test: the same tests through a socket or without one, see ``HTTPTestDepth``.
///
/// ```swift
/// try await app.test { client in
///     let created = try await client.post("/orders", NewOrder(sku: "x"))
///     #expect(created.status == .created)
///     let order = try created.decode(as: Order.self)
///     let found = try await client.get("/orders/\(order.id)")
///     #expect(found.status == .ok)
/// }
/// ```
///
/// Any status is an answer and not an error; redirects are not followed, cookies not kept. A request without an answer
/// for ``timeout`` throws `TimeLimitExceeded`.
public struct HTTPTestClient: Sendable {
    /// Sent with every request, unless the request has the same field itself: an authorization, say.
    public var headers = HTTPFields()
    /// How long an answer may take, to its last byte.
    public var timeout: Duration = .seconds(20)
    let backend: any HTTPTestBackend

    /// Sends a request and collects its answer.
    ///
    /// - Parameters:
    ///   - method: The method.
    ///   - path: The path, with the query: `/orders?page=2`.
    ///   - headers: Header fields; `Content-Length` is added.
    ///   - body: The body as it is.
    public func send(
        _ method: HTTPRequest.Method, _ path: String, headers: HTTPFields = HTTPFields(), body: ByteBuffer? = nil
    ) async throws -> HTTPTestResponse {
        let request = request(method, path, headers, body)
        return try await within(timeout, "\(method.rawValue) \(path)") { [backend] in
            try await backend.withAnswer(to: request) { try await $0.collected() }
        }
    }

    /// Sends a request with a value as JSON, and collects its answer.
    public func send(
        _ method: HTTPRequest.Method, _ path: String, _ body: some Encodable, headers: HTTPFields = HTTPFields()
    ) async throws -> HTTPTestResponse {
        var headers = headers
        if headers[.contentType] == nil { headers[.contentType] = "application/json" }
        let json = try JSONCodec.default.encode(body)
        return try await send(method, path, headers: headers, body: ByteBuffer(bytes: json))
    }

    /// Sends a GET request and reads its answer while it comes: server-sent events, or any body without an end.
    ///
    /// ```swift
    /// try await client.stream("/orders/1/events") { answer in
    ///     for try await event in answer.events { … }
    /// }
    /// ```
    ///
    /// - Parameters:
    ///   - path: The path, with the query.
    ///   - headers: Header fields.
    ///   - body: Reads the answer. When it returns the request is over, also in the middle of the answer.
    public func stream<Value: Sendable>(
        _ path: String, headers: HTTPFields = HTTPFields(),
        _ body: @escaping @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value {
        let request = request(.get, path, headers, nil)
        return try await within(timeout, "GET \(path)") { [backend] in
            try await backend.withAnswer(to: request, body)
        }
    }

    private func request(
        _ method: HTTPRequest.Method, _ path: String, _ own: HTTPFields, _ body: ByteBuffer?
    ) -> HTTPTestRequest {
        var fields = own
        for field in headers where own[field.name] == nil { fields.append(field) }
        if let body, fields[.contentLength] == nil { fields[.contentLength] = "\(body.readableBytes)" }
        return HTTPTestRequest(
            head: HTTPRequest(
                method: method, scheme: "http", authority: "localhost", path: path, headerFields: fields),
            body: body)
    }
}
