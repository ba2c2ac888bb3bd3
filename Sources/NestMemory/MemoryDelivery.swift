/// A queue on the bus.
enum MemoryQueueName: Hashable, Sendable, CustomStringConvertible {
    /// Where a service's requests wait.
    case requests(String)
    /// Where the events of a group wait.
    case events(String)
    /// Where the events wait that one instance gets for itself.
    case broadcast(Int)
    /// Nobody listens.
    case nowhere

    var description: String {
        switch self {
        case .requests(let name): "requests:\(name)"
        case .events(let name): "events:\(name)"
        case .broadcast(let instance): "broadcast:\(instance)"
        case .nowhere: "nowhere"
        }
    }
}

/// One message on its way to one instance.
struct MemoryDelivery: Sendable {
    /// Tells deliveries apart; an event for three groups is three deliveries.
    var id = 0
    var message: IncomingMessage
    var queue = MemoryQueueName.nowhere
    /// Messages of the same key wait for each other.
    let key: String?
    /// The way back; nil for events.
    let call: MemoryCall?
    /// A request that no service has a handler for: any of them may say so.
    var isUnknown = false

    /// The same message, for another try.
    func again() -> MemoryDelivery {
        var next = self
        next.message.attempt += 1
        return next
    }
}
