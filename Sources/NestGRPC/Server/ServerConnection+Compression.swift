import NIOCore

/// Messages that come compressed.
extension ServerConnection {
    /// What a compressed message holds; nil when its call is refused for it.
    func inflated(_ message: ByteBuffer, limit: Int, for stream: ServerStream) -> ByteBuffer? {
        guard stream.encoding == .gzip else {
            refuse(stream, GRPCStatus(.internal, "a message is compressed, and grpc-encoding does not say how"))
            return nil
        }
        do throws(Gzip.Failure) {
            let inflated = try shared.gzip.inflated(message, limit: limit)
            return hold(inflated.readableBytes, for: stream) ? inflated : nil
        } catch {
            refuse(stream, status(of: error))
            return nil
        }
    }

    /// Few bytes may become many, which the window does not know of: they have a bound of their own.
    private func hold(_ bytes: Int, for stream: ServerStream) -> Bool {
        stream.inflatedBytes += bytes
        inflatedBytes += bytes
        guard inflatedBytes > services.options.maxInFlightBytesPerConnection else { return true }
        refuse(stream, GRPCStatus(.resourceExhausted, "too many bytes of inflated requests", name: .overloaded))
        return false
    }

    /// Nobody needs what a call has inflated any more.
    func letGoOfInflated(_ stream: ServerStream) {
        inflatedBytes -= stream.inflatedBytes
        stream.inflatedBytes = 0
    }

    private func status(of failure: Gzip.Failure) -> GRPCStatus {
        switch failure {
        case .malformed: GRPCStatus(.invalidArgument, "the message is no gzip", name: .invalidMessage)
        case .tooLarge: requestTooLarge
        case .noMemory: GRPCStatus(.resourceExhausted, "no memory to inflate the message", name: .overloaded)
        }
    }

    var requestTooLarge: GRPCStatus {
        let limit = services.options.maxMessageBytes
        return GRPCStatus(
            .resourceExhausted, "the message is larger than \(limit) bytes, the limit of its server", name: .tooLarge)
    }
}
