/// What guards, interceptors, pipes and filters see of a call, whatever brought it.
public struct ExecutionContext: Sendable {
    /// What kind of call it is. Open: HTTP adds its own.
    public struct Kind: RawRepresentable, Hashable, Sendable {
        /// The kind's name.
        public let rawValue: String
        /// A kind by its name.
        public init(rawValue: String) { self.rawValue = rawValue }
        /// A message whose sender waits.
        public static let message = Kind(rawValue: "message")
        /// A message nobody waits for.
        public static let event = Kind(rawValue: "event")
    }

    /// What kind of call it is.
    public let kind: Kind
    /// The controller's type.
    public let controller: any Controller.Type
    /// The handler's name: the method, when a macro wrote the handler.
    public let handler: String
    /// The call itself; `message` is the usual case.
    public let call: any CallContext

    /// A context for a call.
    public init(kind: Kind, controller: any Controller.Type, handler: String, call: any CallContext) {
        self.kind = kind
        self.controller = controller
        self.handler = handler
        self.call = call
    }
}

/// What every kind of call has.
public protocol CallContext: Sendable {
    /// What the caller sent beside the payload.
    var headers: MessageHeaders { get }
    /// A logger that carries the call's identifiers.
    var logger: Logger { get }
    /// Resolves a provider as seen from the controller's module; request-scoped ones are this call's own.
    func resolve<Value>(_ type: Value.Type, named name: String?) async throws -> Value
}

extension CallContext {
    /// Resolves a provider as seen from the controller's module.
    public func resolve<Value>(_ type: Value.Type = Value.self) async throws -> Value {
        try await resolve(type, named: nil)
    }
}
