import NIOCore
import Synchronization

/// The sending side of the bus.
final class MemoryClient: TransportClient {
    private let bus: MemoryBus
    private let codec = NestCodec()
    private let pending: PendingReplies
    private let isClosed = Atomic(false)

    init(bus: MemoryBus, environment: TransportEnvironment) {
        self.bus = bus
        pending = PendingReplies(eventLoop: environment.eventLoopGroup.next(), limit: bus.options.maxPending)
    }

    func connect() async throws(TransportError) { try checkOpen() }

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        let ticket = try pending.register(deadline: message.deadline)
        let call = makeCall(ticket)
        return try await pending.reply(to: ticket) { publish(message, ticket, call) }
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        var message = message
        message.ownHeaders[HeaderName.stream] = String(bus.options.streamWindow)
        let source = ReplyStreamSource(window: bus.options.streamWindow, for: message)
        let ticket = try pending.register(source)
        let call = makeCall(ticket)
        source.attach(actions(ticket, call))
        publish(message, ticket, call)
        return ReplyStream(source)
    }

    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        try checkOpen()
        try bus.publish(delivery(.emit, message, id: nil, call: nil))
    }

    func close() async {
        isClosed.store(true, ordering: .sequentiallyConsistent)
        pending.failAll(Self.closed, closing: true)
    }

    func health() async -> HealthStatus {
        isClosed.load(ordering: .relaxed) ? .down() : .up(["pending": String(pending.count)])
    }

    private static let closed = TransportError(.closed, "the client is closed")

    private func checkOpen() throws(TransportError) {
        if isClosed.load(ordering: .sequentiallyConsistent) { throw Self.closed }
    }
}

// MARK: - Requests and their answers

extension MemoryClient {
    private func publish(_ message: OutgoingMessage, _ ticket: PendingReplies.Ticket, _ call: MemoryCall) {
        do throws(TransportError) {
            try bus.publish(delivery(.send, message, id: ticket.id, call: call))
        } catch {
            pending.settle(ticket.id, .failure(error))
        }
    }

    /// To bytes and back, as over a wire. The deadline counts from here: time in a queue is the caller's time too.
    private func delivery(
        _ kind: MessageKind, _ message: OutgoingMessage, id: UInt64?, call: MemoryCall?
    ) throws(TransportError) -> MemoryDelivery {
        var frame = ByteBuffer()
        codec.write(OutboundRequest(kind: kind, message: message, id: id), to: &frame)
        guard case .message(let incoming)? = try? codec.readRequest(frame, in: frame.wholeRange) else {
            throw TransportError(.invalidMessage, "the message cannot be written as an envelope")
        }
        return MemoryDelivery(message: incoming, key: message.key, call: call)
    }

    private func makeCall(_ ticket: PendingReplies.Ticket) -> MemoryCall {
        MemoryCall(id: ticket.id, codec: codec) { [codec, pending] frame in
            guard let response = try? codec.readResponse(frame, in: frame.wholeRange) else { return false }
            return response.id.map { pending.receive(response.content, id: $0) } ?? false
        }
    }

    private func actions(_ ticket: PendingReplies.Ticket, _ call: MemoryCall) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { call.tell(.credit($0)) },
            cancel: { [pending] hasItems in
                pending.forget(ticket)
                if hasItems { call.tell(.cancel) }
            })
    }
}
