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
            case .compressed:
                return refuse(stream, GRPCStatus(.unimplemented, "messages are not taken compressed"))
            case .tooLarge: return refuse(stream, GRPCStatus(.resourceExhausted, "the question is too long"))
            case .message(let frame):
                guard let question = ReflectionMessages.question(frame) else {
                    return refuse(stream, GRPCStatus(.invalidArgument, "the request is no protobuf message"))
                }
                guard answer(question, frame, stream) else { return }
            }
        }
    }

    private func answer(_ question: ReflectionMessages.Question, _ frame: ByteBuffer, _ stream: ServerStream) -> Bool {
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
