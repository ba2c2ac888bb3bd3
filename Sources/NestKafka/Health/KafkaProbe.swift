import CRdKafka
import NIOCore

/// A connection that is only asked how things are.
final class KafkaProbe: BrokerProbe {
    private let options: KafkaOptions
    private let service: String?
    private let maxLag: Int64?
    private let link: KafkaLink

    init(_ options: KafkaOptions, service: String?, maxLag: Int64?) throws(TransportError) {
        self.options = options
        self.service = service
        self.maxLag = maxLag
        let environment = TransportEnvironment.quiet
        let connector = try KafkaConnector(options, environment)
        link = KafkaLink(
            BrokerLinkSettings(options), environment: environment,
            owner: KafkaLink.Owner(prepare: { $0.whenDown { _ in } }, lost: { _ in })
        ) { () throws(TransportError) in try await connector.session([], metrics: nil) }
    }

    deinit { link.abandon(TransportError(.closed, "the indicator is gone")) }

    func check() async -> HealthStatus {
        var details: [String: String] = [:]
        do throws(TransportError) {
            let session = try await session()
            details["server"] = session.summary
            if let failure = session.trouble.failure { throw failure }
            return try await look(session, details)
        } catch {
            details["error"] = "\(error)"
            return .down(details)
        }
    }

    private func session() async throws(TransportError) -> KafkaSession {
        if link.connection == nil { try await link.connect(until: .now() + TimeAmount(options.connectTimeout)) }
        guard let session = link.connection else {
            throw TransportError(.disconnected, "Kafka cannot be reached")
        }
        return session
    }

    private func look(
        _ session: KafkaSession, _ facts: [String: String]
    ) async throws(TransportError) -> HealthStatus {
        let (options, service) = (options, service)
        let names = KafkaNames(options)
        let topics = KafkaTopics(
            handle: session.producer.handle, options: options.topics,
            timeout: min(.seconds(2), options.operationTimeout))
        let begin = ContinuousClock.now
        let partitions = try await DedicatedThread.blocking { () throws(TransportError) in try topics.partitions() }
        var details = facts
        details["round_trip_us"] = String(Int((ContinuousClock.now - begin) / .microseconds(1)))
        details["topics"] = String(partitions.count)
        guard let service else { return .up(details) }
        let lag = try await KafkaLag(options, topics: topics, partitions: partitions, service: service).read()
        for (topic, count) in lag { details["lag \(topic)"] = String(count) }
        let dead = names.dead(service)
        if let count = partitions[dead] {
            details["dead_letters_at_most"] = String(
                try await DedicatedThread.blocking { () throws(TransportError) in
                    try topics.size(of: dead, partitions: count)
                })
        }
        guard let maxLag, lag.values.contains(where: { $0 > maxLag }) else { return .up(details) }
        return .degraded(details)
    }
}
