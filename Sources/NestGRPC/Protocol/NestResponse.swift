import NIOCore

/// `SendResponse` and `EmitResponse` of `nest.proto`: the same fields under different numbers.
struct NestResponse {
    /// The numbers of the fields; `ok` is 1 in both.
    struct Numbers {
        /// Nil: there is no payload.
        var payload: UInt8?
        var message: UInt8
        var details: UInt8
        var hasDetails: UInt8
        var code: UInt8

        static let send = Numbers(payload: 2, message: 3, details: 4, hasDetails: 5, code: 6)
        static let emit = Numbers(payload: nil, message: 2, details: 3, hasDetails: 4, code: 5)

        static func of(_ kind: MessageKind) -> Numbers { kind == .send ? send : emit }
    }

    /// What a failure is called that did not say so.
    private static let unnamed = "microservice error"

    // MARK: Writing

    /// The length of a successful response with a payload of so many bytes.
    @inline(__always)
    static func length(_ payload: Int) -> Int { 2 + ProtobufSize.field(payload) }

    /// Appends a successful response as one gRPC message.
    @inline(__always)
    static func write(_ payload: UnsafeRawBufferPointer, to buffer: inout ByteBuffer) {
        let length = length(payload.count)
        buffer.reserveCapacity(minimumWritableBytes: length + GRPCMessageFrame.prefixLength)
        buffer.writeMessagePrefix(length)
        buffer.writeField(1, 1)
        buffer.writeField(2, payload)
    }

    /// Appends the answer to an event that was taken.
    static func writeTaken(to buffer: inout ByteBuffer) { buffer.writeMessage { $0.writeField(1, 1) } }

    /// Appends a failed response as one gRPC message.
    static func write(_ error: TransportError, _ kind: MessageKind, to buffer: inout ByteBuffer) {
        let numbers = Numbers.of(kind)
        buffer.writeMessage { buffer in
            buffer.writeField(numbers.message, error.message)
            if let details = error.details {
                details.withBytes { buffer.writeField(numbers.details, $0) }
                buffer.writeField(numbers.hasDetails, 1)
            }
            buffer.writeField(numbers.code, error.code.rawValue)
        }
    }

    // MARK: Reading

    /// Reads a response. Throws `invalid_message` for what is none.
    static func read(_ frame: ByteBuffer, _ kind: MessageKind) throws(TransportError) -> WireResponse {
        let result = frame.withUnsafeReadableBytes { bytes -> Result<WireResponse, TransportError> in
            do throws(ProtobufReader.Failure) {
                return try read(bytes, Numbers.of(kind), frame)
            } catch {
                return .failure(TransportError(.invalidMessage, "the answer is no protobuf message: \(error)"))
            }
        }
        return try result.get()
    }

    private static func read(
        _ bytes: UnsafeRawBufferPointer, _ numbers: Numbers, _ frame: ByteBuffer
    ) throws(ProtobufReader.Failure) -> Result<WireResponse, TransportError> {
        var reader = ProtobufReader(bytes)
        var fields = Fields()
        while let field = try reader.next() { try fields.take(field, numbers, &reader) }
        guard fields.isOK else { return .success(.failure(try fields.error(reader, frame))) }
        guard numbers.payload != nil else { return .success(.success(.null)) }
        guard isJSON(bytes, fields.payload) else {
            return .failure(TransportError(.invalidMessage, "the answer's payload_json is no JSON value"))
        }
        return .success(.success(Payload(trusted: frame.part(fields.payload))))
    }

    fileprivate static func isJSON(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        (try? JSONScanner.validate(UnsafeRawBufferPointer(rebasing: bytes[range]))) != nil
    }

    private struct Fields {
        var isOK = false
        var payload = 0..<0
        var message: Range<Int>?
        var details = 0..<0
        var hasDetails = false
        var code = 0..<0

        @inline(__always)
        mutating func take(
            _ field: (number: UInt64, kind: ProtobufReader.Kind), _ numbers: Numbers, _ reader: inout ProtobufReader
        ) throws(ProtobufReader.Failure) {
            let number = field.number > 15 ? 0 : UInt8(field.number)
            switch number {
            case 1: isOK = try reader.flag(of: field)
            case numbers.payload: payload = try reader.range(of: field) ?? payload
            case numbers.message: message = try reader.range(of: field) ?? message
            case numbers.details: details = try reader.range(of: field) ?? details
            case numbers.hasDetails: hasDetails = try reader.flag(of: field)
            case numbers.code: code = try reader.range(of: field) ?? code
            default: try reader.skip(field.kind)
            }
        }

        /// Details that are no JSON are left out: the error is more important than they are.
        func error(
            _ reader: ProtobufReader, _ frame: ByteBuffer
        ) throws(ProtobufReader.Failure) -> TransportError {
            let text = try message.map { range throws(ProtobufReader.Failure) in try reader.string(range) } ?? unnamed
            let isKept = hasDetails && isJSON(reader.bytes, details)
            return TransportError(
                .init(rawValue: try reader.string(code)), text,
                details: isKept ? Payload(trusted: frame.part(details)) : nil, origin: .peer)
        }
    }
}

extension ByteBuffer {
    /// A part of the readable bytes.
    fileprivate func part(_ range: Range<Int>) -> ByteBuffer {
        getSlice(at: readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }
}
