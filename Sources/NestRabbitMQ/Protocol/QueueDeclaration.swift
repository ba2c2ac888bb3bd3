/// A queue as it is to be.
struct QueueDeclaration: Sendable, Hashable {
    /// Empty: the broker gives it a name.
    var name: String
    var isDurable = true
    /// For one connection, and gone with it.
    var isExclusive = false
    var arguments: AMQPTable = [:]

    init(_ name: String, arguments: AMQPTable = [:]) {
        self.name = name
        self.arguments = arguments
    }

    /// A queue of one instance: gone with its connection.
    static func own(_ name: String) -> QueueDeclaration {
        var queue = QueueDeclaration(name)
        queue.isDurable = false
        queue.isExclusive = true
        return queue
    }

    /// Where the broker sends what it gives up: an exchange and a routing key; nil when it drops it.
    var deadLetterTarget: (exchange: String, key: String)? {
        guard let exchange = arguments[QueueArgument.deadLetterExchange]?.text else { return nil }
        return (exchange, arguments[QueueArgument.deadLetterKey]?.text ?? "")
    }
}
