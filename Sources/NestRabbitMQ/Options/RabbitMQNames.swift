/// What things are called on the broker.
struct RabbitMQNames: Sendable {
    private let prefix: String
    private let queue: String?

    init(_ options: RabbitMQOptions) {
        prefix = options.prefix
        queue = options.queue
    }

    /// The topic exchange of all events.
    var events: String { "\(prefix).events" }
    /// The exchange that leads to the dead letters.
    var dead: String { "\(prefix).dead" }

    /// Where the requests for a service wait.
    func requests(_ service: String) -> String { queue ?? "\(prefix).\(service)" }

    /// Where a group's events wait.
    func events(of group: String) -> String { "\(prefix).\(group).events" }

    /// Where a group's dead letters are kept.
    func deadLetters(of group: String) -> String { "\(prefix).\(group).dead" }

    /// What leads a group's dead letters there.
    func deadKey(of group: String) -> String { group }

    /// Where messages of a queue wait for their next try.
    static func retry(_ queue: String, after milliseconds: Int64) -> String { "\(queue).retry.\(milliseconds)" }

    /// Where the bindings of a queue are noted.
    static func record(_ queue: String) -> String { "\(queue).bindings" }

    /// What is wrong with a name; nil when nothing is.
    static func problem(of name: String) -> String? {
        if name.isEmpty { return "is empty" }
        if name.hasPrefix("amq.") { return "`\(name)` begins as the broker's own names do" }
        if name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) { return "has control characters" }
        return name.utf8.count > 180 ? "is longer than 180 bytes" : nil
    }
}

// MARK: - Patterns

extension RabbitMQNames {
    /// The most bytes of a routing key.
    static let keyLimit = 255

    /// The routing key of an event. `*` and `#` alone between dots would be wildcards of a binding: in object patterns,
    /// the only ones that may have them, they are escaped.
    static func routingKey(of pattern: Pattern) -> String {
        let name = pattern.name
        guard name.utf8.first == UInt8(ascii: "{") || name.utf8.contains(UInt8(ascii: "#")) else { return name }
        return escaped(pattern.tokens).joined(separator: ".")
    }

    /// What a queue is bound with to get the events of a pattern. Our `>` stands for one word or more, AMQP's `#` for
    /// any number of them.
    static func bindingKey(of pattern: Pattern) -> String {
        guard pattern.hasWildcards else { return routingKey(of: pattern) }
        return pattern.tokens.map { token in
            switch token {
            case ">": "*.#"
            case "#": "%23"
            default: String(token)
            }
        }.joined(separator: ".")
    }

    private static func escaped(_ tokens: [Substring]) -> [String] {
        tokens.map { token in
            switch token {
            case "*": "%2A"
            case "#": "%23"
            default: String(token)
            }
        }
    }

    /// Why a handler's pattern cannot be bound; nil when it can.
    static func problem(binding pattern: Pattern) -> String? {
        guard bindingKey(of: pattern).utf8.count > keyLimit else { return nil }
        return "pattern `\(pattern)` is longer than a routing key of AMQP may be (\(keyLimit) bytes)"
    }
}
