import NIOCore

/// Messages that come compressed, and those that leave so.
extension ClientConnection {
    /// Compresses the call's request when the server takes that, which it says with its first answer.
    func compress(_ stream: ClientStream) -> Bool {
        takesGzip && stream.outbox.compressMessage(from: stream.outbox.readerIndex, with: gzip)
    }

    /// A server says with its answers what it takes.
    func noteEncodings(of stream: ClientStream) {
        guard options.compression == .gzip, let takesGzip = stream.serverTakesGzip else { return }
        self.takesGzip = takesGzip
    }

    func inflated(_ message: ByteBuffer, of stream: ClientStream) throws(TransportError) -> ByteBuffer {
        guard stream.encoding == .gzip else {
            throw TransportError(.invalidMessage, "the answer is compressed, and does not say how")
        }
        do throws(Gzip.Failure) {
            return try gzip.inflated(message, limit: options.maxMessageBytes)
        } catch {
            switch error {
            case .malformed: throw TransportError(.invalidMessage, "the answer is no gzip")
            case .tooLarge: throw tooLarge
            case .noMemory: throw TransportError(.overloaded, "no memory to inflate the answer")
            }
        }
    }
}
