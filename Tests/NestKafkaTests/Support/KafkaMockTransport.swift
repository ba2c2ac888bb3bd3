import CRdKafka
import NestKafka

@testable import NestKafka

/// Kafka on a pretended cluster, which creates topics for no client: they are made before who needs them.
struct KafkaMockTransport: Transport {
    let mock: KafkaMock
    let kafka: KafkaTransport

    var name: String { kafka.name }
    var guarantees: Guarantees { kafka.guarantees }

    func makeServer(
        dispatcher: MessageDispatcher, environment: TransportEnvironment
    ) throws(TransportError) -> any MicroserviceServer {
        let connector = try KafkaConnector(kafka.options, environment)
        let plan = try KafkaPlan(dispatcher.routes, kafka.options, environment, replies: connector.replies)
        try provide(plan.specs.map(\.name))
        return try kafka.makeServer(dispatcher: dispatcher, environment: environment)
    }

    func makeClient(environment: TransportEnvironment) throws(TransportError) -> any TransportClient {
        let names = KafkaNames(kafka.options)
        try provide([names.requests(kafka.options.service), names.events, names.replies])
        return try kafka.makeClient(environment: environment)
    }

    private func provide(_ topics: [String]) throws(TransportError) {
        do {
            for topic in topics { try mock.provideTopic(topic, partitions: Int32(kafka.options.topics.partitions)) }
        } catch {
            throw TransportError(.internal, "\(error)")
        }
    }
}
