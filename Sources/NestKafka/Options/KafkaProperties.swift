import CRdKafka
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What is known about the library's properties.
enum KafkaProperties {
    /// Who a property is for.
    enum Scope: Sendable {
        case all, producers, consumers
    }

    /// What this transport sets itself, because its promises rest on it.
    static let reserved: Set<String> = [
        "bootstrap.servers", "metadata.broker.list", "client.id", "group.id", "group.instance.id", "security.protocol",
        "sasl.mechanism", "sasl.mechanisms", "sasl.username", "sasl.password", "enable.auto.commit",
        "auto.commit.enable", "enable.auto.offset.store", "enable.partition.eof", "auto.offset.reset",
        "partition.assignment.strategy", "session.timeout.ms", "max.poll.interval.ms", "heartbeat.interval.ms",
        "enable.idempotence", "max.in.flight.requests.per.connection", "max.in.flight", "acks", "request.required.acks",
        "partitioner", "compression.codec", "compression.type",
        "linger.ms", "queue.buffering.max.ms", "queue.buffering.max.messages", "queue.buffering.max.kbytes",
        "message.timeout.ms", "delivery.timeout.ms", "message.max.bytes", "queued.max.messages.kbytes",
        "transactional.id", "log.queue", "statistics.interval.ms", "allow.auto.create.topics",
    ]

    /// Whether a property may be given, and has a value it can have. Throws `invalid_configuration`; the value is in the
    /// error only when it cannot be a secret.
    static func check(_ name: String, _ value: String) throws(TransportError) {
        guard !reserved.contains(name) else {
            throw TransportError(
                .invalidConfiguration, "Kafka options: `\(name)` is set by this transport, see its own options")
        }
        guard let conf = rd_kafka_conf_new() else { return }
        defer { rd_kafka_conf_destroy(conf) }
        try set(name, value, in: conf)
    }

    /// Sets a property. Throws `invalid_configuration` for one the library does not take.
    static func set(_ name: String, _ value: String, in conf: OpaquePointer) throws(TransportError) {
        var reason = [CChar](repeating: 0, count: 512)
        let result = rd_kafka_conf_set(conf, name, value, &reason, reason.count)
        guard result != RD_KAFKA_CONF_OK else { return }
        // What the library says may hold the value.
        let said = isSecret(name) ? "the value is not taken" : String(nullTerminated: reason)
        throw TransportError(.invalidConfiguration, "Kafka options: `\(name)`: \(said)")
    }

    /// True when the library has a property of this name.
    static func isKnown(_ name: String) -> Bool {
        guard let conf = rd_kafka_conf_new() else { return false }
        defer { rd_kafka_conf_destroy(conf) }
        var size = 0
        return rd_kafka_conf_get(conf, name, nil, &size) == RD_KAFKA_CONF_OK
    }

    static func isSecret(_ name: String) -> Bool {
        ["password", "secret", "key.pem", "token"].contains { name.contains($0) } || name == "sasl.oauthbearer.config"
    }

    /// Who a property is for, as the library's own list says.
    static func scope(of name: String) -> Scope { scopes[name] ?? .all }

    private static let scopes: [String: Scope] = {
        var text: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let file = open_memstream(&text, &size) else { return [:] }
        rd_kafka_conf_properties_show(file)
        fclose(file)
        defer { free(text) }
        guard let text else { return [:] }
        var scopes: [String: Scope] = [:]
        for line in String(cString: text).split(separator: "\n") {
            let columns = line.split(separator: "|", omittingEmptySubsequences: false).prefix(2).map {
                $0.split(separator: " ").joined()
            }
            guard columns.count == 2 else { continue }
            switch columns[1] {
            case "P": scopes[columns[0]] = .producers
            case "C": scopes[columns[0]] = .consumers
            default: continue
            }
        }
        return scopes
    }()
}

extension String {
    /// Text the library has written into an array.
    init(nullTerminated text: [CChar]) {
        self.init(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
