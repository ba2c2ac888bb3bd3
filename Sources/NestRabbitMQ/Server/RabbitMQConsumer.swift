/// One queue's deliveries over one channel, from the first to the last.
///
/// `@unchecked Sendable`: touched on the event loop only.
final class RabbitMQConsumer: @unchecked Sendable {
    /// What the broker calls the consumer.
    let tag = "nest-\(UniqueName.new())"
    let channel: RabbitMQChannel
    let role: ServicePlan.Role
    /// Counts the connections of a server.
    let connectionNumber: UInt64
    /// The queue's name; the broker gives some.
    private(set) var queue: String
    @exclusivity(unchecked) private var window = AckWindow()
    /// The broker sends nothing more.
    var hasEnded = false
    /// Nothing more comes, and nothing is open.
    var isDone: Bool { channel.failure != nil || (hasEnded && window.openCount == 0) }

    init(_ channel: RabbitMQChannel, _ source: ServicePlan.Source, connectionNumber: UInt64) {
        self.channel = channel
        self.connectionNumber = connectionNumber
        role = source.role
        queue = source.queue.name
    }

    func named(_ name: String) { queue = name }

    func begin(_ tag: UInt64) { window.begin(tag) }

    /// To be acknowledged at the end of the turn.
    func acknowledge(_ tag: UInt64) { window.finish(tag) }

    /// Gives a delivery back: to its queue, or to where that sends what is refused.
    func reject(_ tag: UInt64, requeue: Bool) {
        guard window.giveBack(tag), channel.failure == nil else { return }
        channel.connection.writer.reject(tag, requeue: requeue, channel: channel.number)
        channel.connection.flushSoon()
    }

    /// Tells the broker what has ended in this turn.
    func flush() {
        guard channel.failure == nil else { return }
        window.flush { number, all in
            channel.connection.writer.acknowledge(number, multiple: all, channel: channel.number)
            channel.connection.flushSoon()
        }
    }
}
