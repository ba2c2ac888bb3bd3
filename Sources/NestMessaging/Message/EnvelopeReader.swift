import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads the requests and events that come one after another, and remembers how the last one began.
///
/// Up to its payload an envelope says only what it is and which pattern it has, and most messages of a service say the
/// same there: bytes that are those of the last envelope are not read again.
package struct EnvelopeReader: Sendable {
    /// An envelope's bytes in front of its payload, and what they say.
    private struct Head {
        var bytes: [UInt8] = []
        var fields = EnvelopeFields()
        var kind = MessageKind.emit
        var number: UInt64 = 0
    }

    private static let longest = 256
    /// What a request or an event has: an envelope with anything else in it is read whole each time.
    private static let usual: UInt16 =
        [EnvelopeFields.Name.kind, .pattern, .payload, .id, .reply, .correlationID, .headers]
        .reduce(0) { $0 | $1.rawValue }
    private var head = Head()
    /// The number of what the last message began with; nil when that is not remembered. Messages with the same number have
    /// the same pattern: what else depends on that need not be found out again.
    package private(set) var headNumber: UInt64?

    package init() {}

    /// Reads a request or an event into a message that has its frame already, in which everything else stays where it
    /// is. False, and nothing is changed, for everything else.
    package mutating func read(_ range: ByteRange, into message: inout IncomingMessage) -> Bool {
        var fields = EnvelopeFields()
        var hints = EnvelopeHeaders.Hints()
        var kind = MessageKind.emit
        var pattern: String?
        headNumber = nil
        let isMessage = message.frame.withUnsafeBytes(in: range) { bytes in
            if begins(bytes) {
                fields = head.fields
                kind = head.kind
                headNumber = head.number
                return Self.readRest(bytes, head.bytes.count, &fields, &hints)
            }
            guard let shape = Self.readAll(bytes, &fields, &hints) else { return false }
            (kind, pattern) = shape
            if pattern == nil { remember(bytes, fields, kind) }
            return true
        }
        guard isMessage else {
            headNumber = nil
            return false
        }
        message.kind = kind
        NestCodec.place(fields, in: &message, base: range.start)
        if let pattern { message.replacePattern(pattern, keeping: ByteRange(0, message.frame.writerIndex)) }
        hints.apply(to: &message)
        return true
    }

    @inline(__always)
    private func begins(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard !head.bytes.isEmpty, bytes.count > head.bytes.count, let start = bytes.baseAddress else { return false }
        return head.bytes.withUnsafeBytes { memcmp(start, $0.baseAddress.unsafelyUnwrapped, $0.count) == 0 }
    }

    /// The payload and what stands behind it.
    @inline(__always)
    private static func readRest(
        _ bytes: UnsafeRawBufferPointer, _ start: Int, _ fields: inout EnvelopeFields,
        _ hints: inout EnvelopeHeaders.Hints
    ) -> Bool {
        do throws(EnvelopeScanner.Failure) {
            try EnvelopeScanner.scan(bytes, payloadAt: start, into: &fields)
            return RequestShape.fault(bytes, &fields, &hints) == nil
        } catch {
            return false
        }
    }

    private static func readAll(
        _ bytes: UnsafeRawBufferPointer, _ fields: inout EnvelopeFields, _ hints: inout EnvelopeHeaders.Hints
    ) -> (MessageKind, String?)? {
        do throws(EnvelopeScanner.Failure) {
            try EnvelopeScanner.scan(bytes, into: &fields)
        } catch {
            return nil
        }
        guard case .message(let kind, let escaped) = RequestShape(bytes, fields: &fields, hints: &hints) else {
            return nil
        }
        return (kind, escaped)
    }

    /// Only what is the same for all messages of a pattern: any other field has to be looked at each time.
    private mutating func remember(_ bytes: UnsafeRawBufferPointer, _ fields: EnvelopeFields, _ kind: MessageKind) {
        let end = fields.payload.lowerBound
        guard end <= Self.longest, fields.seen & ~Self.usual == 0,
            max(fields.kind.upperBound, fields.pattern.upperBound) <= end,
            [fields.id, fields.reply, fields.correlationID, fields.headers]
                .allSatisfy({ $0.isEmpty || $0.lowerBound > end })
        else { return }
        head.bytes.removeAll(keepingCapacity: true)
        head.bytes.append(contentsOf: bytes[..<end])
        head.kind = kind
        head.number += 1
        headNumber = head.number
        head.fields = EnvelopeFields()
        _ = head.fields.set(.kind, fields.kind)
        _ = head.fields.set(.pattern, fields.pattern)
    }
}
