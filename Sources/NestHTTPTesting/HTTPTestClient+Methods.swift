public import HTTPTypes

// One function for each method, with a value as JSON where requests have a body. What they have in common is told at
// `send`.

extension HTTPTestClient {
    /// Sends a GET request.
    public func get(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> HTTPTestResponse {
        try await send(.get, path, headers: headers)
    }

    /// Sends a HEAD request.
    public func head(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> HTTPTestResponse {
        try await send(.head, path, headers: headers)
    }

    /// Sends an OPTIONS request.
    public func options(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> HTTPTestResponse {
        try await send(.options, path, headers: headers)
    }

    /// Sends a DELETE request without a body.
    public func delete(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> HTTPTestResponse {
        try await send(.delete, path, headers: headers)
    }

    /// Sends a POST request without a body.
    public func post(_ path: String, headers: HTTPFields = HTTPFields()) async throws -> HTTPTestResponse {
        try await send(.post, path, headers: headers)
    }

    /// Sends a POST request with a value as JSON.
    public func post(
        _ path: String, _ body: some Encodable, headers: HTTPFields = HTTPFields()
    ) async throws -> HTTPTestResponse {
        try await send(.post, path, body, headers: headers)
    }

    /// Sends a PUT request with a value as JSON.
    public func put(
        _ path: String, _ body: some Encodable, headers: HTTPFields = HTTPFields()
    ) async throws -> HTTPTestResponse {
        try await send(.put, path, body, headers: headers)
    }

    /// Sends a PATCH request with a value as JSON.
    public func patch(
        _ path: String, _ body: some Encodable, headers: HTTPFields = HTTPFields()
    ) async throws -> HTTPTestResponse {
        try await send(.patch, path, body, headers: headers)
    }
}
