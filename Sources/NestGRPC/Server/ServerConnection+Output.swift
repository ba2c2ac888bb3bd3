import NIOCore

/// From outcomes to messages and statuses.
extension ServerConnection {
    /// gRPC keeps nothing: what other transports would deliver again or keep aside is done with once its caller knows.
    func answer(_ outcome: Outcome, _ stream: ServerStream) {
        guard !stream.isClosed, !stream.isAnswered else { return }
        let isEvent = stream.method == .emit
        switch outcome {
        case .reply(.success(let payload)): payload.withBytes { reply($0, to: stream) }
        case .reply(.failure(let error)), .replyAndDeadLetter(.failure(let error), _): fail(stream, error)
        case .replyAndDeadLetter(.success, _), .stream: break
        case .done: if isEvent { answerTaken(stream) }
        case .retry(_, let error): fail(stream, error)
        case .deadLetter(let letter): fail(stream, letter.error)
        }
    }

    /// Replies with what stands in the loop's writer.
    @inline(__always)
    func replyWritten(to stream: ServerStream) {
        guard !stream.isClosed, !stream.isAnswered else { return }
        shared.writer.withBytes { reply($0, to: stream) }
    }

    @inline(__always)
    private func reply(_ payload: UnsafeRawBufferPointer, to stream: ServerStream) {
        guard fits(NestResponse.length(payload.count), stream) else { return }
        let start = stream.outbox.writerIndex
        NestResponse.write(payload, to: &stream.outbox)
        seal(stream, from: start)
        end(stream, .ok)
    }

    /// A handler's failure is an answer like any other.
    func fail(_ stream: ServerStream, _ error: TransportError) {
        let start = stream.outbox.writerIndex
        NestResponse.write(error, stream.method == .emit ? .emit : .send, to: &stream.outbox)
        let length = stream.outbox.writerIndex - start - GRPCMessageFrame.prefixLength
        guard length <= services.options.maxMessageBytes else {
            stream.outbox.moveWriterIndex(to: start)
            return finish(stream, tooLarge)
        }
        seal(stream, from: start)
        end(stream, .ok)
    }

    func answerTaken(_ stream: ServerStream) {
        guard !stream.isClosed, !stream.isAnswered else { return }
        let start = stream.outbox.writerIndex
        NestResponse.writeTaken(to: &stream.outbox)
        seal(stream, from: start)
        end(stream, .ok)
    }

    /// False when the answer is too large, or too many wait to be taken: then that is the answer.
    @inline(__always)
    func fits(_ length: Int, _ stream: ServerStream) -> Bool {
        guard length <= services.options.maxMessageBytes else {
            finish(stream, tooLarge)
            return false
        }
        guard tally.unsent + length <= services.options.maxUnsentBytesPerConnection else {
            finish(stream, GRPCStatus(.resourceExhausted, "answers are not taken by their caller", name: .overloaded))
            return false
        }
        return true
    }

    var tooLarge: GRPCStatus {
        let limit = services.options.maxMessageBytes
        return GRPCStatus(
            .resourceExhausted, "the reply is larger than \(limit) bytes, the limit of its server", name: .tooLarge)
    }

    /// Counts the message that begins at `start`; before that it is compressed, if its caller takes that. How long it is
    /// on the wire.
    @inline(__always) @discardableResult
    func seal(_ stream: ServerStream, from start: Int) -> Int {
        if compresses(stream) { _ = stream.outbox.compressMessage(from: start, with: shared.gzip) }
        let length = stream.outbox.writerIndex - start
        stream.wrote(length)
        return length
    }

    @inline(__always)
    private func compresses(_ stream: ServerStream) -> Bool {
        stream.takesGzip && services.options.compression == .gzip
    }

    /// What is in the outbox goes out, then the status.
    @inline(__always)
    func end(_ stream: ServerStream, _ status: GRPCStatus) {
        stream.isAnswered = true
        stream.outputEnd = .trailers(status)
        show(stream)
    }

    /// There is something in the outbox.
    @inline(__always)
    func show(_ stream: ServerStream) {
        guard !stream.isClosed else { return }
        if stream.isBegun {
            session?.resume(stream)
        } else {
            stream.isBegun = true
            session?.reply(stream, isCompressed: compresses(stream), namesEncodings: stream.namesEncodings)
        }
        if current == 0, !isInTurn { scheduleTick() }
    }

    /// Ends a call with a status, after what was said before.
    func finish(_ stream: ServerStream, _ status: GRPCStatus) {
        guard !stream.isClosed, !stream.isAnswered else { return }
        guard !stream.isBegun else { return end(stream, status) }
        stream.isAnswered = true
        stream.isBegun = true
        session?.reply(stream, status)
        if current == 0, !isInTurn { scheduleTick() }
    }

    /// Ends a call whose request may not be complete: the peer need not send the rest.
    func refuse(_ stream: ServerStream, _ status: GRPCStatus) {
        finish(stream, status)
        stream.inbox = ByteBuffer()
        if !stream.isComplete { refused.append(stream) }
        letGo(of: stream)
    }
}
