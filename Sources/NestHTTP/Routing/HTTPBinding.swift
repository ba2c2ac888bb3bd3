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
    /// What pipes are to see beside bodies.
    var parameters: [HTTPParameter] = []
    let invoke: @Sendable (C, HTTPCall) async throws -> HandlerResult
}

extension Handler {
    /// Lets pipes see these parameters of a request too, as they see bodies: before the handler is called, decoded as
    /// the types that it asks for. Without pipes it costs nothing.
    public func piping(_ parameters: HTTPParameter...) -> Handler {
        guard var binding = binding as? HTTPBinding<C> else { return self }
        binding.parameters = parameters
        return Handler(binding)
    }
}
