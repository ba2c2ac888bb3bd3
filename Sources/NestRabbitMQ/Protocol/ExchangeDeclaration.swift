/// An exchange as it is to be. All of ours are durable.
struct ExchangeDeclaration: Sendable, Hashable {
    enum Kind: String, Sendable {
        case topic, direct
    }

    var name: String
    var kind: Kind
    var arguments: AMQPTable = [:]

    init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}
