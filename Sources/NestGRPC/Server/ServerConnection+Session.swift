import NIOCore

/// What nghttp2 finds in the bytes that came.
extension ServerConnection: HTTP2SessionOwner {
    func begins(_ frame: HTTP2FrameType?, _ id: Int32, flags: UInt8, length: Int) -> Bool {
        guard flood.allows(frame, flags: flags, length: length) else {
            return end(.enhanceYourCalm, "too many frames that bring nothing")
        }
        if frame == .headers, id != 0, id <= lastStream, streams[id] == nil, !resetStreams.contains(id) {
            return end(.streamClosed, "the number of a call is used again")
        }
        return true
    }

    private func end(_ code: HTTP2ErrorCode, _ why: String) -> Bool {
        offence = why
        session?.terminate(code)
        return false
    }

    func opened(_ id: Int32) -> HTTP2Stream? {
        let stream = ServerStream(tally)
        stream.id = id
        streams[id] = stream
        lastStream = max(lastStream, id)
        return stream
    }

    @inline(__always)
    func received(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream
    ) -> Bool {
        stream.headerBytes += name.count + value.count + 32
        guard stream.headerBytes <= services.options.maxHeaderBytes else { return false }
        unsafeDowncast(stream, to: ServerStream.self).take(name, value)
        return true
    }

    func headersEnded(for stream: HTTP2Stream) {
        let stream = unsafeDowncast(stream, to: ServerStream.self)
        guard !stream.hasHeaders else { return }
        stream.judgeHeaders(servesReflection: services.options.servesReflection)
        switch stream.refusal {
        case nil: noteCall()
        case .http(let status):
            session?.reply(stream, http: status)
            stream.isAnswered = true
        case .status(let status): refuse(stream, status)
        }
    }

    func received(_ data: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream) {
        let stream = unsafeDowncast(stream, to: ServerStream.self)
        session?.consume(data.count, of: stream)
        guard !stream.isAnswered else { return give(back: data.count) }
        stream.inbox.writeBytes(data)
        stream.heldBytes += data.count
        incompleteBytes += data.count
        if stream.method?.isBidirectional == true { return takeQuestions(stream) }
        if let refusal = refusal(of: stream.inbox) { return refuse(stream, refusal) }
        if incompleteBytes > services.options.maxInFlightBytesPerConnection {
            refuse(stream, GRPCStatus(.resourceExhausted, "too many bytes of incomplete requests", name: .overloaded))
        }
    }

    /// A message that cannot be taken is known by its first bytes.
    @inline(__always)
    private func refusal(of inbox: ByteBuffer) -> GRPCStatus? {
        guard let length = GRPCMessageFrame.length(in: inbox) else { return nil }
        guard length - GRPCMessageFrame.prefixLength <= services.options.maxMessageBytes else {
            return requestTooLarge
        }
        guard inbox.readableBytes <= length else {
            return GRPCStatus(.invalidArgument, "there is more than one message")
        }
        return nil
    }

    func inputEnded(for stream: HTTP2Stream) {
        let stream = unsafeDowncast(stream, to: ServerStream.self)
        guard !stream.isComplete else { return }
        stream.isComplete = true
        incompleteBytes -= stream.heldBytes
        guard !stream.isAnswered else { return }
        if stream.method?.isBidirectional == true { return finish(stream, .ok) }
        let limit = services.options.maxMessageBytes
        switch GRPCMessageFrame.next(in: &stream.inbox, limit: limit) {
        case .message(let frame):
            stream.inbox = ByteBuffer()
            begin(stream, frame)
        case .compressed(let frame):
            stream.inbox = ByteBuffer()
            if let frame = inflated(frame, limit: limit, for: stream) { begin(stream, frame) }
        case .incomplete, .tooLarge, .malformed:
            refuse(stream, GRPCStatus(.invalidArgument, "there is no whole message"))
        }
    }

    private func begin(_ stream: ServerStream, _ frame: ByteBuffer) {
        switch stream.method {
        case .send, .sendStream: take(stream, .send, frame)
        case .emit: take(stream, .emit, frame)
        case .healthCheck: checkHealth(stream, frame)
        case .healthWatch: watchHealth(stream, frame)
        case .reflection, .reflectionAlpha, nil: break
        }
    }

    private func take(_ stream: ServerStream, _ kind: MessageKind, _ frame: ByteBuffer) {
        do throws(NestRequest.Failure) {
            var message = try NestRequest.read(kind, frame)
            // A caller's deadline is for its answer: an event that waits for a place is handled, however long that takes.
            if let milliseconds = stream.timeoutMilliseconds, kind == .send {
                message.expire(afterMilliseconds: milliseconds)
                stream.deadline = message.deadline
                stream.headers[HeaderName.timeout] = String(milliseconds)
            }
            if !stream.headers.isEmpty { message.carriedHeaders = stream.headers }
            if stream.method == .sendStream { message.streamCredit = stream.window ?? Int(Int32.max) }
            stream.message = message
            ready.append(stream)
        } catch {
            guard case .malformed(let reason) = error else { return }
            _ = services.dispatcher.malformed(reason)
            refuse(stream, GRPCStatus(.invalidArgument, reason, name: .invalidMessage))
        }
    }

    func windowGrew(by bytes: Int, for stream: HTTP2Stream) {
        unsafeDowncast(stream, to: ServerStream.self).taken(bytes)
    }

    func closed(_ stream: HTTP2Stream, _ code: UInt32) {
        let stream = unsafeDowncast(stream, to: ServerStream.self)
        streams[stream.id] = nil
        if code != 0 || !stream.isComplete { resetStreams.insert(stream.id) }
        forget(stream)
    }

    func receivedSettings() {
        guard !hasGreeted else { return }
        hasGreeted = true
        timeouts?.clear(.handshake)
        noteCall()
        watchPeer()
    }

    func receivedPong() {
        timeouts?.clear(.pong)
        if drainStep == .announced { leave() }
    }

    func receivedGoAway(last: Int32, _ code: UInt32, _ text: String) {}
}
