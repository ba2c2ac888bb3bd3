/// What the broker is told about us at the beginning.
struct RabbitMQHandshake: Sendable {
    enum Login: Sendable {
        case plain(user: String, password: String)
        /// The certificate says who we are.
        case external

        /// As SASL names it.
        var mechanism: String {
            switch self {
            case .plain: "PLAIN"
            case .external: "EXTERNAL"
            }
        }

        var response: String {
            switch self {
            case .plain(let user, let password): "\0\(user)\0\(password)"
            case .external: ""
            }
        }
    }

    var login: Login
    var virtualHost: String
    /// What the broker calls this connection in its management.
    var name: String
    /// Seconds; the smaller of ours and the broker's holds.
    var heartbeat: Int

    /// What we are, and what we understand.
    var properties: AMQPTable {
        [
            "product": .text("swift-nest"), "platform": .text("Swift"), "connection_name": .text(name),
            "capabilities": .table([
                "publisher_confirms": .flag(true), "consumer_cancel_notify": .flag(true), "basic.nack": .flag(true),
                "connection.blocked": .flag(true), "authentication_failure_close": .flag(true),
                "exchange_exchange_bindings": .flag(true),
            ]),
        ]
    }
}
