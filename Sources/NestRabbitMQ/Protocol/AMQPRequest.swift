/// What a channel can be asked, and is answered.
enum AMQPRequest: Sendable {
    case openChannel
    case closeChannel
    case declareExchange(ExchangeDeclaration)
    case declareQueue(QueueDeclaration)
    /// How a queue is; an error closes the channel when there is none.
    case inspectQueue(String)
    case deleteQueue(String)
    case purgeQueue(String)
    case bind(BindingDeclaration)
    case unbind(BindingDeclaration)
    /// How many messages may be under way to one consumer without being acknowledged.
    case prefetch(Int)
    case consume(queue: String, tag: String, acknowledges: Bool, isExclusive: Bool)
    case cancel(tag: String)
    case selectConfirms
    case get(queue: String)

    /// What was tried, for errors.
    var summary: String {
        switch self {
        case .openChannel: "opening a channel"
        case .closeChannel: "closing a channel"
        case .declareExchange(let exchange): "declaring exchange `\(exchange.name)`"
        case .declareQueue(let queue): queue.name.isEmpty ? "declaring a queue" : "declaring queue `\(queue.name)`"
        case .inspectQueue(let name): "looking at queue `\(name)`"
        case .deleteQueue(let name): "deleting queue `\(name)`"
        case .purgeQueue(let name): "emptying queue `\(name)`"
        case .bind(let binding): "binding queue `\(binding.queue)` to exchange `\(binding.exchange)`"
        case .unbind(let binding): "unbinding queue `\(binding.queue)` from exchange `\(binding.exchange)`"
        case .prefetch: "limiting what is under way"
        case .consume(let queue, _, _, _): "consuming from queue `\(queue)`"
        case .cancel: "ending a consumer"
        case .selectConfirms: "asking for confirmations"
        case .get(let queue): "reading from queue `\(queue)`"
        }
    }
}

/// An answer of the broker.
enum AMQPReply: Sendable {
    case done
    case queue(QueueState)
    /// Nil: the queue is empty.
    case message(AMQPMessage?)
}

/// How a queue is.
struct QueueState: Sendable, Equatable {
    var name: String
    var messages: Int
    var consumers: Int
}
