import NIOCore
import Synchronization

/// Sends messages over one channel, as fast as the broker takes them: those beyond its window, or while it takes none,
/// wait with a bound.
///
/// `@unchecked Sendable`: touched on the event loop only, but for the count.
final class RabbitMQPublisher: @unchecked Sendable {
    /// Who hears what became of a message.
    typealias Settle = @Sendable (_ id: UInt64, PendingReplies.Reply) -> Void

    /// Messages that may be under way without a confirmation; nil: none is asked for, and only failures are told.
    private let window: Int?
    private let maxBytes: Int
    /// Set before anything is published.
    @exclusivity(unchecked) var settle: Settle = { _, _ in }
    @exclusivity(unchecked) private var channel: RabbitMQChannel?
    @exclusivity(unchecked) private var unconfirmed = ConfirmWindow()
    @exclusivity(unchecked) private var waiting = Fifo<Parcel>()
    @exclusivity(unchecked) private var waitingBytes = 0
    /// Messages that wait or are not confirmed, as of late.
    let openCount = Atomic(0)
    /// When that becomes none.
    @exclusivity(unchecked) var whenQuiet: (() -> Void)?
    /// When the broker refuses something.
    @exclusivity(unchecked) var whenRefused: (() -> Void)?
    /// Somebody waits to hear that the broker has a message.
    private let tellsTaken: Bool

    init(window: Int?, maxBytes: Int, tellsTaken: Bool = true) {
        self.window = window
        self.maxBytes = maxBytes
        self.tellsTaken = tellsTaken
    }

    /// Has the broker confirm what comes over a channel. Before it begins.
    func prepare(_ channel: RabbitMQChannel) async throws(TransportError) {
        if window != nil { try await channel.call(.selectConfirms) }
    }

    /// Listens to what the broker says about the messages of a channel. When the channel is made.
    func attach(to channel: RabbitMQChannel) {
        channel.owner.returned = { [weak self] in self?.returned($0) }
        if window != nil { channel.owner.confirmed = { [weak self] in self?.confirmed($0, all: $1, isTaken: $2) } }
    }

    /// Sends over this channel from now on.
    func begin(_ channel: RabbitMQChannel) {
        self.channel = channel
        pump()
    }

    /// The channel is gone: nobody knows what became of what it carried.
    func lost(_ error: TransportError) {
        channel = nil
        let ids = unconfirmed.removeAll() + waiting.removeAll().map(\.id)
        waitingBytes = 0
        for id in ids { settle(id, .failure(error)) }
        note()
    }

    /// Sends a message, now or as soon as the broker takes it.
    func publish(_ parcel: Parcel) {
        guard let channel else {
            return settle(parcel.id, .failure(TransportError(.disconnected, "the RabbitMQ connection was lost")))
        }
        if waiting.isEmpty, hasPlace(channel) { return send(parcel, over: channel) }
        if waitingBytes + parcel.size > maxBytes { dropExpired() }
        guard waitingBytes + parcel.size <= maxBytes else {
            let error = TransportError(.overloaded, "\(maxBytes) bytes wait for RabbitMQ already")
            return settle(parcel.id, .failure(error))
        }
        waitingBytes += parcel.size
        waiting.append(parcel)
        note()
    }

    /// Sends a word about a stream: it waits behind no message, and nobody hears what becomes of it. The broker numbers and
    /// confirms it as all that comes over the channel.
    func tell(_ parcel: Parcel) {
        if let channel, channel.connection.isOpen { send(parcel, over: channel) }
    }

    /// There may be a place.
    func pump() {
        guard let channel else { return }
        while hasPlace(channel), let parcel = waiting.popFirst() {
            waitingBytes -= parcel.size
            if parcel.deadline > .now() { send(parcel, over: channel) } else { expire(parcel) }
        }
        note()
    }

    /// True when a message would have to wait.
    var isFull: Bool { channel.map { !waiting.isEmpty || !hasPlace($0) } ?? true }

    private func hasPlace(_ channel: RabbitMQChannel) -> Bool {
        guard channel.connection.isRoomy else { return false }
        return window.map { unconfirmed.count < $0 } ?? true
    }

    private func send(_ parcel: Parcel, over channel: RabbitMQChannel) {
        if window != nil { unconfirmed.append(parcel.id) }
        channel.publish(parcel)
        note()
    }

    private func expire(_ parcel: Parcel) {
        settle(parcel.id, .failure(TransportError(.timeout, "the broker did not take the message in time")))
    }

    private func dropExpired() {
        let (all, now) = (waiting.removeAll(), NIODeadline.now())
        waitingBytes = 0
        for parcel in all {
            guard parcel.deadline > now else {
                expire(parcel)
                continue
            }
            waitingBytes += parcel.size
            waiting.append(parcel)
        }
    }

    private func note() {
        let count = unconfirmed.count + waiting.count
        openCount.store(count, ordering: .relaxed)
        if count == 0 { whenQuiet?() }
    }
}

// MARK: - What the broker says

extension RabbitMQPublisher {
    private func confirmed(_ number: UInt64, all: Bool, isTaken: Bool) {
        let reply: PendingReplies.Reply = isTaken ? .success(.null) : .failure(Self.refusal)
        let isSilent = isTaken && !tellsTaken
        guard unconfirmed.settle(number, all: all, { if !isSilent { settle($0, reply) } }) else {
            // Who counts differently from the broker knows of no message any more whether it has it.
            let error = TransportError(.disconnected, "the broker confirms message \(number), which was not sent")
            channel?.connection.end(error)
            return
        }
        if !isTaken { whenRefused?() }
        pump()
    }

    /// The broker's word for what it did not take: a queue is full, or has no leader for the moment.
    static let refusal = TransportError(
        .overloaded, "the broker refuses the message: a queue is full, or cannot store it")

    /// No queue takes it. The broker confirms it none the less, afterwards.
    private func returned(_ message: AMQPReturn) {
        guard let id = message.correlationNumber else { return }
        let error = TransportError(
            .noResponders, "unroutable: no queue takes the message (\(message.code) \(message.text.text))")
        settle(id, .failure(error))
    }
}

extension RabbitMQChannel {
    /// Sends a message.
    func publish(_ parcel: Parcel) {
        connection.writer.publish(
            parcel.body, to: parcel.exchange, key: parcel.key, mandatory: parcel.mandatory, parcel.properties,
            channel: number)
        connection.flushSoon()
    }
}
