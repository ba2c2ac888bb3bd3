import CRdKafka
import Foundation
import Logging
import NestTesting
import Testing

@testable import NestKafka

/// What the library does with what it is given.
@Suite(.serialized)
struct KafkaLibraryTests {
    /// The library complains about properties of the other kind, and takes what it complains about for nothing.
    @Test func nobodyIsGivenPropertiesOfOthers() async throws {
        let lines = Watched<[String]>([])
        var options = KafkaOptions.test(try await Brokers.shared.mock().bootstrap)
        options.connection.properties["batch.size"] = "500000"
        options.connection.properties["queued.min.messages"] = "1000"
        var environment = TransportEnvironment.quiet
        environment.logger = .recorded(lines)
        let connector = try KafkaConnector(options, environment)
        let trouble = KafkaTrouble(environment.logger)
        func complaints(_ type: rd_kafka_type_t, _ scope: KafkaProperties.Scope) async throws -> [String] {
            lines.update { $0 = [] }
            let properties = try await connector.properties(for: scope)
            let handle = try KafkaHandle(type, properties, connector.callbacks(trouble, nil))
            try await DedicatedThread.blocking { handle.destroy() }
            return lines.value.filter { $0.contains("onfiguration property") }
        }
        #expect(try await complaints(RD_KAFKA_PRODUCER, .producers) == [])
        #expect(try await complaints(RD_KAFKA_CONSUMER, .consumers) == [])
        // It would have complained.
        #expect(try await complaints(RD_KAFKA_CONSUMER, .producers).contains { $0.contains("batch.size") })
        #expect(try await complaints(RD_KAFKA_PRODUCER, .consumers).contains { $0.contains("queued.min.messages") })
    }

    /// Lists hold references to partitions, for which ending an instance waits for ever, and memory.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/statm"), "the system does not tell"))
    func listsOfPartitionsAreGivenBack() async throws {
        let mock = try await Brokers.shared.mock()
        let topic = "lists\(UInt32.random(in: 0 ... .max))"
        try mock.provideTopic(topic, partitions: 100)
        let names = (0..<100).map { KafkaPartitions.Name(topic: topic, partition: $0) }
        let connector = try KafkaConnector(.test(mock.bootstrap), .quiet)
        let properties = try await connector.properties(for: .consumers) + [("group.id", topic)]
        let handle = try KafkaHandle(
            RD_KAFKA_CONSUMER, properties, connector.callbacks(KafkaTrouble(KafkaService.quiet), nil))
        var list = KafkaPartitions(names, offset: 0)
        let code = list.withList { list in handle.ask { rd_kafka_assign($0, list) } }
        #expect(code == RD_KAFKA_RESP_ERR_NO_ERROR)
        /// The library notes its own partitions in the list.
        func use(_ count: Int) -> Bool {
            (0..<count).allSatisfy { _ in
                var list = KafkaPartitions(names, offset: 0)
                let code = list.withList { list in handle.ask { rd_kafka_offsets_store($0, list) } }
                return code == RD_KAFKA_RESP_ERR_NO_ERROR
            }
        }
        #expect(use(50))
        let before = try Self.residentBytes()
        #expect(use(2_000))
        let grown = try Self.residentBytes() - before
        // A list of a hundred partitions takes more than 10 KB.
        #expect(grown < 2_000 * 5_000, "\(grown) bytes")
        try await within(.seconds(20), "the end of the instance") {
            try await DedicatedThread.blocking { handle.destroy() }
        }
    }

    private static func residentBytes() throws -> Int {
        let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
        let pages = try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) })
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
