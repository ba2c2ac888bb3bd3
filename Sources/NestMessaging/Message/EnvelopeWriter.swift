import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes envelopes. Payloads and ids are spliced in as they are.
enum EnvelopeWriter {
    /// `{"id":…,"ok":true,"payload":…}`: the hot one, written with one reservation.
    @inline(__always)
    static func success(_ payload: Payload, more: Bool, id: ByteBuffer?, to buffer: inout ByteBuffer) {
        let size = 64 + payload.count + (id?.readableBytes ?? 0)
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            var cursor = ByteCursor(target)
            if let id {
                cursor.append(#"{"id":"#)
                cursor.append(id)
                cursor.append(#","ok":true,"payload":"#)
            } else {
                cursor.append(#"{"ok":true,"payload":"#)
            }
            cursor.append(payload.buffer)
            cursor.append(more ? #","more":true}"# : "}")
            return cursor.count
        }
    }

    /// The same, with what is put in still in other hands.
    @inline(__always)
    static func success(
        _ payload: UnsafeRawBufferPointer, id: UnsafeRawBufferPointer, to buffer: inout ByteBuffer
    ) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 + payload.count + id.count) { target in
            var cursor = ByteCursor(target)
            cursor.append(#"{"id":"#)
            cursor.append(id)
            cursor.append(#","ok":true,"payload":"#)
            cursor.append(payload)
            cursor.append(byte: UInt8(ascii: "}"))
            return cursor.count
        }
    }

    /// The same without an id.
    @inline(__always)
    static func success(_ payload: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: 64 + payload.count) { target in
            var cursor = ByteCursor(target)
            cursor.append(#"{"ok":true,"payload":"#)
            cursor.append(payload)
            cursor.append(byte: UInt8(ascii: "}"))
            return cursor.count
        }
    }

    static func end(id: ByteBuffer?, to buffer: inout ByteBuffer) {
        begin(id, &buffer)
        buffer.writeStaticString(#""ok":true}"#)
    }

    static func failure(_ error: TransportError, id: ByteBuffer?, to buffer: inout ByteBuffer) {
        begin(id, &buffer)
        buffer.writeStaticString(#""ok":false,"error":{"message":"#)
        writeQuoted(error.message, to: &buffer)
        if !error.code.rawValue.isEmpty {
            buffer.writeStaticString(#","code":"#)
            writeQuoted(error.code.rawValue, to: &buffer)
        }
        if let details = error.details {
            buffer.writeStaticString(#","details":"#)
            buffer.writeImmutableBuffer(details.buffer)
        }
        buffer.writeStaticString("}}")
    }

    private static func begin(_ id: ByteBuffer?, _ buffer: inout ByteBuffer) {
        guard let id else { return _ = buffer.writeStaticString("{") }
        buffer.writeStaticString(#"{"id":"#)
        buffer.writeImmutableBuffer(id)
        buffer.writeStaticString(",")
    }

    static func control(_ control: StreamControl, id: UInt64, to buffer: inout ByteBuffer) {
        buffer.writeStaticString(#"{"id":""#)
        buffer.writeString(String(id))
        switch control {
        case .credit(let count):
            buffer.writeStaticString(#"","kind":"credit","count":"#)
            buffer.writeString(String(count))
            buffer.writeStaticString("}")
        case .cancel: buffer.writeStaticString(#"","kind":"cancel"}"#)
        }
    }

    /// A request or event; fields in the order of revision 1. Written with one reservation.
    @inline(__always)
    static func request(
        _ kind: MessageKind, _ message: OutgoingMessage, id: UInt64?, reply: String?, correlationID: String?,
        to buffer: inout ByteBuffer
    ) {
        var size = size(of: message)
        if reply != nil || correlationID != nil {
            size += ((reply?.utf8.count ?? 0) + (correlationID?.utf8.count ?? 0)) * 6
        }
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: size) { target in
            write(kind, message, id: id, reply: reply, correlationID: correlationID, to: target)
        }
    }

    /// Lends a request or event that nobody keeps; a usual one stands on the stack.
    @inline(__always)
    static func withRequest(
        _ kind: MessageKind, _ message: OutgoingMessage, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        withUnsafeTemporaryAllocation(byteCount: size(of: message), alignment: 1) { room in
            let count = write(kind, message, id: nil, reply: nil, correlationID: nil, to: room)
            body(UnsafeRawBufferPointer(rebasing: room[..<count]))
        }
    }

    @inline(__always)
    private static func write(
        _ kind: MessageKind, _ message: OutgoingMessage, id: UInt64?, reply: String?, correlationID: String?,
        to target: UnsafeMutableRawBufferPointer
    ) -> Int {
        var cursor = ByteCursor(target)
        head(kind, message.pattern, id, &cursor)
        cursor.append(message.payload.buffer)
        if let reply {
            cursor.append(#","reply":"#)
            cursor.append(quoting: reply)
        }
        if let correlationID {
            cursor.append(#","correlation_id":"#)
            cursor.append(quoting: correlationID)
        }
        headers(of: message, &cursor)
        cursor.append(byte: UInt8(ascii: "}"))
        return cursor.count
    }

    /// Room for the request if every byte of its names and texts had to be escaped.
    @inline(__always)
    private static func size(of message: OutgoingMessage) -> Int {
        var size = 224 + message.payload.count + message.pattern.name.utf8.count * 6
        for entry in message.ownHeaders { size += (entry.name.utf8.count + entry.value.utf8.count) * 6 + 8 }
        return size
    }

    @inline(__always)
    private static func head(_ kind: MessageKind, _ pattern: Pattern, _ id: UInt64?, _ cursor: inout ByteCursor) {
        if let id {
            cursor.append(#"{"id":""#)
            cursor.append(decimal: id)
            cursor.append(#"","kind":"#)
        } else {
            cursor.append(#"{"kind":"#)
        }
        cursor.append(kind == .send ? #""send","pattern":"# : #""emit","pattern":"#)
        cursor.append(quoting: pattern.name)
        cursor.append(#","payload":"#)
    }

    @inline(__always)
    private static func headers(of message: OutgoingMessage, _ cursor: inout ByteCursor) {
        guard message.toldMilliseconds != nil || !message.ownHeaders.isEmpty else { return }
        cursor.append(#","headers":{"#)
        for entry in message.ownHeaders {
            cursor.append(quoting: entry.name)
            cursor.append(byte: UInt8(ascii: ":"))
            cursor.append(quoting: entry.value)
            cursor.append(byte: UInt8(ascii: ","))
        }
        if let milliseconds = message.toldMilliseconds {
            cursor.append(#""nest-timeout-ms":""#)
            cursor.append(decimal: UInt64(clamping: milliseconds))
            cursor.append(#""}"#)
        } else {
            cursor.replaceLast(by: UInt8(ascii: "}"))
        }
    }

    /// A JSON string.
    static func writeQuoted(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: text.utf8.count * 6 + 2) { target in
            var cursor = ByteCursor(target)
            cursor.append(quoting: text)
            return cursor.count
        }
    }
}

/// Appends to memory whose size was reserved beforehand.
struct ByteCursor {
    private let base: UnsafeMutableRawPointer?
    private(set) var count = 0

    @inline(__always)
    init(_ target: UnsafeMutableRawBufferPointer) { base = target.baseAddress }

    @inline(__always)
    mutating func append(_ text: StaticString) {
        copy(text.utf8Start, text.utf8CodeUnitCount)
    }

    @inline(__always)
    mutating func append(_ buffer: ByteBuffer) {
        buffer.withUnsafeReadableBytes { copy($0.baseAddress, $0.count) }
    }

    @inline(__always)
    mutating func append(_ bytes: UnsafeRawBufferPointer) { copy(bytes.baseAddress, bytes.count) }

    @inline(__always)
    mutating func append(byte: UInt8) {
        base?.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
        count &+= 1
    }

    @inline(__always)
    mutating func replaceLast(by byte: UInt8) {
        base?.storeBytes(of: byte, toByteOffset: count &- 1, as: UInt8.self)
    }

    @inline(__always)
    private mutating func copy(_ source: UnsafeRawPointer?, _ length: Int) {
        guard let source, let base, length > 0 else { return }
        memcpy(base + count, source, length)
        count &+= length
    }

    mutating func append(decimal value: UInt64) {
        var rest = value
        let end = count + (value == 0 ? 1 : decimalDigits(value))
        var at = end
        repeat {
            at &-= 1
            base?.storeBytes(
                of: UInt8(ascii: "0") &+ UInt8(truncatingIfNeeded: rest % 10), toByteOffset: at, as: UInt8.self)
            rest /= 10
        } while rest > 0
        count = end
    }

    @inline(__always)
    private func decimalDigits(_ value: UInt64) -> Int {
        var digits = 1
        var rest = value / 10
        while rest > 0 {
            digits &+= 1
            rest /= 10
        }
        return digits
    }

    /// A JSON string; takes at most six bytes for each byte of the text, and two quotes.
    mutating func append(quoting text: String) {
        var text = text
        append(byte: UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            let plain = bytes.allSatisfy { $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
            if plain { copy(bytes.baseAddress, bytes.count) } else { for byte in bytes { append(escaping: byte) } }
        }
        append(byte: UInt8(ascii: "\""))
    }

    private mutating func append(escaping byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(#"\""#)
        case UInt8(ascii: "\\"): append(#"\\"#)
        case 0x0A: append(#"\n"#)
        case 0x0D: append(#"\r"#)
        case 0x09: append(#"\t"#)
        case 0..<0x20:
            append(#"\u00"#)
            append(byte: hex(byte >> 4))
            append(byte: hex(byte & 15))
        default: append(byte: byte)
        }
    }

    private func hex(_ digit: UInt8) -> UInt8 {
        digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }
}
