public import HTTPTypes

/// Sends the caller elsewhere: `Redirect("/orders/42")`.
public struct Redirect: HTTPResponding, Hashable {
    /// Where to.
    public var location: String
    /// Which kind: 302 unless said; 303 after a POST, 301 or 308 for good.
    public var status: HTTPResponse.Status

    /// A redirect to a path or a URL.
    public init(_ location: String, _ status: HTTPResponse.Status = .found) {
        self.location = location
        self.status = status
    }

    /// An empty answer with the location.
    public func answer(to call: HTTPCall) -> HandlerResult {
        var settings = call.context.response
        settings.status = status
        settings.headers[.location] = location
        call.context.response = settings
        return .none
    }
}
