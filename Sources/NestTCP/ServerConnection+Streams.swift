import NIOCore

/// A stream that is being sent, and what its reader may say about it.
struct OpenStream {
    let credit: StreamCredit
    let run: Int
}

extension ServerConnection {
    /// Items sent in one go, however much credit there is; then others have their turn.
    private static let streamBurst = 64

    /// Sends a handler's stream item by item, as its reader grants credit and the socket takes them.
    func send(_ stream: PayloadStream, for message: IncomingMessage, credit initial: Int, _ run: Int) async {
        let id = message.slice(message.idRange)
        guard streams[id] == nil else {
            return refuse(TransportError(.invalidMessage, "a stream has this id already"), id)
        }
        guard streams.count < services.options.maxInFlightPerConnection else {
            return refuse(TransportError(.overloaded, "too many streams are open"), id)
        }
        let credit = StreamCredit(initial)
        streams[id] = OpenStream(credit: credit, run: run)
        letGo(of: run)
        if hearsNothing { credit.finishGrants() }
        var sent = 0
        await services.dispatcher.pull(stream, for: message, credit: credit) { response in
            writeItem(response, id, run)
            sent += 1
            await waitForRoom()
            if sent % Self.streamBurst == 0 { await Task.yield() }
        }
        streams[id] = nil
    }

    private func writeItem(_ response: OutboundResponse, _ id: ByteBuffer, _ run: Int) {
        guard phase == .open else { return }
        write(response, id: id, to: &output)
        if current != run { scheduleTick() }
    }

    private func refuse(_ error: TransportError, _ id: ByteBuffer) {
        write(.reply(.failure(error)), id: id, to: &output)
    }

    /// Waits until the socket takes more.
    private func waitForRoom() async {
        if output.readableBytes >= Self.outputLimit { flush() }
        guard phase == .open, !isWritable else { return }
        await withUnsafeContinuation { writers.append($0) }
    }

    /// What a reader says about its stream. One that has ended meanwhile hears nothing of it.
    func tell(_ control: StreamControl, _ id: ByteBuffer) {
        guard let stream = streams[id] else { return }
        switch control {
        case .credit(let count): stream.credit.grant(count)
        case .cancel: cancel(stream)
        }
    }

    /// The peer has closed its direction, and everything it has said is taken.
    private var hearsNothing: Bool { ending == .inputClosed && isStarved && lines.partialBytes == 0 }

    /// Streams whose reader can grant nothing more end when its credit is used up.
    func finishGrants() {
        guard hearsNothing else { return }
        for stream in streams.values { stream.credit.finishGrants() }
    }

    func cancel(_ stream: OpenStream) {
        stream.credit.cancel()
        suspended[stream.run]?.task.cancel()
    }
}
