public import HTTPTypes
public import Hummingbird

/// What a handler, or anything around it, wants to be in the answer: see ``HTTPContext/response``.
public struct HTTPReplySettings: Sendable {
    /// The status; goes before the handler's options.
    public var status: HTTPResponse.Status?
    /// Header fields; they take the place of the same ones in the handler's options.
    public var headers = HTTPFields()

    init() {}

    /// Adds a cookie.
    public mutating func setCookie(_ cookie: Cookie) {
        headers.append(HTTPField(name: .setCookie, value: cookie.description))
    }
}
