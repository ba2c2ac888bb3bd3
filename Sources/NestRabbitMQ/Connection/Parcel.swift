import NIOCore

/// A message on its way to the broker.
struct Parcel: Sendable {
    /// What its sender knows it by; 0 for an answer and for a word about a stream. It travels as the correlation id, and so
    /// comes back with what cannot be routed.
    let id: UInt64
    /// Empty: the exchange that leads to the queue named by the key.
    let exchange: String
    let key: String
    /// Comes back when no queue takes it.
    let mandatory: Bool
    let properties: AMQPProperties
    let body: ByteBuffer
    /// Later it need not be sent.
    let deadline: NIODeadline

    /// Bytes it takes while it waits, about.
    var size: Int { body.readableBytes + 256 }

    /// A message of which its sender hears under `id`, which stands in its properties.
    init(
        _ id: UInt64, to exchange: String, key: String, mandatory: Bool, numbered properties: consuming AMQPProperties,
        _ body: consuming ByteBuffer, deadline: NIODeadline
    ) {
        self.id = id
        self.exchange = exchange
        self.key = key
        self.mandatory = mandatory
        self.properties = properties
        self.body = body
        self.deadline = deadline
    }

    /// A message of which its sender hears under `id`.
    init(
        _ id: UInt64, to exchange: String, key: String, mandatory: Bool = true, _ properties: AMQPProperties,
        _ body: ByteBuffer, deadline: NIODeadline = .distantFuture
    ) {
        var properties = properties
        properties.correlationID = String(id)
        self.init(id, to: exchange, key: key, mandatory: mandatory, numbered: properties, body, deadline: deadline)
    }

    /// An answer, or a word about a stream: its correlation id is the other side's, and nobody hears what becomes of it.
    init(replyTo queue: String, _ properties: AMQPProperties, _ body: ByteBuffer, deadline: NIODeadline) {
        id = 0
        exchange = ""
        key = queue
        mandatory = false
        self.properties = properties
        self.body = body
        self.deadline = deadline
    }
}
