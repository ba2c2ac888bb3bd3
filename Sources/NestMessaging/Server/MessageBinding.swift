/// A handler bound to a message pattern.
package struct MessageBinding<C: Controller>: HandlerBinding {
    let kind: MessageKind
    let pattern: Pattern
    let name: String
    let options: HandlerOptions
    let enhancers: Enhancers
    /// Without a task; only for handlers that are not async, and only when nothing async stands around them.
    let inline: (@Sendable (C, MessageContext, inout JSONWriter) throws -> InlineResult)?
    let invoke: @Sendable (C, HandlerCall) async throws -> HandlerResult

    init(
        kind: MessageKind, pattern: Pattern, name: String, options: HandlerOptions, enhancers: Enhancers,
        inline: (@Sendable (C, MessageContext, inout JSONWriter) throws -> InlineResult)?,
        invoke: @escaping @Sendable (C, HandlerCall) async throws -> HandlerResult
    ) {
        self.kind = kind
        self.pattern = pattern
        self.name = name
        self.options = options
        self.enhancers = enhancers
        self.inline = inline
        self.invoke = invoke
    }
}

/// One call of a handler: the message, and the ways to decode what it takes and encode what it returns.
package struct HandlerCall: Sendable {
    let context: MessageContext
    let pipes: [any Pipe]
    /// Set when there are pipes.
    let execution: ExecutionContext?
    /// What pipes have made of the payload.
    private var transformed: Payload?

    var payload: Payload { transformed ?? context.incoming.payload }
    var codec: JSONCodec { context.route.codec }
    var hasPipes: Bool { execution != nil && !pipes.isEmpty }

    init(context: MessageContext, pipes: [any Pipe] = [], execution: ExecutionContext? = nil) {
        self.context = context
        self.pipes = pipes
        self.execution = execution
    }

    /// The decoded payload.
    @inline(__always)
    func input<Input: Decodable>(_ type: Input.Type) throws -> Input {
        // The same type: a cast would look it up at run time, for every message.
        if Input.self == NoPayload.self { return unsafeBitCast(NoPayload(), to: Input.self) }
        do {
            return try PayloadCoding.decode(type, from: payload, codec: codec)
        } catch {
            throw invalid(error)
        }
    }

    func invalid(_ error: any Error) -> TransportError {
        TransportError(invalidPayload: error, pattern: context.pattern)
    }

    /// The decoded payload, through the pipes.
    func pipedInput<Input: Decodable>(_ type: Input.Type) async throws -> Input {
        hasPipes ? try await transformedInput(type) : try input(type)
    }

    func transformedInput<Input: Decodable>(_ type: Input.Type) async throws -> Input {
        guard let execution else { return try input(type) }
        var bytes = context.incoming.payload
        for pipe in pipes { bytes = try await pipe.transform(payload: bytes, execution) }
        var call = HandlerCall(context: context)
        call.transformed = bytes
        var value = try call.input(type)
        for pipe in pipes { value = try await pipe.transform(value: value, execution) }
        return value
    }

    @inline(__always)
    func encode<Output: Encodable>(_ value: Output) throws -> Payload { try PayloadCoding.encode(value, codec: codec) }

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
