import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore

/// Writes answers to a connection.
enum AnswerWriting {
    @concurrent
    static func write(_ answer: HTTPAnswer, to writer: consuming ResponseWriter, isHead: Bool) async throws {
        let status = answer.status ?? .ok
        var fields = answer.fields
        let hasBody = status.code >= 200 && status != .noContent && status != .notModified
        if hasBody, let length = answer.body.contentLength, !fields.contains(.contentLength) {
            fields.append(HTTPField(name: .contentLength, value: String(length)))
        }
        if !fields.contains(.date) { fields.append(HTTPDate.field) }
        let head = HTTPResponse(status: status, headerFields: fields)
        guard hasBody, !isHead else { return try await writer.writeResponse(head) }
        try await writer.write(response: head, body: answer.body)
    }

    /// A stream that fails has no status left to say so: its connection is cut. A peer that went away is no failure.
    static func report(_ error: any Error, _ request: HummingbirdRequest, _ logger: Logger) {
        switch error {
        case is CancellationError, is ChannelError, is IOError, is NIOAsyncWriterError: return
        default: break
        }
        logger.error(
            "answer broke off",
            metadata: [
                LogKey.error: .string("\(error)"), HTTPLogKey.method: .string(request.method.rawValue),
                HTTPLogKey.path: .string(String(request.path)),
            ])
    }
}
