public import HTTPTypes
public import Hummingbird

/// A value with what else an answer has: `HTTPReply(order, status: .created, headers: [.location: "/orders/42"])`.
public struct HTTPReply<Body: Encodable & Sendable>: HTTPResponding {
    /// The value, encoded as JSON.
    public var body: Body
    /// The status; nil: the handler's usual one.
    public var status: HTTPResponse.Status?
    /// Header fields.
    public var headers: HTTPFields
    /// Cookies to be set.
    public var cookies: [Cookie]

    /// A value, and what goes with it.
    public init(
        _ body: Body, status: HTTPResponse.Status? = nil, headers: HTTPFields = HTTPFields(), cookies: [Cookie] = []
    ) {
        self.body = body
        self.status = status
        self.headers = headers
        self.cookies = cookies
    }

    /// The value as JSON; status, fields and cookies go to the context.
    public func answer(to call: HTTPCall) throws -> HandlerResult {
        var settings = call.context.response
        settings.status = status ?? settings.status
        for field in headers { settings.headers.append(field) }
        for cookie in cookies { settings.setCookie(cookie) }
        call.context.response = settings
        return .payload(try call.encode(body))
    }
}
