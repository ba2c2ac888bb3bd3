import CRdKafka
import Logging
import NIOCore

/// Makes connections: what the library is told, and the first word with the brokers.
struct KafkaConnector: Sendable {
    let options: KafkaOptions
    let loop: PollLoop
    /// Where it is said that something has taken too long, or is to be tried again.
    let timers: any EventLoop
    let logger: Logger

    init(_ options: KafkaOptions, _ environment: TransportEnvironment) throws(TransportError) {
        self.options = options
        loop = try KafkaLoop.shared()
        timers = environment.eventLoopGroup.next()
        logger = environment.logger
    }

    /// A producer that has found the brokers. Throws what the library says about why it cannot, as soon as it says so.
    func producer(_ metrics: KafkaMetrics?) async throws(TransportError) -> (KafkaProducer, KafkaTrouble) {
        let trouble = KafkaTrouble(logger)
        let producer = try KafkaProducer(
            try await properties(for: .producers), loop: loop, callbacks(trouble, metrics))
        await producer.begin { _, _ in }
        do throws(TransportError) {
            let time = options.connectTimeout
            try await DedicatedThread.blocking { () throws(TransportError) -> Void in
                try Self.reach(producer.handle, trouble, within: time)
            }
            return (producer, trouble)
        } catch {
            await producer.close(flushingWithin: .zero)
            throw error
        }
    }

    /// `client` is what figures are labelled with.
    func callbacks(
        _ trouble: KafkaTrouble, _ metrics: KafkaMetrics?, client: String = "producer"
    ) -> KafkaHandle.Callbacks {
        var callbacks = KafkaHandle.Callbacks(trouble: trouble)
        if let metrics { callbacks.statistics = { text in metrics.record(text, of: client) } }
        if let provider = options.connection.sasl?.tokenProvider {
            callbacks.tokens = KafkaTokens(provider, trouble)
        }
        return callbacks
    }

    /// Asks for the brokers until they answer, or the library has said why they will not. Blocks.
    private static func reach(
        _ handle: KafkaHandle, _ trouble: KafkaTrouble, within time: Duration
    ) throws(TransportError) {
        let end = ContinuousClock.now + time
        // Some brokers may let in whom others do not: they have a moment for that.
        let moment = ContinuousClock.now + min(time, .milliseconds(500))
        while true {
            let left = max(1, min(100, Int64((end - ContinuousClock.now) / .milliseconds(1))))
            var metadata: UnsafePointer<rd_kafka_metadata>?
            let code = handle.ask { rd_kafka_metadata($0, 0, nil, &metadata, CInt(left)) }
            if code == RD_KAFKA_RESP_ERR_NO_ERROR, let metadata {
                rd_kafka_metadata_destroy(metadata)
                return trouble.worked()
            }
            if let failure = trouble.failure { throw failure }
            if let cause = trouble.cause, cause.code == .unauthenticated, ContinuousClock.now > moment { throw cause }
            guard ContinuousClock.now < end else {
                throw trouble.cause ?? TransportError(kafka: code, "reaching Kafka")
            }
        }
    }
}

// MARK: - What the library is told

extension KafkaConnector {
    func properties(
        for scope: KafkaProperties.Scope
    ) async throws(TransportError) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = [
            ("bootstrap.servers", options.brokers.joined(separator: ",")),
            ("reconnect.backoff.ms", Self.milliseconds(options.reconnectDelay)),
            ("reconnect.backoff.max.ms", Self.milliseconds(options.maxReconnectDelay)),
            ("statistics.interval.ms", Self.milliseconds(options.statisticsInterval)),
            ("message.max.bytes", String(options.maxMessageBytes)), ("log_level", "6"),
            ("topic.metadata.refresh.fast.interval.ms", "100"),
        ]
        all += try await options.connection.own()
        switch scope {
        case .producers: all += producing
        case .consumers: all += consuming
        case .all: break
        }
        for (name, value) in options.connection.properties.sorted(by: { $0.key < $1.key }) {
            let given = KafkaProperties.scope(of: name)
            if given == .all || given == scope { all.append((name, value)) }
        }
        return all
    }

    private var producing: [(name: String, value: String)] {
        [
            ("enable.idempotence", "\(options.isIdempotent)"), ("acks", "all"),
            ("max.in.flight.requests.per.connection", options.isIdempotent ? "5" : "1"),
            ("partitioner", "murmur2_random"),
            // Records without a key are dealt out one by one: the work is shared, also when there is little of it.
            ("sticky.partitioning.linger.ms", "0"), ("linger.ms", Self.milliseconds(options.linger)),
            ("compression.codec", options.compression.rawValue),
            ("message.timeout.ms", Self.milliseconds(options.deliveryTimeout)),
            ("queue.buffering.max.kbytes", String(max(1, options.maxBufferedBytes / 1_024))),
            ("queue.buffering.max.messages", "100000"),
        ]
    }

    private var consuming: [(name: String, value: String)] {
        let all = [
            ("enable.auto.commit", "false"), ("enable.auto.offset.store", "false"),
            ("allow.auto.create.topics", "false"), ("enable.partition.eof", "false"),
            ("queued.max.messages.kbytes", String(max(1, options.consumer.maxBufferedBytes / 1_024))),
            ("fetch.message.max.bytes", String(max(1_000, min(options.consumer.maxBufferedBytes, 1 << 20)))),
            ("fetch.wait.max.ms", "500"), ("fetch.error.backoff.ms", "100"), ("auto.offset.reset", "earliest"),
        ]
        return KafkaFetchAhead.isBuiltIn ? all + [KafkaFetchAhead.property] : all
    }

    static func milliseconds(_ duration: Duration) -> String { String(Int64(duration / .milliseconds(1))) }
}
