import NestKafka
import Testing

@testable import NestKafka

struct KafkaOptionsTests {
    private func refusal(_ change: (inout KafkaOptions) -> Void) -> TransportError? {
        var options = KafkaOptions()
        change(&options)
        do throws(TransportError) {
            try options.validate()
            return nil
        } catch {
            return error
        }
    }

    @Test func defaultsAreFine() { #expect(refusal { _ in } == nil) }

    @Test func whatCannotWorkIsRefused() {
        let changes: [(inout KafkaOptions) -> Void] = [
            { $0.brokers = [] }, { $0.brokers = ["localhost"] }, { $0.brokers = ["kafka://localhost:9092"] },
            { $0.prefix = "a b" }, { $0.prefix = "" }, { $0.service = "a/b" }, { $0.topics.partitions = 0 },
            { $0.topics.replicas = 0 }, { $0.topics.events = [.init("a", to: "a:b")] }, { $0.maxPending = 0 },
            { $0.streamWindow = 0 }, { $0.consumer.heartbeatInterval = .seconds(60) },
            { $0.consumer.start = .offset(-1) }, { $0.consumer.revokeTimeout = .zero }, { $0.deliveryTimeout = .zero },
            { $0.connection.tls = KafkaTLSOptions(certificate: .text("x")) },
        ]
        for (number, change) in changes.enumerated() {
            #expect(refusal(change)?.code == .invalidConfiguration, "number \(number)")
        }
    }

    @Test func propertiesAreCheckedAndSecretsAreNotTold() {
        #expect(refusal { $0.connection.properties = ["socket.keepalive.enable": "true"] } == nil)
        let unknown = refusal { $0.connection.properties = ["socket.keep": "true"] }
        #expect(unknown?.message.contains("socket.keep") == true)
        let value = refusal { $0.connection.properties = ["socket.timeout.ms": "soon"] }
        #expect(value?.message.contains("socket.timeout.ms") == true)
        let ours = refusal { $0.connection.properties = ["enable.auto.commit": "true"] }
        #expect(ours?.code == .invalidConfiguration)
        let connection = KafkaConnectionOptions(properties: ["ssl.keystore.password": "s3cret"])
        #expect(!"\(connection)".contains("s3cret") && "\(connection)".contains("ssl.keystore.password"))
    }

    /// What is for producers only is not given to consumers, which would complain, and the other way round.
    @Test func propertiesHaveScopes() {
        #expect(KafkaProperties.scope(of: "batch.size") == .producers)
        #expect(KafkaProperties.scope(of: "fetch.wait.max.ms") == .consumers)
        #expect(KafkaProperties.scope(of: "socket.keepalive.enable") == .all)
    }

    @Test func namesOfTopics() {
        var options = KafkaOptions()
        options.prefix = "shop"
        options.topics.events = [.init("ledger.>", to: "billing"), .init("ledger.audit", to: "never")]
        let names = KafkaNames(options)
        #expect(names.requests("default") == "shop.requests")
        #expect(names.requests("orders") == "shop.requests.orders")
        #expect(names.events("ledger.audit") == "billing")
        #expect(names.events("order.created") == "shop.events")
    }

    @Test func addressesAreText() {
        let address = KafkaAddress(topic: "a.b", partition: 3, key: "id-7")
        #expect(KafkaAddress(address.text) == address)
        for text in ["", "a", "a b c", "a -1 c", "a/b 1 c", "a 1"] { #expect(KafkaAddress(text) == nil, "\(text)") }
    }

    /// What is done with in any order is committed as far as there is no gap.
    @Test func onlyWhatHasNoGapIsCommitted() {
        let name = KafkaPartitions.Name(topic: "t", partition: 0)
        let assignment = KafkaAssignment(number: 1, name, .events, from: 10, isNew: false)
        for offset in 10..<14 as Range<Int64> { #expect(assignment.begin(offset)) }
        #expect(!assignment.begin(12))
        assignment.finish(11)
        #expect(assignment.position == 10 && !assignment.isDirty)
        assignment.finish(10)
        #expect(assignment.position == 12 && assignment.isDirty)
        assignment.finish(13)
        #expect(assignment.position == 12)
        assignment.finish(12)
        #expect(assignment.position == 14)
    }
}
