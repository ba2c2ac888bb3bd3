/// Runs around the rest of the way to the handler: can act before and after, change the result, or not call on at all.
public protocol Interceptor: Sendable {
    /// Call `next` once to go on; what you return is the result.
    func intercept(_ context: ExecutionContext, next: CallHandler) async throws -> HandlerResult
}

/// The rest of the way to the handler.
public struct CallHandler: Sendable {
    private let body: @Sendable () async throws -> HandlerResult

    /// The rest of the way, as a closure.
    public init(_ body: @escaping @Sendable () async throws -> HandlerResult) { self.body = body }

    /// Goes on to the handler and returns its result.
    public func handle() async throws -> HandlerResult { try await body() }

    /// Goes on to the handler and returns its result.
    public func callAsFunction() async throws -> HandlerResult { try await body() }
}

/// What a handler came to.
public enum HandlerResult: Sendable {
    /// A value, encoded.
    case payload(Payload)
    /// A stream of values.
    case stream(PayloadStream)
    /// Nothing: an event's handler, or one that returns `Void`.
    case none
    /// What another front, such as HTTP, answers with.
    case response(any Sendable)
}

extension HandlerResult {
    /// A value, to be encoded.
    public static func encoding(_ value: some Encodable) throws -> HandlerResult {
        .payload(try Payload(encoding: value))
    }
}
