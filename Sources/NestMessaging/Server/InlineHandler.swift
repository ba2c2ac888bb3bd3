/// The way to a handler that needs no task: what it returns is written at once, without a buffer of its own.
package typealias InlineHandler = @Sendable (MessageContext, inout JSONWriter) throws -> InlineResult

/// What an inline handler came to.
package enum InlineResult: Sendable {
    /// The reply stands in the writer.
    case written
    /// The reply's bytes were there already.
    case payload(Payload)
    /// Nothing to reply with.
    case none
}

/// How what an inline handler takes and returns is coded.
enum InlineCoding {
    /// The decoded payload, read where it lies.
    @inline(__always)
    static func input<Input: Decodable>(_ type: Input.Type, _ context: borrowing MessageContext) throws -> Input {
        // The same types: a cast would look them up at run time, for every message.
        if Input.self == NoPayload.self { return unsafeBitCast(NoPayload(), to: Input.self) }
        if Input.self == Payload.self { return unsafeBitCast(context.incoming.payload, to: Input.self) }
        do {
            return try context.incoming.frame.withUnsafeBytes(in: context.incoming.payloadRange) {
                try context.route.codec.decode(Input.self, from: $0)
            }
        } catch {
            throw TransportError(invalidPayload: error, pattern: context.pattern)
        }
    }

    /// Writes what the handler returned.
    @inline(__always)
    static func write<Output: Encodable>(
        _ output: Output, to writer: inout JSONWriter
    ) throws -> InlineResult {
        if Output.self == Payload.self { return .payload(unsafeBitCast(output, to: Payload.self)) }
        try writer.encodeWhole(output)
        return .written
    }
}
