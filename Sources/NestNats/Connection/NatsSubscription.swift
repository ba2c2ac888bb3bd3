import CNats
import NestMessaging
import Synchronization

/// One subscription. It ends with its connection, or when it is told to.
///
/// `@unchecked Sendable`: a `natsSubscription` may be used from any thread; messages are taken on the loop only.
final class NatsSubscription: @unchecked Sendable {
    private let handle: OpaquePointer
    private let spent: SpentMessages

    init(taking handle: OpaquePointer, spent: SpentMessages) {
        self.handle = handle
        self.spent = spent
    }

    deinit { natsSubscription_Destroy(handle) }

    /// How many messages have been collected and not taken.
    @inline(__always)
    var count: Int {
        var count: CInt = 0
        return natsSubscription_GetPending(handle, &count, nil) == NATS_OK ? Int(count) : 0
    }

    /// What was collected.
    enum Collected {
        /// It must be put back.
        case message(OpaquePointer)
        /// Nobody listens to what was asked; the library does not say what that was.
        case noResponders
        case nothing
    }

    /// Takes what was collected next.
    @inline(__always)
    func take() -> Collected {
        var message: OpaquePointer?
        let status = natsSubscription_NextMsg(&message, handle, 0)
        if status == NATS_OK, let message { return .message(message) }
        return status == NATS_NO_RESPONDERS ? .noResponders : .nothing
    }

    /// Takes the next message that was collected; nil when there is none. It must be put back.
    @inline(__always)
    func next() -> OpaquePointer? {
        if case .message(let message) = take() { message } else { nil }
    }

    /// A message is done with.
    func put(back message: OpaquePointer) { spent.put(message) }

    /// Messages of so many bytes are done with, named by the numbers of their pointers.
    func put(back messages: [UInt], bytes: Int) { spent.put(messages, bytes: bytes) }

    /// Tells the server that nothing more is wanted. What it has sent before still comes, and must be taken.
    func beginDrain(within milliseconds: Int64) { natsSubscription_DrainTimeout(handle, milliseconds) }

    /// Blocks until everything was taken, or the time is over.
    func waitForDrain(within milliseconds: Int64) { natsSubscription_WaitForDrainCompletion(handle, milliseconds) }

    /// Ends it; what was not taken is lost.
    func end() { natsSubscription_Unsubscribe(handle) }
}

/// What the library holds for a subscription whose messages it delivers itself.
final class NatsReceiver: Sendable {
    private let receive: @Sendable (borrowing NatsMessage) -> Void
    private let spent = SpentMessages()
    private let isKnown = Atomic(false)

    init(_ receive: @escaping @Sendable (borrowing NatsMessage) -> Void) { self.receive = receive }

    static func take(_ message: OpaquePointer?, _ receiver: UnsafeMutableRawPointer?) {
        guard let message, let receiver else { return }
        Unmanaged<NatsReceiver>.fromOpaque(receiver).takeUnretainedValue().take(message)
    }

    private func take(_ message: OpaquePointer) {
        // The library's thread for it, which is the same for all.
        if !isKnown.load(ordering: .relaxed) {
            DedicatedThread.waitForWakers()
            isKnown.store(true, ordering: .relaxed)
        }
        receive(NatsMessage(lending: message))
        spent.put(message)
    }

    /// The last message has been delivered.
    static func letGo(_ receiver: UnsafeMutableRawPointer?) {
        if let receiver { Unmanaged<NatsReceiver>.fromOpaque(receiver).release() }
    }
}
