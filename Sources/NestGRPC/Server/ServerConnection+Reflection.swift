import NIOCore

/// `grpc.reflection`: what is served.
extension ServerConnection {
    /// Questions are short.
    private static let questionBytes = 8 << 10

    /// Answers what has come whole. Who does not take the answers is not answered further.
    func takeQuestions(_ stream: ServerStream) {
        defer { giveBackQuestions(stream) }
        while true {
            switch GRPCMessageFrame.next(in: &stream.inbox, limit: Self.questionBytes) {
            case .incomplete: return
            case .tooLarge: return refuse(stream, GRPCStatus(.resourceExhausted, "the question is too long"))
            case .malformed: return refuse(stream, GRPCStatus(.invalidArgument, "there is no whole message"))
            case .message(let frame): guard answer(frame, stream) else { return }
            case .compressed(let frame):
                guard let frame = inflated(frame, limit: Self.questionBytes, for: stream) else { return }
                guard answer(frame, stream) else { return }
                letGoOfInflated(stream)
            }
        }
    }

    private func answer(_ frame: ByteBuffer, _ stream: ServerStream) -> Bool {
        guard let question = ReflectionMessages.question(frame) else {
            refuse(stream, GRPCStatus(.invalidArgument, "the request is no protobuf message"))
            return false
        }
        guard stream.outbox.readableBytes < ServerStream.outputLimit else {
            refuse(stream, GRPCStatus(.resourceExhausted, "answers are not taken"))
            return false
        }
        let start = stream.outbox.writerIndex
        ReflectionMessages.answer(question, frame, to: &stream.outbox)
        stream.wrote(stream.outbox.writerIndex - start)
        show(stream)
        return true
    }

    private func giveBackQuestions(_ stream: ServerStream) {
        stream.inbox.discardReadBytes()
        let held = min(stream.heldBytes, stream.inbox.readableBytes)
        let free = stream.heldBytes - held
        give(back: free)
        incompleteBytes -= free
        stream.heldBytes = held
    }
}
