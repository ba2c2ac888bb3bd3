import Logging
import NIOCore

/// A connection for the time of one call of an operator.
final class KafkaVisit: Sendable {
    let options: KafkaOptions
    let names: KafkaNames
    let connector: KafkaConnector
    let session: KafkaSession
    let pending: PendingReplies

    init(_ options: KafkaOptions) async throws(TransportError) {
        self.options = options
        names = KafkaNames(options)
        let environment = TransportEnvironment.quiet
        connector = try KafkaConnector(options, environment)
        let pending = PendingReplies(eventLoop: environment.eventLoopGroup.next(), limit: options.maxPending)
        self.pending = pending
        session = try await connector.session([], metrics: nil)
        await session.producer.begin { id, reply in _ = pending.settle(id, reply) }
    }

    func close() async { await session.close() }

    /// What is asked about topics.
    var topics: KafkaTopics {
        KafkaTopics(handle: session.producer.handle, options: options.topics, timeout: options.operationTimeout)
    }

    /// Opens a connection, and closes it when `body` is done.
    static func during<Value: Sendable>(
        _ options: KafkaOptions, _ body: (KafkaVisit) async throws(TransportError) -> Value
    ) async throws(TransportError) -> Value {
        let visit = try await KafkaVisit(options)
        let result: Result<Value, TransportError>
        do throws(TransportError) {
            result = .success(try await body(visit))
        } catch {
            result = .failure(error)
        }
        await visit.close()
        return try result.get()
    }
}
