import Metrics
import NestJSON
import Synchronization

/// Turns the library's own figures into metrics: `nest_kafka_…`.
final class KafkaMetrics: Sendable {
    /// The part of the library's figures that is read.
    private struct Figures: Decodable {
        struct Broker: Decodable {
            struct Window: Decodable {
                var avg: Int64
            }

            var nodename: String
            var rtt: Window?
            var outbuf_cnt: Int64?
        }

        struct Topic: Decodable {
            struct Partition: Decodable {
                var consumer_lag: Int64?
            }

            var partitions: [String: Partition]
        }

        var msg_cnt: Int64?
        var msg_size: Int64?
        var txmsgs: Int64?
        var rxmsgs: Int64?
        var brokers: [String: Broker]?
        var topics: [String: Topic]?
    }

    private let role: String
    private let factory: any MetricsFactory
    /// By client of the library, of which each tells its own figures, and topic.
    private let lag = Mutex<[String: [String: Int64]]>([:])

    /// `role` is a label of every metric: `server`, `client`.
    init(_ role: String, factory: any MetricsFactory = MetricsSystem.factory) {
        self.role = role
        self.factory = factory
    }

    /// Records that wait in each topic, as of the last figures.
    var lags: [String: Int64] {
        lag.withLock { $0.values.reduce(into: [:]) { all, lags in all.merge(lags) { $0 + $1 } } }
    }

    /// `client` is a label of every metric: `producer`, or the group of a member.
    func record(_ text: String, of client: String) {
        guard let payload = try? Payload(json: text), let figures = try? payload.decode(Figures.self) else { return }
        func gauge(_ name: String, _ value: Int64?, _ labels: (String, String)...) {
            guard let value else { return }
            let dimensions = [("role", role), ("client", client)] + labels
            Gauge(label: name, dimensions: dimensions, factory: factory).record(value)
        }
        gauge("nest_kafka_queued_records", figures.msg_cnt)
        gauge("nest_kafka_queued_bytes", figures.msg_size)
        gauge("nest_kafka_sent_records", figures.txmsgs)
        gauge("nest_kafka_received_records", figures.rxmsgs)
        for broker in figures.brokers?.values.map({ $0 }) ?? [] where !broker.nodename.isEmpty {
            gauge("nest_kafka_broker_rtt_us", broker.rtt?.avg, ("broker", broker.nodename))
        }
        var lags: [String: Int64] = [:]
        for (name, topic) in figures.topics ?? [:] {
            let known = topic.partitions.values.compactMap(\.consumer_lag).filter { $0 >= 0 }
            guard !known.isEmpty else { continue }
            let sum = known.reduce(0, +)
            lags[name] = sum
            gauge("nest_kafka_consumer_lag", sum, ("topic", name))
        }
        lag.withLock { [lags] in $0[client] = lags }
    }
}
