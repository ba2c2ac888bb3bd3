/// A handler bound to a message pattern.
package struct MessageBinding<C: Controller>: HandlerBinding {
    let kind: MessageKind
    let pattern: Pattern
    let name: String
    let options: HandlerOptions
    let enhancers: Enhancers
    /// Without a task; only for handlers that are not async, and only when nothing async stands around them.
    let inline: (@Sendable (C, HandlerCall) throws -> HandlerResult)?
    let invoke: @Sendable (C, HandlerCall) async throws -> HandlerResult
}

/// One call of a handler: the message, and the ways to decode what it takes and encode what it returns.
package struct HandlerCall: Sendable {
    let context: MessageContext
    let pipes: [any Pipe]
    /// Set when there are pipes.
    let execution: ExecutionContext?
    /// What pipes have made of the payload.
    private var transformed: Payload?

    init(context: MessageContext, pipes: [any Pipe] = [], execution: ExecutionContext? = nil) {
        self.context = context
        self.pipes = pipes
        self.execution = execution
    }

    /// The decoded payload.
    @inline(__always)
    func input<Input: Decodable>(_ type: Input.Type) throws -> Input {
        let payload = transformed ?? context.incoming.payload
        // The same type: a cast would look it up at run time, for every message.
        if type == Payload.self { return unsafeBitCast(payload, to: type) }
        if type == NoPayload.self { return unsafeBitCast(NoPayload(), to: type) }
        do {
            return try PayloadCoding.decode(type, from: payload, codec: context.route.codec)
        } catch {
            throw TransportError(invalidPayload: error, pattern: context.pattern)
        }
    }

    /// The decoded payload, through the pipes.
    @inline(__always)
    func pipedInput<Input: Decodable>(_ type: Input.Type) async throws -> Input {
        guard let execution, !pipes.isEmpty else { return try input(type) }
        var bytes = context.incoming.payload
        for pipe in pipes { bytes = try await pipe.transform(payload: bytes, execution) }
        var call = HandlerCall(context: context)
        call.transformed = bytes
        var value = try call.input(type)
        for pipe in pipes { value = try await pipe.transform(value: value, execution) }
        return value
    }

    @inline(__always)
    func encode<Output: Encodable>(_ value: Output) throws -> Payload {
        if Output.self == Payload.self { return unsafeBitCast(value, to: Payload.self) }
        return try PayloadCoding.encode(value, codec: context.route.codec)
    }

    func stream<Base: AsyncSequence & Sendable>(_ base: Base) -> PayloadStream where Base.Element: Encodable {
        PayloadStream(base, codec: context.route.codec)
    }
}

extension TransportError {
    /// What revision 1 says of a payload that does not fit: why, in the decoder's words.
    init(invalidPayload error: any Error, pattern: String) {
        self.init(.invalidMessage, "invalid payload for `\(pattern)`: \(Self.why(error))", cause: error)
    }

    private static func why(_ error: any Error) -> String {
        guard let error = error as? DecodingError else { return "\(error)" }
        let context: DecodingError.Context
        switch error {
        case .dataCorrupted(let found), .keyNotFound(_, let found), .typeMismatch(_, let found),
            .valueNotFound(_, let found):
            context = found
        @unknown default: return "it cannot be decoded"
        }
        let path = context.codingPath.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue }.joined(separator: ".")
        return path.isEmpty ? context.debugDescription : "\(path): \(context.debugDescription)"
    }
}
