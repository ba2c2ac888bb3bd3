/// From header fields to what the call is.
extension ServerStream {
    /// Takes a field; nothing is kept of those that nobody reads.
    @inline(__always)
    func take(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard !hasHeaders, name.count > 1 else { return }
        switch name.count {
        case 5 where Name.path.isEqual(to: name):
            method = GRPCMethod(path: value)
        case 7 where Name.method.isEqual(to: name): isPost = Name.post.isEqual(to: value)
        case 7 where Name.scheme.isEqual(to: name): break
        case 10 where Name.authority.isEqual(to: name) || Name.userAgent.isEqual(to: name): break
        case 2 where Name.te.isEqual(to: name): break
        case 12 where Name.contentType.isEqual(to: name): isGRPC = Self.isGRPC(value)
        case 12 where Name.timeout.isEqual(to: name): take(timeout: value)
        case 13 where Name.encoding.isEqual(to: name): take(encoding: value)
        case 20 where Name.encodings.isEqual(to: name): take(encodings: value)
        case 14 where Name.contentLength.isEqual(to: name): break
        case 15 where Name.acceptEncoding.isEqual(to: name): break
        case 11 where Name.window.isEqual(to: name):
            window = Int(String(decoding: value, as: UTF8.self)).map { min(max(1, $0), 1 << 20) }
        default: takeOther(name, value)
        }
    }

    private static func isGRPC(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        let prefix = Name.grpc
        guard value.count >= prefix.utf8CodeUnitCount else { return false }
        guard prefix.isEqual(to: UnsafeBufferPointer(rebasing: value[..<prefix.utf8CodeUnitCount])) else {
            return false
        }
        // `application/grpc-web` is something else.
        return value.count == prefix.utf8CodeUnitCount || [0x2b, 0x3b].contains(value[prefix.utf8CodeUnitCount])
    }

    private func take(timeout value: UnsafeBufferPointer<UInt8>) {
        guard let milliseconds = GRPCTimeout.milliseconds(value) else {
            return refuse(GRPCStatus(.invalidArgument, "grpc-timeout is none"))
        }
        timeoutMilliseconds = milliseconds
    }

    private func take(encoding value: UnsafeBufferPointer<UInt8>) {
        encoding = MessageEncoding(value)
        if encoding == .other { refuse(GRPCStatus(.unimplemented, "messages are not taken in this grpc-encoding")) }
    }

    private func take(encodings value: UnsafeBufferPointer<UInt8>) {
        namesEncodings = true
        if MessageEncoding.listsGzip(value) { takesGzip = true }
    }

    private func takeOther(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        guard name[0] != UInt8(ascii: ":"), headers.count < GRPCMetadata.limit else { return }
        let name = String(decoding: name, as: UTF8.self)
        guard !name.hasPrefix("grpc-") else { return }
        let header = GRPCMetadata.header(name, String(decoding: value, as: UTF8.self))
        // Lists of a name are one value, as HTTP has it.
        headers[header.name] = headers[header.name].map { "\($0),\(header.value)" } ?? header.value
    }

    private func refuse(_ status: GRPCStatus) {
        if refusal == nil { refusal = .status(status) }
    }

    /// What the headers come to, once they are all there.
    func judgeHeaders(servesReflection: Bool) {
        hasHeaders = true
        if method?.isBidirectional == true, !servesReflection { method = nil }
        if !isPost {
            refusal = .http(405)
        } else if !isGRPC {
            refusal = .http(415)
        } else if method == nil {
            refusal = .status(GRPCStatus(.unimplemented, "there is no such method"))
        }
    }

    private enum Name {
        static let path: StaticString = ":path"
        static let method: StaticString = ":method"
        static let scheme: StaticString = ":scheme"
        static let authority: StaticString = ":authority"
        static let te: StaticString = "te"
        static let post: StaticString = "POST"
        static let userAgent: StaticString = "user-agent"
        static let contentType: StaticString = "content-type"
        static let contentLength: StaticString = "content-length"
        static let acceptEncoding: StaticString = "accept-encoding"
        static let grpc: StaticString = "application/grpc"
        static let timeout: StaticString = "grpc-timeout"
        static let encoding: StaticString = "grpc-encoding"
        static let encodings: StaticString = "grpc-accept-encoding"
        static let window: StaticString = "nest-stream"
    }
}
