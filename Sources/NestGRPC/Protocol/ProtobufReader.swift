/// Walks over the fields of one protobuf message. Every length is checked against the bytes that are there.
struct ProtobufReader {
    enum Failure: Error {
        /// A field goes beyond the message's end.
        case truncated
        /// A number of more than 64 bits, a field with number 0, or a kind of field that does not exist.
        case malformed
    }

    enum Kind: UInt8 {
        case varint = 0
        case fixed64 = 1
        case bytes = 2
        case groupStart = 3
        case groupEnd = 4
        case fixed32 = 5
    }

    private static let groupDepth = 32

    let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// The next field's number and kind; nil at the end.
    @inline(__always)
    mutating func next() throws(Failure) -> (number: UInt64, kind: Kind)? {
        guard offset < bytes.count else { return nil }
        let tag = try varint()
        guard tag >> 3 != 0, tag <= UInt32.max, let kind = Kind(rawValue: UInt8(tag & 7)) else {
            throw .malformed
        }
        return (tag >> 3, kind)
    }

    @inline(__always)
    mutating func varint() throws(Failure) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            guard offset < bytes.count else { throw .truncated }
            let byte = bytes[offset]
            offset += 1
            if shift == 63, byte > 1 { throw .malformed }
            value |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    /// Where the bytes of a field stand.
    @inline(__always)
    mutating func lengthDelimited() throws(Failure) -> Range<Int> {
        let length = try varint()
        guard length <= UInt64(bytes.count - offset) else { throw .truncated }
        defer { offset += Int(length) }
        return offset..<offset + Int(length)
    }

    /// Passes over a field that nobody asked for.
    mutating func skip(_ kind: Kind) throws(Failure) {
        switch kind {
        case .varint: _ = try varint()
        case .fixed64: try pass(8)
        case .fixed32: try pass(4)
        case .bytes: _ = try lengthDelimited()
        case .groupStart: try skipGroup()
        case .groupEnd: throw .malformed
        }
    }

    private mutating func skipGroup() throws(Failure) {
        var depth = 1
        while depth > 0 {
            guard let field = try next() else { throw .truncated }
            switch field.kind {
            case .groupStart:
                depth += 1
                guard depth <= Self.groupDepth else { throw .malformed }
            case .groupEnd: depth -= 1
            default: try skip(field.kind)
            }
        }
    }

    private mutating func pass(_ count: Int) throws(Failure) {
        guard bytes.count - offset >= count else { throw .truncated }
        offset += count
    }
}

extension ProtobufReader {
    /// The bytes of a field; nil unless the field is of that kind, in which case it is passed over.
    @inline(__always)
    mutating func range(of field: (number: UInt64, kind: Kind)) throws(Failure) -> Range<Int>? {
        guard field.kind == .bytes else {
            try skip(field.kind)
            return nil
        }
        return try lengthDelimited()
    }

    mutating func flag(of field: (number: UInt64, kind: Kind)) throws(Failure) -> Bool {
        guard field.kind == .varint else {
            try skip(field.kind)
            return false
        }
        return try varint() != 0
    }

    /// Text as it stands in a field; what is no UTF-8 is malformed.
    func string(_ range: Range<Int>) throws(Failure) -> String {
        let text = UnsafeRawBufferPointer(rebasing: bytes[range])
        guard let string = String(validating: text, as: UTF8.self) else { throw .malformed }
        return string
    }
}
