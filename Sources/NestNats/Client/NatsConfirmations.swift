import CNats
import NestMessaging
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What a stream has confirmed of a client's events, and which of them wait for that.
///
/// An event's confirmation comes to a subject that ends with a number. The server looks up who wants it and remembers that
/// for subjects it has seen: with numbers that come again an event costs it a tenth less. But a confirmation can come
/// twice: from the old and the new leader of a stream, or over two connections while one takes over from the other. The
/// second one must not confirm the next event of the same number. It is known by its place in the stream: later events have
/// later ones; and numbers only grow.
final class NatsConfirmations: Sendable {
    private struct Entry {
        var number: UInt64 = 0
        var sequence: UInt64 = 0
    }

    /// Which events the stream keeps.
    let events: PatternSet
    /// Those that wait.
    let pending: PendingReplies
    let inbox: NatsInbox
    private let stream: String
    /// What stands in front of an event's place when nothing else is said.
    private let head: [UInt8]
    /// By the number's slot.
    private let entries = Mutex<[Entry]>([])

    init(of jetStream: JetStreamOptions, _ inbox: NatsInbox, _ pending: PendingReplies) {
        stream = jetStream.stream
        events = PatternSet(jetStream.subjects.map { Pattern($0) })
        self.inbox = inbox
        self.pending = pending
        head = Array(#"{"stream":"\#(stream)", "seq":"#.utf8)
    }

    /// Takes what comes over a connection, on its loop, as long as that lasts.
    func listen(over connection: NatsConnection) async throws(TransportError) {
        let subscription = try connection.collect(inbox.wildcard, queue: nil)
        connection.confirmations = subscription
        await connection.loop.run {
            guard !connection.socket.hasEnded else { return }
            connection.socket.afterRead = { [self, unowned connection] in
                if let subscription = connection.confirmations { take(from: subscription) }
            }
        }
    }

    private func take(from subscription: NatsSubscription) {
        var (spent, bytes, hasStream) = ([UInt](), 0, true)
        for _ in 0..<subscription.count {
            switch subscription.take() {
            case .message(let handle):
                let message = NatsMessage(lending: handle)
                take(message)
                bytes += message.body.count
                spent.append(UInt(bitPattern: handle))
            case .noResponders: hasStream = false
            case .nothing: break
            }
        }
        // The library does not say which event it was. All wait for the same stream, and are sent again.
        if !hasStream { pending.failAll(JetStreamConfirmation.noStream) }
        if !spent.isEmpty { subscription.put(back: spent, bytes: bytes) }
    }

    private func take(_ message: borrowing NatsMessage) {
        guard let (number, kind) = inbox.confirmed(in: message.subject),
            let reply = read(message.body, number, kind)
        else { return }
        pending.settle(number, reply)
    }

    /// What the stream says about the event with this number; nil when it is about another one, or not the stream's.
    func read(_ body: UnsafeRawBufferPointer, _ number: UInt64, _ kind: NatsInbox.Kind) -> PendingReplies.Reply? {
        if let sequence = plainSequence(in: body) {
            return kind == .confirmation || isNew(sequence, number) ? .success(.null) : nil
        }
        switch JetStreamConfirmation.read(body, of: stream) {
        case nil: return nil
        case .failure(let error): return .failure(error)
        case .success where kind == .confirmation: return .success(.null)
        case .success(let confirmed):
            // This one was not sent before.
            guard confirmed.duplicate != true, let sequence = confirmed.seq else { return nil }
            return isNew(sequence, number) ? .success(.null) : nil
        }
    }

    /// Nil for what is to be read with more care.
    private func plainSequence(in body: UnsafeRawBufferPointer) -> UInt64? {
        guard (head.count + 2...head.count + 20).contains(body.count), let start = body.baseAddress,
            memcmp(start, head, head.count) == 0, body[body.count - 1] == UInt8(ascii: "}")
        else { return nil }
        var sequence: UInt64 = 0
        for byte in body[head.count..<body.count - 1] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            sequence = sequence &* 10 &+ UInt64(byte &- UInt8(ascii: "0"))
        }
        return sequence
    }

    private func isNew(_ sequence: UInt64, _ number: UInt64) -> Bool {
        let place = PendingReplies.slot(of: number)
        return entries.withLock { entries in
            while entries.count <= place { entries.append(Entry()) }
            // Later calls of a slot have greater numbers: what comes late about an earlier one is about none that waits.
            let last = entries[place]
            guard number > last.number || number == last.number && sequence > last.sequence else { return false }
            entries[place] = Entry(number: number, sequence: sequence)
            return true
        }
    }
}
