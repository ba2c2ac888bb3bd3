/// A refusal in HTTP's terms: throw it anywhere, in handlers of messages too.
///
/// ```swift
/// guard let order = try await store.find(id) else { throw HTTPException.notFound("no order \(id)") }
/// ```
///
/// An HTTP client gets ``status``, ``message``, ``details`` and ``headers``. A caller by message gets a
/// ``TransportError`` with the exception's ``code``, and the status in its details; when that caller is the handler of
/// an HTTP request and lets the error pass, its client gets the same status. No payloads and passwords belong into it.
public struct HTTPException: Error, Sendable {
    /// The response's status, from 400 to 599.
    public let status: Int
    /// What happened, as a word for programs: on the wire between services, and as `code` in the response.
    public var code: TransportError.Code
    /// What happened, for people.
    public var message: String
    /// More about it as JSON.
    public var details: Payload?
    /// Go into the response beside those that every response has. Between services only `retry-after` is kept.
    public var headers: MessageHeaders
    /// The error underneath. Never leaves this process.
    public var cause: (any Error)?

    /// An exception.
    ///
    /// - Parameters:
    ///   - status: From 400 to 599; anything else is taken as 500.
    ///   - message: For people; nil: the status in words.
    ///   - code: For programs; nil: the one that belongs to the status, see ``TransportError/httpStatus``.
    ///   - details: More about it as JSON.
    ///   - headers: For the response.
    ///   - cause: The error underneath.
    public init(
        _ status: Int, _ message: String? = nil, code: TransportError.Code? = nil, details: Payload? = nil,
        headers: MessageHeaders = [:], cause: (any Error)? = nil
    ) {
        self.status = HTTPStatusTable.errors.contains(status) ? status : 500
        self.code = code ?? HTTPStatusTable.code(of: self.status)
        self.message = message ?? HTTPStatusTable.title(of: self.status)
        self.details = details
        self.headers = headers
        self.cause = cause
    }

    /// The status in words: `Not Found`.
    public var title: String { HTTPStatusTable.title(of: status) }

    /// The same with an encodable value as details; details that cannot be encoded are left out.
    public func details(_ details: some Encodable) -> HTTPException {
        var exception = self
        exception.details = try? Payload(encoding: details)
        return exception
    }
}

extension HTTPException: CustomStringConvertible {
    /// Status, code, message and cause in one line.
    public var description: String {
        let text = "\(status) \(code): \(message)"
        return cause.map { "\(text) (\($0))" } ?? text
    }
}

extension HTTPException: Equatable {
    /// Equal in what the client gets.
    public static func == (left: HTTPException, right: HTTPException) -> Bool {
        left.status == right.status && left.code == right.code && left.message == right.message
            && left.details == right.details && left.headers == right.headers
    }
}
