import NIOCore

/// Many calls in flight over a few kept connections.
final class TCPClient: TransportClient {
    /// Tries for a call whose connection is lost before anything was written.
    private static let attempts = 3

    private let options: TCPOptions
    private let pool: ConnectionPool

    init(options: TCPOptions, tls: TLSContextSource?, environment: TransportEnvironment) {
        self.options = options
        let connector = ClientConnector(options: options, tls: tls, logger: environment.logger)
        pool = ConnectionPool(connector: connector, group: environment.eventLoopGroup)
    }

    deinit { pool.abandon(Self.closed) }

    /// Calls that wait for something.
    var pendingCount: Int { pool.pendingCount }

    func connect() async throws(TransportError) {
        pool.warmUp()
        _ = try await pool.connection(until: .now() + TimeAmount(options.connectTimeout) + .seconds(1))
    }

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        try await exchange(.send, message)
    }

    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        _ = try await exchange(.emit, message)
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        try checkSize(message)
        let source = ReplyStreamSource(window: options.streamWindow, for: message)
        let (connection, ticket) = try await register(message.deadline) { connection throws(TransportError) in
            try connection.pending.register(source)
        }
        source.attach(actions(connection, ticket))
        var message = message
        message.ownHeaders[HeaderName.stream] = String(options.streamWindow)
        connection.publish(.send, message, ticket)
        return ReplyStream(source)
    }

    func close() async { await pool.close(Self.closed) }

    func health() async -> HealthStatus {
        let connected = pool.connected
        let details = [
            "address": "\(options.address)", "connections": "\(connected)/\(pool.size)",
            "pending": "\(pool.pendingCount)",
        ]
        if connected == pool.size { return .up(details) }
        return connected > 0 || pool.isUnused ? .degraded(details) : .down(details)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

extension TCPClient {
    /// An event settles when the socket has it, a request when its reply comes.
    @inline(__always)
    private func exchange(_ kind: MessageKind, _ message: OutgoingMessage) async throws(TransportError) -> Payload {
        try checkSize(message)
        let (connection, ticket) = try await register(message.deadline) { connection throws(TransportError) in
            try connection.pending.register(deadline: message.deadline)
        }
        return try await connection.pending.reply(to: ticket) { connection.publish(kind, message, ticket) }
    }

    /// Finds a connection that takes the call. One that is lost at that moment has written nothing: another is tried.
    @inline(__always)
    private func register(
        _ deadline: NIODeadline,
        _ body: (ClientConnection) throws(TransportError) -> PendingReplies.Ticket
    ) async throws(TransportError) -> (ClientConnection, PendingReplies.Ticket) {
        var attempt = 1
        while true {
            let connection = try await pool.connection(until: deadline)
            do throws(TransportError) {
                return (connection, try body(connection))
            } catch {
                guard error.code == .disconnected, attempt < Self.attempts else { throw error }
                attempt += 1
            }
        }
    }

    private func checkSize(_ message: OutgoingMessage) throws(TransportError) {
        guard message.payload.count <= options.maxFrameBytes else {
            throw OutgoingLines.tooLarge(options.maxFrameBytes)
        }
    }

    private func actions(_ connection: ClientConnection, _ ticket: PendingReplies.Ticket) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { connection.tell(.credit($0), ticket.id) },
            cancel: { hasItems in
                connection.pending.forget(ticket)
                if hasItems { connection.tell(.cancel, ticket.id) }
            })
    }
}
