import NIOCore

/// The header lists of one connection's calls.
struct CallFields {
    private let send: HTTP2Fields
    private let emit: HTTP2Fields
    private let stream: HTTP2Fields

    init(_ options: GRPCOptions) {
        send = Self.fields(.send, options)
        emit = Self.fields(.emit, options)
        stream = Self.fields(.sendStream, options)
    }

    private static func fields(_ method: GRPCMethod, _ options: GRPCOptions) -> HTTP2Fields {
        var fields = HTTP2Fields()
        fields.add(":method", "POST")
        fields.add(":scheme", options.tls == nil ? "http" : "https")
        fields.add(":path", method.path.description)
        fields.add(":authority", options.address)
        fields.add("te", "trailers")
        fields.add("content-type", "application/grpc")
        fields.add("user-agent", "swift-nest")
        if options.compression == .gzip { fields.add("grpc-accept-encoding", MessageEncoding.accepted) }
        if method == .sendStream { fields.add("nest-stream", String(options.streamWindow)) }
        return fields
    }

    /// The list for a call that is made now.
    func fields(for call: ClientCall, isCompressed: Bool, now: NIODeadline) -> HTTP2Fields {
        var fields =
            switch call.kind {
            case .send: send
            case .emit: emit
            case .stream: stream
            }
        if isCompressed { fields.add("grpc-encoding", "gzip") }
        if let milliseconds = timeout(of: call, now) {
            fields.add("grpc-timeout", GRPCTimeout.text(milliseconds: milliseconds), isIndexed: false)
        }
        for header in call.message.ownHeaders {
            let field = GRPCMetadata.field(header.name, header.value)
            fields.add(field.name, field.value)
        }
        return fields
    }

    /// An event's handlers are nobody's to hurry.
    private func timeout(of call: ClientCall, _ now: NIODeadline) -> Int64? {
        switch call.kind {
        case .emit: nil
        case .send: call.message.toldMilliseconds == nil ? nil : call.message.millisecondsLeft(at: now)
        case .stream: call.message.streamDeadline.map { max(1, ($0 - now).nanoseconds / 1_000_000) }
        }
    }
}
