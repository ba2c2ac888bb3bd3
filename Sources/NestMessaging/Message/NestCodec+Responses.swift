package import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension NestCodec {
    package func readResponse(_ frame: ByteBuffer, in range: ByteRange) throws(EnvelopeError) -> InboundResponse {
        var fields = EnvelopeFields()
        var shape = ResponseShape()
        let fault = frame.withUnsafeBytes(in: range) { bytes -> String? in
            do throws(EnvelopeScanner.Failure) {
                try EnvelopeScanner.scan(bytes, into: &fields)
            } catch {
                return error.reason
            }
            return shape.read(bytes, fields)
        }
        if let fault {
            throw EnvelopeError(reason: fault, id: fields.has(.id) ? frame.slice(fields.id, from: range) : nil)
        }
        return InboundResponse(
            id: shape.id, correlationID: shape.correlationID,
            content: content(frame, range, fields, shape))
    }

    /// Where the payload stands in a response that says no more than that all is well, as we write it; nil for any other,
    /// which ``readResponse(_:in:)`` reads. For bytes that are a library's: only the payload need be copied.
    package func payload(ofPlain bytes: UnsafeRawBufferPointer) -> Range<Int>? {
        let head: StaticString = #"{"ok":true,"payload":"#
        let start = head.utf8CodeUnitCount
        guard bytes.count > start, let first = bytes.baseAddress, memcmp(first, head.utf8Start, start) == 0,
            let end = try? JSONScanner.skipValue(bytes, at: start), end == bytes.count - 1,
            bytes[end] == UInt8(ascii: "}")
        else { return nil }
        return start..<end
    }

    @inline(__always)
    private func content(
        _ frame: ByteBuffer, _ range: ByteRange, _ fields: EnvelopeFields, _ shape: ResponseShape
    ) -> InboundResponse.Content {
        guard shape.ok else {
            let details = shape.hasDetails ? Payload(trusted: frame.slice(shape.details, from: range)) : nil
            return .failure(
                TransportError(.init(rawValue: shape.code), shape.message, details: details, origin: .peer))
        }
        let payload = fields.has(.payload) ? Payload(trusted: frame.slice(fields.payload, from: range)) : .null
        return shape.more ? .item(payload) : .success(payload, hasPayload: fields.has(.payload))
    }

    package func write(_ response: OutboundResponse, id: ByteBuffer?, to buffer: inout ByteBuffer) {
        switch response {
        case .reply(.success(let payload)): EnvelopeWriter.success(payload, more: false, id: id, to: &buffer)
        case .reply(.failure(let error)): EnvelopeWriter.failure(error, id: id, to: &buffer)
        case .item(let payload): EnvelopeWriter.success(payload, more: true, id: id, to: &buffer)
        case .end: EnvelopeWriter.end(id: id, to: &buffer)
        }
    }

    package func write(
        _ payload: borrowing JSONWriter, id: ByteRange, in frame: ByteBuffer, to buffer: inout ByteBuffer
    ) {
        payload.withBytes { payload in
            frame.withUnsafeBytes(in: id) { EnvelopeWriter.success(payload, id: $0, to: &buffer) }
        }
    }

    package func write(_ payload: borrowing JSONWriter, to buffer: inout ByteBuffer) {
        payload.withBytes { EnvelopeWriter.success($0, to: &buffer) }
    }

    package func write(_ request: OutboundRequest, to buffer: inout ByteBuffer) {
        EnvelopeWriter.request(
            request.kind, request.message, id: request.id, reply: request.reply, correlationID: request.correlationID,
            to: &buffer)
    }

    package func write(
        _ kind: MessageKind, _ message: OutgoingMessage, id: UInt64?, reply: String? = nil,
        correlationID: String? = nil, to buffer: inout ByteBuffer
    ) {
        EnvelopeWriter.request(kind, message, id: id, reply: reply, correlationID: correlationID, to: &buffer)
    }

    /// Lends the bytes of a request or an event to a transport that hands them on at once. `body` returns nothing: a
    /// result would make this generic, which costs more than all the rest when it is called from another module.
    package func withRequest(
        _ kind: MessageKind, _ message: OutgoingMessage, _ body: (UnsafeRawBufferPointer) -> Void
    ) {
        EnvelopeWriter.withRequest(kind, message, body)
    }

    package func write(_ control: StreamControl, id: UInt64, to buffer: inout ByteBuffer) {
        EnvelopeWriter.control(control, id: id, to: &buffer)
    }
}
