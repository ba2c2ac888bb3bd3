import NIOCore

extension ByteBuffer {
    @inline(__always)
    mutating func writeVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            writeInteger(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        writeInteger(UInt8(rest))
    }

    @inline(__always)
    mutating func writeTag(_ number: UInt8, _ kind: ProtobufReader.Kind) { writeInteger(number << 3 | kind.rawValue) }

    /// A field of bytes, message or text. Empty ones are left out, as proto3 has it.
    @inline(__always)
    mutating func writeField(_ number: UInt8, _ bytes: UnsafeRawBufferPointer) {
        guard !bytes.isEmpty else { return }
        writeTag(number, .bytes)
        writeVarint(UInt64(bytes.count))
        writeBytes(bytes)
    }

    mutating func writeField(_ number: UInt8, _ bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { writeField(number, $0) }
    }

    mutating func writeField(_ number: UInt8, _ text: String) {
        var text = text
        text.withUTF8 { writeField(number, UnsafeRawBufferPointer($0)) }
    }

    mutating func writeField(_ number: UInt8, _ value: UInt64) {
        guard value != 0 else { return }
        writeTag(number, .varint)
        writeVarint(value)
    }
}

/// How many bytes protobuf takes.
enum ProtobufSize {
    @inline(__always)
    static func varint(_ value: Int) -> Int {
        var (rest, size) = (value >> 7, 1)
        while rest > 0 {
            rest >>= 7
            size += 1
        }
        return size
    }

    /// Of a field with a number below 16.
    @inline(__always)
    static func field(_ count: Int) -> Int { count == 0 ? 0 : 1 + varint(count) + count }
}
