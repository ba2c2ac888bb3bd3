import HTTPTypes

/// A handler bound to a method and a path.
struct HTTPBinding<C: Controller>: HandlerBinding {
    let method: HTTPRequest.Method
    let path: String
    let name: String
    let options: HTTPHandlerOptions
    let enhancers: Enhancers
    /// Without suspending; only for handlers that are not async.
    let inline: (@Sendable (C, HTTPCall) throws -> HandlerResult)?
    let invoke: @Sendable (C, HTTPCall) async throws -> HandlerResult
}
