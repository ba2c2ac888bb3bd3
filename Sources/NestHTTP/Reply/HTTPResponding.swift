/// Something that an HTTP handler may return and that knows what answer it is: ``HTTPReply``, ``Redirect``,
/// ``HTTPText``, Hummingbird's `Response`, or a type of your own.
public protocol HTTPResponding: Sendable {
    /// The answer. Status and header fields go to ``HTTPContext/response``, or into a Hummingbird `Response` that is
    /// returned as `HandlerResult.response`.
    func answer(to call: HTTPCall) throws -> HandlerResult
}
