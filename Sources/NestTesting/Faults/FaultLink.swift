import NIOCore
import NIOPosix

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Two sockets joined by a proxy, and what is done to the bytes between them.
///
/// `@unchecked Sendable`: everything is touched on the event loop that both channels live on; callers from elsewhere go
/// through ``apply(_:)`` and ``reset()``.
final class FaultLink: @unchecked Sendable {
    /// One direction's way through.
    private struct Lane {
        /// Bytes handed on since the fault was set.
        var passed = 0
        /// When the last piece on its way arrives; nothing overtakes it.
        var lastArrival = NIODeadline.distantPast
    }

    private enum Piece {
        case bytes(ByteBuffer)
        case end
    }

    private let loop: any EventLoop
    private let client: any Channel
    private let upstream: Endpoint
    private var server: (any Channel)?
    private var fault: Fault
    private var lanes: [Fault.Direction: Lane] = [.toServer: Lane(), .toClient: Lane()]
    private let traffic: Watched<FaultTraffic>
    private let onClose: @Sendable (FaultLink) -> Void
    private var isClosed = false

    init(
        client: any Channel, upstream: Endpoint, fault: Fault, traffic: Watched<FaultTraffic>,
        onClose: @escaping @Sendable (FaultLink) -> Void
    ) {
        loop = client.eventLoop
        self.client = client
        self.upstream = upstream
        self.fault = fault
        self.traffic = traffic
        self.onClose = onClose
    }

    /// Does something else from now on.
    func apply(_ fault: Fault) async throws {
        try await loop.submit { self.change(to: fault) }.get()
    }

    /// Resets both sockets.
    func reset() async throws {
        try await loop.submit { self.close(resetting: true) }.get()
    }

    private func change(to fault: Fault) {
        self.fault = fault
        for direction in Fault.Direction.allCases { lanes[direction]?.passed = 0 }
        if fault == .reset { return close(resetting: true) }
        for direction in Fault.Direction.allCases {
            setReadSize(direction)
            read(direction)
        }
    }
}

// MARK: - Coming and going

extension FaultLink {
    /// A socket is open. Once the client's is, the server's follows.
    func opened(_ direction: Fault.Direction) {
        if direction == .toServer { connect() }
    }

    private func connect() {
        if fault == .reset { return close(resetting: true) }
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { server in
                server.eventLoop.makeCompletedFuture {
                    try server.pipeline.syncOperations.addHandler(FaultLinkHandler(self, .toClient))
                }
            }
        let connected =
            switch upstream.location {
            case .host(let host, let port): bootstrap.connect(host: host, port: port)
            case .path(let path): bootstrap.connect(unixDomainSocketPath: path)
            }
        connected.whenComplete { result in
            switch result {
            case .success(let server): self.join(server)
            case .failure: self.close(resetting: true)
            }
        }
    }

    private func join(_ server: any Channel) {
        self.server = server
        guard !isClosed else { return close(server, resetting: true) }
        for direction in Fault.Direction.allCases {
            setReadSize(direction)
            read(direction)
        }
    }

    /// A socket is gone for good: so is the other, unless nobody may notice.
    func closed(_ direction: Fault.Direction) {
        guard !isClosed, fault != .halfOpen else { return }
        close(resetting: false)
    }

    private func close(resetting: Bool) {
        let isFirst = !isClosed
        isClosed = true
        close(client, resetting: resetting)
        if let server { close(server, resetting: resetting) }
        if isFirst { onClose(self) }
    }

    /// With a linger time of zero a close sends RST.
    private func close(_ channel: any Channel, resetting: Bool) {
        guard resetting, let socket = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        socket.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }
}

// MARK: - Bytes

extension FaultLink {
    /// Bytes came from the side whose words go in this direction.
    func received(_ bytes: ByteBuffer, _ direction: Fault.Direction) {
        guard fault != .halfOpen else { return traffic.update { $0.swallowed += bytes.readableBytes } }
        guard case .cutAfter(let limit, direction) = fault else { return pass(.bytes(bytes), direction) }
        let left = max(0, limit - (lanes[direction]?.passed ?? 0))
        if let piece = bytes.getSlice(at: bytes.readerIndex, length: min(left, bytes.readableBytes)) {
            write(.bytes(piece), direction)
        }
        if left <= bytes.readableBytes { close(resetting: false) }
    }

    /// That side has said all it has to say.
    func ended(_ direction: Fault.Direction) {
        if fault != .halfOpen { pass(.end, direction) }
    }

    /// A read is over: the next one, when the other side can take more.
    func readComplete(_ direction: Fault.Direction) {
        target(direction)?.flush()
        guard case .slowReader(direction, _, let interval) = fault else { return read(direction) }
        loop.scheduleTask(in: TimeAmount(interval)) { self.read(direction) }
    }

    /// The side that is written to in this direction can take more.
    func writable(_ direction: Fault.Direction) { read(direction) }

    private func read(_ direction: Fault.Direction) {
        guard !isClosed, let source = source(direction), let target = target(direction), target.isWritable else {
            return
        }
        if case .stalled(direction) = fault { return }
        source.read()
    }

    private func pass(_ piece: Piece, _ direction: Fault.Direction) {
        let now = NIODeadline.now()
        var arrival = lanes[direction]?.lastArrival ?? now
        if case .delay(let time) = fault { arrival = max(arrival, now + TimeAmount(time)) }
        guard arrival > now else { return write(piece, direction) }
        lanes[direction]?.lastArrival = arrival
        loop.scheduleTask(deadline: arrival) {
            self.write(piece, direction)
            self.target(direction)?.flush()
        }
    }

    private func write(_ piece: Piece, _ direction: Fault.Direction) {
        guard let target = target(direction) else { return }
        switch piece {
        case .end: target.close(mode: .output, promise: nil)
        case .bytes(let bytes):
            lanes[direction]?.passed += bytes.readableBytes
            traffic.update { $0.add(bytes.readableBytes, direction) }
            target.writeAndFlush(bytes, promise: nil)
        }
    }

    private func source(_ direction: Fault.Direction) -> (any Channel)? { direction == .toServer ? client : server }

    private func target(_ direction: Fault.Direction) -> (any Channel)? { direction == .toServer ? server : client }

    /// A slow reader takes one small piece at a time.
    private func setReadSize(_ direction: Fault.Direction) {
        guard let source = source(direction) else { return }
        var size = 65_536
        var reads: UInt = 4
        if case .slowReader(direction, let bytes, _) = fault {
            size = max(1, bytes)
            reads = 1
        }
        source.setOption(.recvAllocator, value: FixedSizeRecvByteBufferAllocator(capacity: size)).whenFailure { _ in }
        source.setOption(.maxMessagesPerRead, value: reads).whenFailure { _ in }
    }
}
