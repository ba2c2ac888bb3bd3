import NIOCore

extension ServerConnection {
    /// Items sent in one go, however much room there is; then others have their turn.
    private static let streamBurst = 64

    /// Sends a handler's stream item by item, as its reader takes them.
    func send(_ items: PayloadStream, to stream: ServerStream, _ message: IncomingMessage, _ run: Int) async {
        let credit = StreamCredit(message.streamCredit ?? 1)
        stream.credit = credit
        if stream.isClosed { credit.cancel() }
        var sent = 0
        await services.dispatcher.pull(items, for: message, credit: credit) { response in
            write(response, to: stream)
            sent += 1
            await waitForRoom(stream)
            if sent % Self.streamBurst == 0 { await Task.yield() }
        }
        // Cancelled here, and not by its reader.
        finish(stream, GRPCStatus(.cancelled, "the handler was cancelled"))
    }

    private func write(_ response: OutboundResponse, to stream: ServerStream) {
        guard !stream.isClosed, !stream.isAnswered else { return }
        switch response {
        case .item(let item), .reply(.success(let item)): write(item, to: stream)
        case .reply(.failure(let error)): fail(stream, error)
        case .end: end(stream, .ok)
        }
    }

    private func write(_ item: Payload, to stream: ServerStream) {
        guard fits(NestResponse.length(item.count), stream) else {
            stream.credit?.cancel()
            return
        }
        let start = stream.outbox.writerIndex
        item.withBytes { NestResponse.write($0, to: &stream.outbox) }
        let length = seal(stream, from: start)
        if stream.window != nil { stream.sentItems.append(length) }
        show(stream)
    }

    /// Waits until the reader, or the socket, has taken some.
    private func waitForRoom(_ stream: ServerStream) async {
        guard stream.outbox.readableBytes >= ServerStream.outputLimit, !stream.isClosed, phase == .open else { return }
        stream.wantsRoomBelow = ServerStream.outputLimit / 2
        scheduleTick()
        await withUnsafeContinuation { stream.writer = $0 }
    }
}
