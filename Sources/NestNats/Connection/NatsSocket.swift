import CNats
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// One connection's socket, as the C library wants it to be watched.
///
/// The library calls the four functions of its event loop interface from any thread, most of them with the connection's
/// lock held; they note what it wants and wake the loop. The library holds a reference from attach to detach.
///
/// `@unchecked Sendable`: `handle` is written before the loop is told; members without a lock are touched on the loop.
final class NatsSocket: PolledSource, @unchecked Sendable {
    let loop: PollLoop
    private(set) var handle: OpaquePointer?
    private let descriptor = Atomic<CInt>(-1)
    private let wantsRead = Atomic(false)
    private let wantsWrite = Atomic(false)

    /// The system takes no more for the moment.
    private var isBlocked = false
    /// The owner takes no more for the moment.
    var isPaused = false
    /// After something was read.
    var afterRead: (() -> Void)?
    /// After something was written.
    var afterWrite: (() -> Void)?
    /// Lives until the library has closed the connection.
    var owner: AnyObject?
    /// After the library has closed the connection; nothing follows.
    private var afterEnd: [() -> Void] = []
    private(set) var hasEnded = false

    init(loop: PollLoop) { self.loop = loop }

    // MARK: On the loop

    var interest: pollfd {
        var events: Int16 = 0
        if wantsRead.load(ordering: .relaxed), !isPaused { events |= Int16(POLLIN) }
        if isBlocked { events |= Int16(POLLOUT) }
        return pollfd(fd: events == 0 ? -1 : descriptor.load(ordering: .relaxed), events: events, revents: 0)
    }

    func found(_ events: Int16) {
        if events & Int16(POLLOUT) != 0 { isBlocked = false }
        guard events & ~Int16(POLLOUT) != 0 else { return }
        isBlocked = false
        natsConnection_ProcessReadEvent(handle)
        afterRead?()
    }

    func turn() {
        guard !isBlocked, wantsWrite.load(ordering: .sequentiallyConsistent) else { return }
        natsConnection_ProcessWriteEvent(handle)
        isBlocked = wantsWrite.load(ordering: .sequentiallyConsistent)
        afterWrite?()
    }

    /// Calls back once the library has closed the connection; at once when it has.
    func whenEnded(_ body: @escaping () -> Void) {
        if hasEnded { body() } else { afterEnd.append(body) }
    }

    private func end() {
        loop.remove(self)
        hasEnded = true
        afterRead = nil
        afterWrite = nil
        let last = afterEnd
        afterEnd = []
        for body in last { body() }
        owner = nil
    }
}

// MARK: - What the library calls

extension NatsSocket {
    /// Has the library watch its socket through this object. The object must live until the connect call returns.
    func install(in options: OpaquePointer?) -> natsStatus {
        natsOptions_SetEventLoop(
            options, Unmanaged.passUnretained(self).toOpaque(), { NatsSocket.attach($0, $1, $2, $3) },
            { NatsSocket.from($0)?.setReading($1) ?? NATS_OK }, { NatsSocket.from($0)?.setWriting($1) ?? NATS_OK },
            { NatsSocket.detach($0) })
    }

    private static func from(_ data: UnsafeMutableRawPointer?) -> NatsSocket? {
        data.map { Unmanaged<NatsSocket>.fromOpaque($0).takeUnretainedValue() }
    }

    private static func attach(
        _ data: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ socket: UnsafeMutableRawPointer?,
        _ handle: OpaquePointer?, _ descriptor: CInt
    ) -> natsStatus {
        guard let data, let socket = from(socket) else { return NATS_INVALID_ARG }
        data.pointee = Unmanaged.passRetained(socket).toOpaque()
        socket.handle = handle
        socket.descriptor.store(descriptor, ordering: .sequentiallyConsistent)
        socket.wantsRead.store(true, ordering: .sequentiallyConsistent)
        socket.loop.execute { socket.loop.add(socket) }
        return NATS_OK
    }

    private func setReading(_ isOn: Bool) -> natsStatus {
        wantsRead.store(isOn, ordering: .sequentiallyConsistent)
        loop.wake()
        return NATS_OK
    }

    private func setWriting(_ isOn: Bool) -> natsStatus {
        wantsWrite.store(isOn, ordering: .sequentiallyConsistent)
        if isOn { loop.wake() }
        return NATS_OK
    }

    private static func detach(_ data: UnsafeMutableRawPointer?) -> natsStatus {
        guard let data else { return NATS_OK }
        let socket = Unmanaged<NatsSocket>.fromOpaque(data).takeRetainedValue()
        socket.loop.execute { socket.end() }
        return NATS_OK
    }
}
