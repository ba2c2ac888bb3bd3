import NestNats
import NestTesting
import Testing

@Suite(.serialized, .enabled(if: NatsBroker.isInstalled, "nats-server is not installed"))
struct NatsHealthTests {
    /// A server that stands still takes connections and answers nothing: down within the connect timeout and a bit.
    @Test func aFrozenServer() async throws {
        let broker = try await NatsBroker.started()
        var options = NatsOptions.test(broker.url)
        options.connectTimeout = .milliseconds(500)
        let indicator = try NatsBrokerHealth("nats", options)
        let fresh = try NatsBrokerHealth("nats", options)
        #expect(try await indicator.check().state == .up)
        broker.process.pause()
        for indicator in [indicator, fresh] {
            let begin = ContinuousClock.now
            let status = try await indicator.check()
            #expect(status.state == .down)
            #expect(status.details["error"] != nil)
            #expect(ContinuousClock.now - begin < .seconds(2))
        }
        broker.process.resume()
        let end = ContinuousClock.now + .seconds(10)
        while try await indicator.check().state != .up, ContinuousClock.now < end { await Task.yield() }
        #expect(try await indicator.check().state == .up)
    }

    @Test func withoutJetStream() async throws {
        let broker = try await NatsBroker.started()
        var options = NatsOptions.test(broker.url)
        options.jetStream = JetStreamOptions(stream: "S", subjects: ["a"])
        let status = try await NatsBrokerHealth("nats", options).check()
        #expect(status.state == .down)
        #expect(status.details["error"]?.contains("JetStream") == true)
        #expect(status.details["round_trip_us"] != nil)
    }

    @Test func withoutTheStream() async throws {
        var options = NatsOptions.test(try await Brokers.shared.broker("jetstream", jetStream: true).url)
        options.jetStream = JetStreamOptions(stream: "NOWHERE", subjects: ["a"])
        let status = try await NatsBrokerHealth("nats", options).check()
        #expect(status.state == .down)
        #expect(status.details["error"]?.contains("NOWHERE") == true)
    }

    @Test func refusedCredentials() async throws {
        let broker = try await NatsBroker.started(.token("right"))
        var options = NatsOptions.test(broker.url)
        options.credentials = .token(.value("wrong"))
        let status = try await NatsBrokerHealth("nats", options).check()
        #expect(status.state == .down)
        #expect(status.details["error"]?.contains("credentials") == true)
    }
}
