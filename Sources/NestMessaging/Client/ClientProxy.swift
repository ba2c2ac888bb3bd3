import NIOCore

/// The caller's side: two verbs, `send` (wants a reply) and `emit` (does not), the same on every transport.
///
/// Thread-safe; share one for all calls. It connects on first use and comes back by itself after every cut.
public final class ClientProxy: Sendable {
    /// The name it was registered by.
    public let name: String
    /// What its transport promises.
    public let guarantees: Guarantees
    let transport: any TransportClient
    let codec: JSONCodec
    private let timeout: TimeAmount
    private let tracing: ClientTracing?

    package init(
        name: String, transport: any TransportClient, guarantees: Guarantees, codec: JSONCodec = .default,
        timeout: Duration = .seconds(5), system: String
    ) {
        self.name = name
        self.transport = transport
        self.guarantees = guarantees
        self.codec = codec
        self.timeout = TimeAmount(timeout)
        tracing = ClientTracing(system: system)
    }

    /// Sends a request and returns the handler's reply.
    ///
    /// Settles by its deadline. Cancelling stops the wait, not the handler; after ``TransportError/Code/timeout``,
    /// `disconnected` or `cancelled` the request may have been carried out, so repeat only what is safe to do twice.
    ///
    /// - Throws: ``TransportError``: the handler's own with code and details, or what happened on the way.
    public func send<Reply: Decodable & Sendable>(
        _ pattern: Pattern, _ payload: some Encodable, as type: Reply.Type = Reply.self,
        options: CallOptions = CallOptions()
    ) async throws(TransportError) -> Reply {
        let reply = try await exchange(pattern, try encode(payload), options)
        return try decodeReply(type, from: reply, codec: codec)
    }

    /// Sends a request whose types are fixed by its contract.
    public func send<Message: Request>(
        _ request: Message, options: CallOptions = CallOptions()
    ) async throws(TransportError) -> Message.Reply {
        try await send(Message.pattern, request, as: Message.Reply.self, options: options)
    }

    /// Sends a request and waits until the handler is done, whatever it returns.
    public func send(
        _ pattern: Pattern, _ payload: some Encodable, options: CallOptions = CallOptions()
    ) async throws(TransportError) {
        _ = try await send(pattern, payload, as: Payload.self, options: options)
    }

    /// Sends an event; returns when the transport has taken responsibility: written to the socket, or confirmed by a
    /// broker that keeps it.
    ///
    /// - Throws: ``TransportError`` when that did not happen in time. The event may have arrived all the same.
    public func emit(
        _ pattern: Pattern, _ payload: some Encodable, options: CallOptions = CallOptions()
    ) async throws(TransportError) {
        let message = try outgoing(pattern, encode(payload), options, sendsTimeout: false)
        do throws(TransportError) {
            guard let tracing else { return try await transport.emit(message) }
            try await tracing.emit(message, on: transport)
        } catch {
            throw error.ofCall
        }
    }

    /// Sends an event whose pattern is fixed by its contract.
    public func emit<Message: Event>(
        _ event: Message, options: CallOptions = CallOptions()
    ) async throws(TransportError) {
        try await emit(Message.pattern, event, options: options)
    }

    /// Sends a request whose handler answers with a sequence, and returns the items as they come.
    ///
    /// The sender never runs ahead of the reader by more than a bounded number of items. Leaving the loop cancels the
    /// stream on the other side. The timeout bounds the wait for each item; inside a handler, the whole stream ends when
    /// the handler's own caller stops waiting. A handler that returns a single value makes a stream of one. A trace
    /// sees the opening of the stream, not its items.
    public func stream<Item: Decodable & Sendable>(
        _ pattern: Pattern, _ payload: some Encodable, of type: Item.Type = Item.self,
        options: CallOptions = CallOptions()
    ) async throws(TransportError) -> TypedReplyStream<Item> {
        var message = try outgoing(pattern, encode(payload), options, sendsTimeout: false)
        message.streamDeadline = InheritedCall.deadline
        do throws(TransportError) {
            guard let tracing else { return TypedReplyStream(base: try await transport.stream(message), codec: codec) }
            return TypedReplyStream(base: try await tracing.stream(message, on: transport), codec: codec)
        } catch {
            throw error.ofCall
        }
    }

    /// Connects now, so that the first call need not.
    public func connect() async throws(TransportError) { try await transport.connect() }

    /// Fails what is pending and lets go of every connection. Later calls fail with ``TransportError/Code/closed``.
    public func close() async { await transport.close() }

    @inline(__always)
    func exchange(
        _ pattern: Pattern, _ payload: Payload, _ options: CallOptions
    ) async throws(TransportError) -> Payload {
        let message = try outgoing(pattern, payload, options, sendsTimeout: true)
        do throws(TransportError) {
            guard let tracing else { return try await transport.send(message) }
            return try await tracing.send(message, on: transport)
        } catch {
            throw error.ofCall
        }
    }

    private func outgoing(
        _ pattern: Pattern, _ payload: Payload, _ options: CallOptions, sendsTimeout: Bool
    ) throws(TransportError) -> OutgoingMessage {
        if let problem = pattern.addressProblem { throw TransportError(.invalidMessage, problem) }
        let now = NIODeadline.now()
        var deadline = now + (options.timeout.map { TimeAmount($0) } ?? timeout)
        if let inherited = InheritedCall.deadline, inherited < deadline { deadline = inherited }
        guard now < deadline else { throw TransportError(.timeout, "the deadline has passed already") }
        // Made at once: a message that is changed afterwards is copied.
        return OutgoingMessage(
            pattern: pattern, payload: payload, headers: options.headers.withoutReserved, key: options.key,
            priority: options.priority, deadline: deadline,
            toldMilliseconds: sendsTimeout ? OutgoingMessage.milliseconds(from: now, to: deadline) : nil)
    }

    func encode(_ payload: some Encodable) throws(TransportError) -> Payload {
        do {
            return try PayloadCoding.encode(payload, codec: codec)
        } catch {
            throw TransportError(.invalidMessage, "the payload cannot be encoded", cause: error)
        }
    }
}

extension ClientProxy: HealthReporting {
    /// How its connections are doing now.
    public func health() async -> HealthStatus { await transport.health() }
}
