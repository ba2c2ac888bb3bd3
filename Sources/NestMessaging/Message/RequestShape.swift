/// What the fields of a scanned envelope amount to.
enum RequestShape {
    /// A request or event; `escapedPattern` is set when the pattern had escapes to resolve.
    case message(MessageKind, escapedPattern: String?)
    case control(StreamControl)
    case malformed(String)

    /// Checks types and presence of the fields; a null optional field reads as absent.
    @inline(__always)
    init(_ bytes: UnsafeRawBufferPointer, fields: inout EnvelopeFields, hints: inout EnvelopeHeaders.Hints) {
        guard fields.has(.kind), let kind = Kind(bytes, fields.kind) else {
            self = .malformed("kind is missing or none we know")
            return
        }
        switch kind {
        case .send: self = Self.message(.send, bytes, &fields, &hints)
        case .emit: self = Self.message(.emit, bytes, &fields, &hints)
        case .cancel: self = fields.has(.id) ? .control(.cancel) : .malformed("cancel without id")
        case .credit: self = Self.credit(bytes, fields)
        }
    }

    private enum Kind {
        case send, emit, credit, cancel

        @inline(__always)
        init?(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
            let text = UnsafeRawBufferPointer(rebasing: bytes[range])
            if JSONText.equals(text, #""send""#) {
                self = .send
            } else if JSONText.equals(text, #""emit""#) {
                self = .emit
            } else if JSONText.equals(text, #""credit""#) {
                self = .credit
            } else if JSONText.equals(text, #""cancel""#) {
                self = .cancel
            } else if let plain = JSONText.string(bytes, range), plain == "send" || plain == "emit" {
                self = plain == "send" ? .send : .emit
            } else {
                return nil
            }
        }
    }

    private static func credit(_ bytes: UnsafeRawBufferPointer, _ fields: EnvelopeFields) -> RequestShape {
        guard fields.has(.id), fields.has(.count), let count = JSONText.digits(bytes, fields.count) else {
            return .malformed("credit without id or count")
        }
        return .control(.credit(Int(min(count, UInt64(EnvelopeLimits.credit)))))
    }

    @inline(__always)
    private static func message(
        _ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, _ fields: inout EnvelopeFields,
        _ hints: inout EnvelopeHeaders.Hints
    ) -> RequestShape {
        guard fields.has(.payload) else { return .malformed("payload is missing") }
        guard fields.has(.pattern), isString(bytes, fields.pattern) else { return .malformed("pattern is no string") }
        if let fault = fault(bytes, &fields, &hints) { return .malformed(fault) }
        let pattern = UnsafeRawBufferPointer(rebasing: bytes[fields.pattern])
        guard pattern.contains(UInt8(ascii: "\\")) else {
            return pattern.count - 2 <= EnvelopeLimits.patternBytes ? .message(kind, escapedPattern: nil) : longPattern
        }
        return escaped(kind, bytes, fields.pattern)
    }

    /// What is wrong with the fields that a request may have; nil when nothing is.
    @inline(__always)
    static func fault(
        _ bytes: UnsafeRawBufferPointer, _ fields: inout EnvelopeFields, _ hints: inout EnvelopeHeaders.Hints
    ) -> String? {
        guard optionalString(bytes, &fields, .reply), optionalString(bytes, &fields, .correlationID) else {
            return "reply or correlation_id is no string"
        }
        guard fields.has(.headers) else { return nil }
        guard !JSONText.isNull(bytes, fields.headers) else {
            fields.seen &= ~EnvelopeFields.Name.headers.rawValue
            return nil
        }
        return EnvelopeHeaders.scan(bytes, fields.headers, into: &hints)
    }

    private static var longPattern: RequestShape { .malformed("pattern is too long") }

    /// No escape takes more than six bytes for each it stands for: what is longer is not looked at.
    private static func escaped(
        _ kind: MessageKind, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>
    ) -> RequestShape {
        guard range.count - 2 <= EnvelopeLimits.patternBytes * 6 else { return longPattern }
        let pattern = JSONText.string(bytes, range)
        if let pattern, pattern.utf8.count > EnvelopeLimits.patternBytes { return longPattern }
        return .message(kind, escapedPattern: pattern)
    }

    @inline(__always)
    private static func isString(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        bytes[range.lowerBound] == UInt8(ascii: "\"")
    }

    @inline(__always)
    private static func optionalString(
        _ bytes: UnsafeRawBufferPointer, _ fields: inout EnvelopeFields, _ name: EnvelopeFields.Name
    ) -> Bool {
        guard fields.has(name) else { return true }
        let range = name == .reply ? fields.reply : fields.correlationID
        if isString(bytes, range) { return true }
        fields.seen &= ~name.rawValue
        return JSONText.isNull(bytes, range)
    }
}
