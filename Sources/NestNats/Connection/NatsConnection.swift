import CNats
import NIOCore
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection of the C library, from its first moment to its last. It does not come back: ``NatsLink`` makes the
/// next.
///
/// `@unchecked Sendable`: a `natsConnection` may be used from any thread; it is destroyed when nobody holds this
/// object,
/// and the socket holds it until the loop has let go.
final class NatsConnection: @unchecked Sendable {
    let address: NatsAddress
    /// The most bytes the server takes in one message.
    let maxPayload: Int
    let socket: NatsSocket
    let handle: OpaquePointer
    private let limit: Int
    private let spent = SpentMessages()
    /// Bytes handed to the library and not yet to the socket, as far as is known.
    private let unwritten = Atomic(0)
    /// Who waits for room. Touched on the loop.
    private var waiting: [@Sendable () -> Void] = []
    /// What it listens to for answers; ends with it. Set before anybody else has the connection.
    var inbox: NatsSubscription?
    /// The same for what a stream confirms.
    var confirmations: NatsSubscription?

    /// Takes over a connection that was just made through the socket.
    init(taking handle: OpaquePointer, _ socket: NatsSocket, address: NatsAddress, maxBufferedBytes: Int) {
        self.handle = handle
        self.socket = socket
        self.address = address
        limit = maxBufferedBytes
        maxPayload = Int(natsConnection_GetMaxPayload(handle))
        socket.loop.execute { self.watch() }
    }

    deinit { natsConnection_Destroy(handle) }

    var loop: PollLoop { socket.loop }

    /// The socket holds the connection until the library has closed it.
    private func watch() {
        guard !socket.hasEnded else { return }
        socket.owner = self
        socket.afterWrite = { [unowned self] in wrote() }
        socket.whenEnded { [unowned self] in letIn() }
    }

    private func wrote() {
        let left = max(0, Int(natsConnection_Buffered(handle)))
        unwritten.store(left, ordering: .relaxed)
        if left <= limit / 2 { letIn() }
    }

    private func letIn() {
        guard !waiting.isEmpty else { return }
        let all = waiting
        waiting = []
        for body in all { body() }
    }

    /// Calls back, once, when there is room again or the connection is gone.
    func whenRoomy(_ body: @escaping @Sendable () -> Void) {
        loop.execute {
            if self.hasRoom || self.socket.hasEnded { return body() }
            self.waiting.append(body)
        }
    }

    /// False when so much waits to be written that nothing should be added.
    @inline(__always)
    var hasRoom: Bool { unwritten.load(ordering: .relaxed) < limit }

    /// True when the library holds the connection for good.
    var isUp: Bool { natsConnection_Status(handle) == NATS_CONN_STATUS_CONNECTED }

    /// Calls back on the loop, once, when the connection is gone.
    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) {
        loop.execute { self.socket.whenEnded { body(self.reason) } }
    }

    private var reason: TransportError {
        var text: UnsafePointer<CChar>?
        let status = natsConnection_GetLastError(handle, &text)
        return TransportError(losing: address, status, text.map { String(cString: $0) } ?? "")
    }

    /// Where the cluster's other servers are, as this one has said.
    var discovered: [NatsAddress] {
        var urls: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
        var count: CInt = 0
        guard natsConnection_GetDiscoveredServers(handle, &urls, &count) == NATS_OK, let urls else { return [] }
        defer { free(urls) }
        return (0..<Int(count)).compactMap { index in
            guard let url = urls[index] else { return nil }
            defer { free(url) }
            guard let found = try? NatsAddress(url: String(cString: url)) else { return nil }
            return NatsAddress(found, namedBy: address)
        }
    }
}

// MARK: - Publishing

extension NatsConnection {
    /// Hands a message to the library, which writes it with all others of this moment.
    @inline(__always)
    func publish(
        _ body: UnsafeRawBufferPointer, to subject: UnsafePointer<CChar>, reply: UnsafePointer<CChar>? = nil
    ) -> natsStatus {
        let status =
            if let reply {
                natsConnection_PublishRequest(handle, subject, reply, body.baseAddress, CInt(clamping: body.count))
            } else {
                natsConnection_Publish(handle, subject, body.baseAddress, CInt(clamping: body.count))
            }
        if status == NATS_OK { unwritten.add(body.count + 64, ordering: .relaxed) }
        return status
    }

    /// The same with headers, and with the id by which a stream knows it.
    @inline(__always)
    func publish(
        _ body: UnsafeRawBufferPointer, to subject: UnsafePointer<CChar>, reply: UnsafePointer<CChar>? = nil,
        headers: MessageHeaders, id: NatsID? = nil
    ) -> natsStatus {
        headers.isEmpty && id == nil
            ? publish(body, to: subject, reply: reply) : publishMessage(body, to: subject, reply: reply, headers, id)
    }

    private func publishMessage(
        _ body: UnsafeRawBufferPointer, to subject: UnsafePointer<CChar>, reply: UnsafePointer<CChar>?,
        _ headers: MessageHeaders, _ id: NatsID?
    ) -> natsStatus {
        var message: OpaquePointer?
        let bytes = body.assumingMemoryBound(to: CChar.self).baseAddress
        var status = natsMsg_Create(&message, subject, reply, bytes, CInt(clamping: body.count))
        guard let message else { return status }
        defer { spent.put(message) }
        if let id, status == NATS_OK {
            status = KeptHeader.idName.withUTF8Buffer { name in
                name.withMemoryRebound(to: CChar.self) { name in
                    id.withName { natsMsgHeader_Set(message, name.baseAddress, $0) }
                }
            }
        }
        for header in headers where status == NATS_OK {
            status = natsMsgHeader_Set(message, header.name, header.value)
        }
        if status == NATS_OK { status = natsConnection_PublishMsg(handle, message) }
        if status == NATS_OK { unwritten.add(body.count + headers.count * 64 + 64, ordering: .relaxed) }
        return status
    }
}

// MARK: - Asking

extension NatsConnection {
    /// Sends a request and returns the body of its answer. For what happens rarely: it takes a thread meanwhile.
    func exchange(
        _ body: ByteBuffer, to subject: String, _ headers: MessageHeaders = [:], within limit: Duration
    ) async throws(TransportError) -> ByteBuffer {
        let milliseconds = Int64(max(1, limit / .milliseconds(1)))
        return try await DedicatedThread.blocking { () throws(TransportError) in
            var answer: OpaquePointer?
            let status = self.request(body, subject, headers, &answer, milliseconds)
            guard status == NATS_OK, let answer else { throw self.failure(status, asking: subject) }
            let message = NatsMessage(taking: answer)
            return ByteBuffer(bytes: message.body)
        }
    }

    private func request(
        _ body: ByteBuffer, _ subject: String, _ headers: MessageHeaders, _ answer: inout OpaquePointer?,
        _ milliseconds: Int64
    ) -> natsStatus {
        var message: OpaquePointer?
        defer { natsMsg_Destroy(message) }
        var status = body.withUnsafeReadableBytes { body in
            let bytes = body.assumingMemoryBound(to: CChar.self).baseAddress
            return natsMsg_Create(&message, subject, nil, bytes, CInt(clamping: body.count))
        }
        for header in headers where status == NATS_OK {
            status = natsMsgHeader_Set(message, header.name, header.value)
        }
        return status == NATS_OK ? natsConnection_RequestMsg(&answer, handle, message, milliseconds) : status
    }

    /// Nobody answers what the server has not let through.
    private func failure(_ status: natsStatus, asking subject: String) -> TransportError {
        var text: UnsafePointer<CChar>?
        if status == NATS_TIMEOUT, natsConnection_GetLastError(handle, &text) == NATS_NOT_PERMITTED, let text,
            let refusal = NatsRefusal(String(cString: text)), refusal.subject == subject
        {
            return refusal.error
        }
        return TransportError(nats: status, "asking `\(subject)`")
    }
}

// MARK: - Subscribing

extension NatsConnection {
    /// Has the library collect the messages of a subject; the loop takes them out.
    func collect(_ subject: String, queue: String?) throws(TransportError) -> NatsSubscription {
        var subscription: OpaquePointer?
        let status =
            if let queue {
                natsConnection_QueueSubscribeSync(&subscription, handle, subject, queue)
            } else {
                natsConnection_SubscribeSync(&subscription, handle, subject)
            }
        guard status == NATS_OK, let subscription else {
            throw TransportError(nats: status, "subscribing to `\(subject)`")
        }
        return NatsSubscription(taking: subscription, spent: spent)
    }

    /// Has each message of a subject given to `receive`, on a thread of the library. No queue: the server tells a 503
    /// to plain subscriptions only.
    func subscribe(
        _ subject: String, _ receive: @escaping @Sendable (borrowing NatsMessage) -> Void
    ) throws(TransportError) -> NatsSubscription {
        let receiver = Unmanaged.passRetained(NatsReceiver(receive)).toOpaque()
        var subscription: OpaquePointer?
        let status = natsConnection_Subscribe(
            &subscription, handle, subject, { NatsReceiver.take($2, $3) },
            receiver)
        guard status == NATS_OK, let subscription else {
            Unmanaged<NatsReceiver>.fromOpaque(receiver).release()
            throw TransportError(nats: status, "subscribing to `\(subject)`")
        }
        natsSubscription_SetOnCompleteCB(subscription, { NatsReceiver.letGo($0) }, receiver)
        return NatsSubscription(taking: subscription, spent: spent)
    }

    /// Returns once the server has done all it was told before. Throws `forbidden` when it has refused a subscription.
    func flush(within limit: Duration) async throws(TransportError) {
        let milliseconds = Int64(max(1, limit / .milliseconds(1)))
        try await DedicatedThread.blocking { () throws(TransportError) in
            let status = natsConnection_FlushTimeout(self.handle, milliseconds)
            guard status == NATS_OK else { throw TransportError(nats: status, "waiting for \(self.address)") }
            var text: UnsafePointer<CChar>?
            if natsConnection_GetLastError(self.handle, &text) == NATS_NOT_PERMITTED {
                throw TransportError(.forbidden, "\(self.address): \(text.map { String(cString: $0) } ?? "")")
            }
        }
    }

    /// Takes what was sent to the inbox and to these subscriptions before, and closes.
    func retire(_ subscriptions: [NatsSubscription], within limit: Duration) async {
        let all = subscriptions + [inbox, confirmations].compactMap { $0 }
        let milliseconds = Int64(max(1, limit / .milliseconds(1)))
        try? await DedicatedThread.blocking {
            for subscription in all { subscription.beginDrain(within: milliseconds) }
            for subscription in all { subscription.waitForDrain(within: milliseconds) }
        }
        await close()
    }

    /// Writes what waits, half a second long at the most, and closes; returns when the loop has let go.
    func close() async {
        try? await DedicatedThread.blocking { natsConnection_Close(self.handle) }
        await withUnsafeContinuation { continuation in
            loop.execute { self.socket.whenEnded { continuation.resume() } }
        }
    }
}
