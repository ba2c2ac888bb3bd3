import NIOCore
import NestTesting

@testable import NestRabbitMQ

/// Puts bytes into queues as any AMQP client would.
struct RawSession: Sendable {
    struct Answer: Sendable {
        let body: String
        let correlationID: String
    }

    let options: RabbitMQOptions

    init(_ options: RabbitMQOptions) { self.options = options }

    func put(_ text: String, into queue: String) async throws {
        try await RabbitMQSession.run(options, as: "test") { (session) throws(TransportError) in
            try await session.put(ByteBuffer(string: text), .init(), into: queue, until: .now() + .seconds(5))
        }
    }

    /// Sends a message without AMQP's own fields for answers, and waits for what comes into a queue.
    func exchange(_ text: String, _ queue: String, replies: String) async throws -> Answer {
        try await RabbitMQSession.run(options, as: "test") { (session) throws(TransportError) in
            try await session.channel.call(.declareQueue(.own(replies)))
            try await session.put(ByteBuffer(string: text), .init(), into: queue, until: .now() + .seconds(5))
            let end = ContinuousClock.now + .seconds(10)
            while ContinuousClock.now < end {
                guard let message = try await session.take(from: replies) else { continue }
                return Answer(body: String(buffer: message.body), correlationID: message.properties.correlationID)
            }
            throw TransportError(.timeout, "no answer came")
        }
    }
}
