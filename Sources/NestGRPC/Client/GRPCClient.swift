import NIOCore

/// Many calls in flight over a few kept connections.
final class GRPCClient: TransportClient {
    private let options: GRPCOptions
    private let pool: ConnectionPool

    init(options: GRPCOptions, tls: TLSContextSource?, environment: TransportEnvironment) {
        self.options = options
        pool = ConnectionPool(options: options, tls: tls, environment: environment)
    }

    deinit { pool.abandon(Self.closed) }

    func connect() async throws(TransportError) {
        pool.warmUp()
        _ = try await pool.connection(until: .now() + TimeAmount(options.connectTimeout) + .seconds(1))
    }

    func send(_ message: OutgoingMessage) async throws(TransportError) -> Payload {
        try await exchange(.send, message)
    }

    /// Returns when the server has taken the event.
    func emit(_ message: OutgoingMessage) async throws(TransportError) {
        _ = try await exchange(.emit, message)
    }

    func stream(_ message: OutgoingMessage) async throws(TransportError) -> ReplyStream {
        try checkSize(message)
        let source = ReplyStreamSource(
            window: options.streamWindow, windowBytes: ClientConnection.streamWindow, for: message)
        let connection = try await pool.connection(until: message.deadline)
        let ticket = try pool.calls.register(source)
        source.attach(actions(connection, ticket))
        connection.start(ClientCall(id: ticket.id, kind: .stream, message: message))
        return ReplyStream(source)
    }

    func close() async { await pool.close(Self.closed) }

    func health() async -> HealthStatus {
        let connected = pool.connected
        let details = [
            "address": options.address, "connections": "\(connected)/\(pool.size)", "pending": "\(pool.calls.count)",
        ]
        if connected == pool.size { return .up(details) }
        return connected > 0 || pool.isUnused ? .degraded(details) : .down(details)
    }

    private static let closed = TransportError(.closed, "the client is closed")
}

extension GRPCClient {
    @inline(__always)
    private func exchange(
        _ kind: ClientCall.Kind, _ message: OutgoingMessage
    ) async throws(TransportError) -> Payload {
        try checkSize(message)
        let connection = try await pool.connection(until: message.deadline)
        let ticket = try pool.calls.register(deadline: message.deadline)
        do throws(TransportError) {
            return try await pool.calls.reply(to: ticket) {
                connection.start(ClientCall(id: ticket.id, kind: kind, message: message))
            }
        } catch {
            // Given up on this side: the handler need not go on. Of a call that is over nobody hears.
            if error.code == .timeout || error.code == .cancelled { pool.cancel(ticket.id, connection) }
            throw error
        }
    }

    private func checkSize(_ message: OutgoingMessage) throws(TransportError) {
        let length = NestRequest.length(message.pattern.name.utf8.count, message.payload.count)
        guard length <= options.maxMessageBytes else {
            throw TransportError(
                .tooLarge, "the message is larger than \(options.maxMessageBytes) bytes, the limit of its client")
        }
    }

    /// Who reads a stream speaks to the connection that has the call: the first, or the one it was moved to.
    private func actions(_ connection: ClientConnection, _ ticket: PendingReplies.Ticket) -> ReplyStreamSource.Actions {
        ReplyStreamSource.Actions(
            grant: { [pool] in pool.grant($0, ticket.id, connection) },
            cancel: { [pool] _ in
                pool.calls.forget(ticket)
                pool.cancel(ticket.id, connection)
            })
    }
}
