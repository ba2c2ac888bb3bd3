import NIOCore

/// An answer that no handler gives, as bytes: the connection's last.
enum RawAnswer {
    static let continueBody = ByteBuffer(string: "HTTP/1.1 100 Continue\r\n\r\n")

    static func problem(_ error: HTTPException) -> ByteBuffer {
        let body = ProblemDocument(error: error, instance: "").json
        var bytes = ByteBuffer()
        bytes.writeString("HTTP/1.1 \(error.status) \(error.title)\r\n")
        bytes.writeString("content-type: application/problem+json\r\n")
        bytes.writeString("content-length: \(body.readableBytes)\r\nconnection: close\r\n")
        bytes.writeString("date: \(HTTPDate.now)\r\n\r\n")
        bytes.writeImmutableBuffer(body)
        return bytes
    }
}
