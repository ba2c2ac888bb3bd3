import NIOCore

/// `SendRequest` and `EmitRequest` of `nest.proto`.
enum NestRequest {
    enum Failure: Error, Equatable {
        case malformed(String)
    }

    private static let patternBytes = 512

    /// Reads a request where it stands: nothing is copied.
    static func read(_ kind: MessageKind, _ frame: ByteBuffer) throws(Failure) -> IncomingMessage {
        let base = frame.readerIndex
        let (places, problem) = frame.withUnsafeReadableBytes { bytes -> ((Range<Int>, Range<Int>), String?) in
            do throws(ProtobufReader.Failure) {
                let places = try fields(bytes)
                return (places, check(bytes, places.0, places.1))
            } catch {
                return ((0..<0, 0..<0), "the request is no protobuf message: \(error)")
            }
        }
        if let problem { throw .malformed(problem) }
        return IncomingMessage(
            kind: kind, frame: frame,
            pattern: ByteRange(base + places.0.lowerBound, base + places.0.upperBound),
            payload: ByteRange(base + places.1.lowerBound, base + places.1.upperBound))
    }

    @inline(__always)
    private static func fields(
        _ bytes: UnsafeRawBufferPointer
    ) throws(ProtobufReader.Failure) -> (Range<Int>, Range<Int>) {
        var reader = ProtobufReader(bytes)
        var (pattern, payload) = (0..<0, 0..<0)
        while let field = try reader.next() {
            switch field.number {
            case 1: pattern = try reader.range(of: field) ?? pattern
            case 2: payload = try reader.range(of: field) ?? payload
            default: try reader.skip(field.kind)
            }
        }
        return (pattern, payload)
    }

    /// Says what is wrong; nil: nothing.
    @inline(__always)
    private static func check(_ bytes: UnsafeRawBufferPointer, _ pattern: Range<Int>, _ payload: Range<Int>) -> String?
    {
        guard !pattern.isEmpty else { return "the pattern is empty" }
        guard pattern.count <= patternBytes else { return "the pattern is longer than \(patternBytes) bytes" }
        let text = UnsafeRawBufferPointer(rebasing: bytes[pattern])
        guard text.allSatisfy({ $0 < 0x80 }) || String(validating: text, as: UTF8.self) != nil else {
            return "the pattern is no UTF-8"
        }
        guard !payload.isEmpty else { return "payload_json is empty" }
        do {
            try JSONScanner.validate(UnsafeRawBufferPointer(rebasing: bytes[payload]))
            return nil
        } catch {
            return "payload_json is no JSON value: \(error)"
        }
    }

    /// Appends a request as one gRPC message.
    static func write(_ message: OutgoingMessage, to buffer: inout ByteBuffer) {
        var pattern = message.pattern.name
        pattern.withUTF8 { pattern in
            let length = length(pattern.count, message.payload.count)
            buffer.reserveCapacity(minimumWritableBytes: length + GRPCMessageFrame.prefixLength)
            buffer.writeMessagePrefix(length)
            buffer.writeField(1, UnsafeRawBufferPointer(pattern))
            message.payload.withBytes { buffer.writeField(2, $0) }
        }
    }

    static func length(_ pattern: Int, _ payload: Int) -> Int {
        ProtobufSize.field(pattern) + ProtobufSize.field(payload)
    }
}
