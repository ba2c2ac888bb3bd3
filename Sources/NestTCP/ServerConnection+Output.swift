import NIOCore

/// From outcomes to bytes: all answers of a burst go into one buffer and leave in one write.
extension ServerConnection {
    /// TCP keeps nothing: what other transports would deliver again or keep aside is done with once its caller knows.
    @inline(__always)
    func answer(_ outcome: Outcome, to message: IncomingMessage, _ output: inout ByteBuffer) {
        switch outcome {
        case .reply(let response), .replyAndDeadLetter(let response, _):
            guard message.kind == .send else { return }
            write(.reply(response), id: message.slice(message.idRange), to: &output)
        case .done, .retry, .deadLetter, .stream: return
        }
    }

    @inline(__always)
    func write(_ response: OutboundResponse, id: ByteBuffer, to output: inout ByteBuffer) {
        let start = begin(&output)
        services.codec.write(response, id: id, to: &output)
        output.endLine(from: start)
        if output.writerIndex - start > services.options.maxFrameBytes { replace(from: start, id, &output) }
    }

    /// Puts the reply that stands in the loop's writer into the output.
    @inline(__always)
    func writeReply(to message: IncomingMessage, _ output: inout ByteBuffer) {
        let start = begin(&output)
        services.codec.write(shared.writer, id: message.idRange, in: message.frame, to: &output)
        output.endLine(from: start)
        guard output.writerIndex - start > services.options.maxFrameBytes else { return }
        replace(from: start, message.slice(message.idRange), &output)
    }

    @inline(__always)
    private func begin(_ output: inout ByteBuffer) -> Int {
        let start = output.writerIndex
        if start == 0 { output.reserveCapacity(min(max(512, outputHint), 64 << 10)) }
        return start
    }

    /// The answer is longer than any line may be.
    private func replace(from start: Int, _ id: ByteBuffer, _ output: inout ByteBuffer) {
        output.moveWriterIndex(to: start)
        let limit = services.options.maxFrameBytes
        let error = TransportError(.tooLarge, "the reply is larger than \(limit) bytes, the limit of its server")
        services.codec.write(.reply(.failure(error)), id: id, to: &output)
        output.writeInteger(UInt8(ascii: "\n"))
    }

    func flush() {
        guard output.readableBytes > 0, phase == .open, let context else { return }
        let bytes = output
        output = ByteBuffer()
        outputHint = bytes.readableBytes
        progress.wrote(bytes.readableBytes)
        if timeouts?.isSet(.write) == false { timeouts?.set(.write, after: progress.interval) }
        noteTraffic()
        context.writeAndFlush(wrapOutboundOut(bytes), promise: isTracking ? trackedPromise(context) : nil)
    }

    /// The end must know when the last byte has left. TLS may say so too early for an empty write, so there all writes
    /// are followed.
    private var isTracking: Bool { ending != nil || services.options.tls != nil }

    func trackedPromise(_ context: ChannelHandlerContext) -> EventLoopPromise<Void> {
        unwritten += 1
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unwritten -= 1
            self.leaveWhenWritten()
        }
        return promise
    }

    func checkWrites() {
        guard let channel = context?.channel else { return }
        switch progress.look(at: channel) {
        case .drained: letGoOfReadBuffers(channel)
        case .waiting: timeouts?.set(.write, after: progress.interval)
        case .stuck: cut("the peer takes nothing of what is written")
        }
    }

    /// The channel keeps the memory of its largest reads; a quiet connection can do without.
    private func letGoOfReadBuffers(_ channel: any Channel) {
        try? channel.syncOptions?.setOption(ChannelOptions.recvAllocator, value: Self.receiveAllocator)
    }

    static var receiveAllocator: AdaptiveRecvByteBufferAllocator {
        AdaptiveRecvByteBufferAllocator(minimum: 1_024, initial: 2_048, maximum: 64 << 10)
    }

    func resumeWriters() {
        let waiting = writers
        writers = []
        for writer in waiting { writer.resume() }
    }
}
