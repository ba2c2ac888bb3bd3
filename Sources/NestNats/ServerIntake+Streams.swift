import CNats
import NIOCore

/// A stream that is being sent, and what its reader may say about it.
struct OpenStream {
    let credit: StreamCredit
    let run: Int
    let message: IncomingMessage
    /// Something was sent since it was last looked at.
    var isQuiet = false
}

extension ServerIntake {
    /// Items sent in one go, however much credit there is; then others have their turn.
    private static let streamBurst = 64

    /// Sends a handler's stream item by item, as its reader grants credit. Each item says where we listen to its
    /// reader.
    func send(_ stream: PayloadStream, for message: IncomingMessage, credit initial: Int, _ run: Int) async {
        guard streams.count < max(1_024, maxInFlight) else {
            return write(.reply(.failure(TransportError(.overloaded, "too many streams are open"))), to: message)
        }
        lastStream += 1
        let number = lastStream
        let credit = StreamCredit(initial)
        streams[number] = OpenStream(credit: credit, run: run, message: message)
        watchStreams()
        var sent = 0
        await dispatcher.pull(stream, for: message, credit: credit) { response in
            guard phase != .closed, connection != nil else { return }
            streams[number]?.isQuiet = false
            write(response, to: message, listening: number)
            sent += 1
            await waitForRoom()
            if sent % Self.streamBurst == 0 { await Task.yield() }
        }
        streams[number] = nil
        watchStreams()
    }

    /// Waits until the connection takes more.
    private func waitForRoom() async {
        guard let connection, !connection.hasRoom else { return }
        await withUnsafeContinuation { continuation in connection.whenRoomy { continuation.resume() } }
    }

    func cancel(_ stream: OpenStream) {
        stream.credit.cancel()
        suspended[stream.run]?.task.cancel()
    }

    /// What a reader says, or the server about a reader that is gone. Comes on a thread of the library.
    func hear(_ message: borrowing NatsMessage) {
        guard let number = inbox.number(in: message.subject) else {
            guard let number = inbox.confirmed(in: message.subject) else { return }
            let reply = JetStreamConfirmation.read(message)
            return loop.execute { self.kept?.confirmed(number, reply) }
        }
        if message.isNoResponders { return loop.execute { self.tell(.cancel, number) } }
        let frame = ByteBuffer(bytes: message.body)
        let range = ByteRange(0, frame.readableBytes)
        guard case .control(let control, _)? = try? codec.readRequest(frame, in: range) else { return }
        loop.execute { self.tell(control, number) }
    }

    private func tell(_ control: StreamControl, _ number: UInt64) {
        guard let stream = streams[number] else { return }
        switch control {
        case .credit(let count): stream.credit.grant(count)
        case .cancel: cancel(stream)
        }
    }

    private func watchStreams() {
        if streams.isEmpty {
            prober?.cancel()
            prober = nil
        } else if prober == nil {
            prober = timers.scheduleRepeatedTask(initialDelay: .seconds(2), delay: .seconds(2)) { [weak self] _ in
                guard let self else { return }
                loop.execute { self.probeQuietStreams() }
            }
        }
    }

    /// Streams that have stood still since the last time: their readers are sent an empty message, which the server
    /// answers for those that are gone.
    func probeQuietStreams() {
        guard let connection else { return }
        for (number, stream) in streams {
            streams[number]?.isQuiet = true
            guard stream.isQuiet else { continue }
            stream.message.withReplySubject { subject in
                inbox.withSubject(number) {
                    _ = connection.publish(UnsafeRawBufferPointer(start: nil, count: 0), to: subject, reply: $0)
                }
            }
        }
    }
}

extension IncomingMessage {
    /// Lends the subject of the answer as C wants it: a zero stands behind it.
    @inline(__always)
    func withReplySubject<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result? {
        guard !replyRange.isEmpty else { return nil }
        return frame.withUnsafeReadableBytes { frame in
            frame[replyRange.start...].withMemoryRebound(to: CChar.self) { $0.baseAddress.map(body) }
        }
    }
}
