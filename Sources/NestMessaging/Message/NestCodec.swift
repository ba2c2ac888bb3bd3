package import NIOCore

/// Our own wire: `WIRE.md`, revision 1 and what came after it.
package struct NestCodec: MessageCodec {
    package init() {}

    package func readRequest(_ frame: ByteBuffer, in range: ByteRange) throws(EnvelopeError) -> InboundRequest {
        var fields = EnvelopeFields()
        var hints = EnvelopeHeaders.Hints()
        let shape = frame.withUnsafeBytes(in: range) { bytes -> RequestShape in
            do throws(EnvelopeScanner.Failure) {
                try EnvelopeScanner.scan(bytes, into: &fields)
            } catch {
                return .malformed(error.reason)
            }
            return RequestShape(bytes, fields: &fields, hints: &hints)
        }
        switch shape {
        case .malformed(let reason):
            throw EnvelopeError(reason: reason, id: id(fields, in: frame, from: range))
        case .control(let control):
            return .control(control, id: frame.slice(fields.id, from: range))
        case .message(let kind, let escaped):
            var message = IncomingMessage(kind: kind, frame: frame, pattern: .none, payload: .none)
            Self.place(fields, in: &message, base: range.start)
            if let escaped { message.replacePattern(escaped, keeping: range) }
            hints.apply(to: &message)
            return .message(message)
        }
    }

    private func id(_ fields: EnvelopeFields, in frame: ByteBuffer, from range: ByteRange) -> ByteBuffer? {
        fields.has(.id) ? frame.slice(fields.id, from: range) : nil
    }

    /// Notes in a message where its envelope's fields stand.
    @inline(__always)
    static func place(_ fields: EnvelopeFields, in message: inout IncomingMessage, base: Int) {
        message.patternRange = ByteRange(unquoting: fields.pattern, base: base)
        message.payloadRange = ByteRange(fields.payload, base: base)
        if fields.has(.id) { message.idRange = ByteRange(fields.id, base: base) }
        if fields.has(.headers) { message.headersRange = ByteRange(fields.headers, base: base) }
        if fields.has(.reply) { message.replyRange = ByteRange(unquoting: fields.reply, base: base) }
        if fields.has(.correlationID) {
            message.correlationRange = ByteRange(unquoting: fields.correlationID, base: base)
        }
    }
}

extension ByteRange {
    @inline(__always)
    init(_ range: Range<Int>, base: Int) { self.init(base + range.lowerBound, base + range.upperBound) }

    /// The inside of a quoted string; none for an absent or null field.
    @inline(__always)
    init(unquoting range: Range<Int>, base: Int) {
        self = range.count < 2 ? .none : ByteRange(base + range.lowerBound + 1, base + range.upperBound - 1)
    }
}

extension ByteRange {
    /// The same place, counted from where `base` begins.
    fileprivate func moved(toBase base: ByteRange) -> ByteRange {
        isEmpty ? .none : ByteRange(lower: lower - base.lower, length: length)
    }
}

extension ByteBuffer {
    @inline(__always)
    func withUnsafeBytes<Result>(
        in range: ByteRange, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result {
        try withVeryUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[range.start..<range.end])) }
    }

    func slice(_ range: Range<Int>, from base: ByteRange) -> ByteBuffer {
        getSlice(at: base.start + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}

extension EnvelopeHeaders.Hints {
    @inline(__always)
    func apply(to message: inout IncomingMessage) {
        if let timeoutMilliseconds { message.expire(afterMilliseconds: Int64(timeoutMilliseconds)) }
        if let streamCredit { message.take(credit: Int(streamCredit)) }
        if let attempt { message.take(attempt: Int(attempt)) }
    }
}

extension IncomingMessage {
    /// Puts a pattern whose escapes are resolved behind the message's bytes, which stand at `range` in the frame. They
    /// are copied, the rest of the frame is not; the rare case pays, the usual one does not.
    mutating func replacePattern(_ pattern: String, keeping range: ByteRange) {
        var copy = ByteBuffer()
        copy.reserveCapacity(Int(range.length) + pattern.utf8.count)
        copy.writeImmutableBuffer(slice(range))
        let start = copy.writerIndex
        copy.writeString(pattern)
        frame = copy
        patternRange = ByteRange(start, copy.writerIndex)
        payloadRange = payloadRange.moved(toBase: range)
        headersRange = headersRange.moved(toBase: range)
        idRange = idRange.moved(toBase: range)
        replyRange = replyRange.moved(toBase: range)
        correlationRange = correlationRange.moved(toBase: range)
    }
}
