import Foundation
import HTTPTypes
import HummingbirdCore
public import NIOCore

extension HTTPCall {
    /// The body: JSON as any type, through the pipes. `ByteBuffer`, `Data` and `String` are the bytes as they are,
    /// whatever the content type; `Payload` is JSON that is not decoded. Optional types may be absent.
    ///
    /// - Throws: ``HTTPException``: 400 that names the path in the JSON, 413 when it is longer than it may be, 415 when
    ///   the content type is none of JSON; what a pipe throws.
    public func body<Value: Decodable>(as type: Value.Type = Value.self) async throws -> Value {
        if let raw = try await rawBody(type) { return try await piped(raw) }
        let bytes = try await collectedBody()
        if bytes.readableBytes == 0 {
            guard let absent = type as? any ExpressibleByNilLiteral.Type,
                let value = absent.init(nilLiteral: ()) as? Value
            else { throw InputFault(.body, "", "is missing").exception }
            return try await piped(value)
        }
        try expectJSON()
        guard let execution, !pipes.isEmpty else { return try decodeJSON(type, from: bytes) }
        var payload = try checkedJSON(bytes)
        for pipe in pipes { payload = try await pipe.transform(payload: payload, execution) }
        return try await piped(try decodeJSON(type, from: payload.buffer))
    }

    /// The body's bytes, whole. May be asked for again.
    ///
    /// - Throws: ``HTTPException`` with status 413 when it is longer than it may be.
    public func collectedBody() async throws -> ByteBuffer {
        switch state.takeBody() {
        case .collected(let bytes): return bytes
        case .taken: throw ApplicationError(.closed, "the body of the request is read already")
        case .unread: break
        }
        let limit = state.route.maxBodySize
        let announced = try announcedLength(upTo: limit)
        if announced == 0, state.request.headers[.transferEncoding] == nil {
            state.keep(ByteBuffer())
            return ByteBuffer()
        }
        expectContinue()
        do {
            let bytes = try await state.request.body.collect(upTo: limit)
            state.keep(bytes)
            return bytes
        } catch is NIOTooManyBytesError {
            throw HTTPException.bodyTooLarge
        }
    }

    /// The body as it comes, in pieces; the peer is held back while nobody reads. To be read once.
    ///
    /// - Parameter limit: The most bytes, all in all; nil: as many as the handler's options allow.
    /// - Throws: ``HTTPException`` with status 413 when it is announced to be longer; reading throws it too.
    public func bodyStream(upTo limit: Int? = nil) throws -> HTTPBodyStream {
        let limit = limit ?? state.route.maxBodySize
        switch state.takeBody() {
        case .collected(let bytes): return HTTPBodyStream(body: RequestBody(buffer: bytes), limit: limit)
        case .taken: throw ApplicationError(.closed, "the body of the request is read already")
        case .unread: break
        }
        _ = try announcedLength(upTo: limit)
        expectContinue()
        return HTTPBodyStream(body: state.request.body, limit: limit)
    }
}

extension HTTPCall {
    /// What the head says, if it says it; refused right away when it is too much.
    private func announcedLength(upTo limit: Int) throws -> Int? {
        guard let text = state.request.headers[.contentLength] else {
            return state.request.headers[.transferEncoding] == nil ? 0 : nil
        }
        guard let length = Int(text) else { return nil }
        guard length <= limit else { throw HTTPException.bodyTooLarge }
        return length
    }

    private func expectContinue() {
        guard state.request.headers[.expect]?.lowercased() == "100-continue" else { return }
        state.connection?.continueBody()
    }

    /// Nil when the type is to be decoded.
    private func rawBody<Value>(_ type: Value.Type) async throws -> Value? {
        switch type {
        case is ByteBuffer.Type: return try await collectedBody() as? Value
        case is Data.Type: return Data(try await collectedBody().readableBytesView) as? Value
        case is String.Type: return String(buffer: try await collectedBody()) as? Value
        default: return nil
        }
    }

    private func expectJSON() throws {
        guard let text = state.request.headers[.contentType] else { return }
        guard !MediaType(text).isJSON else { return }
        throw HTTPException(415, "the body must be JSON, not `\(text)`")
    }

    private func checkedJSON(_ bytes: ByteBuffer) throws -> Payload {
        do throws(TransportError) {
            return try Payload(json: bytes)
        } catch {
            throw InputFault(.body, "", error.message).exception
        }
    }

    private func decodeJSON<Value: Decodable>(_ type: Value.Type, from bytes: ByteBuffer) throws -> Value {
        if type == Payload.self, let payload = try checkedJSON(bytes) as? Value { return payload }
        do {
            return try bytes.withUnsafeReadableBytes { try codec.decode(type, from: $0) }
        } catch let error as DecodingError {
            throw InputFault(.body, decoding: error).exception
        }
    }
}
