import CRdKafka

/// librdkafka's pretended cluster, in this process but on real sockets: what a test has it answer with an error.
final class KafkaMock: Sendable {
    /// Requests that it can be told to fail.
    enum Request: Int16 {
        case produce = 0
        case fetch = 1
        case listOffsets = 2
        case metadata = 3
        case offsetCommit = 8
        case offsetFetch = 9
        case findCoordinator = 10
        case joinGroup = 11
        case heartbeat = 12
        case leaveGroup = 13
        case syncGroup = 14
        case initProducerID = 22
    }

    /// For three seconds it waits for further members of a new group, of which none says a word meanwhile: a shorter time
    /// would have them taken for dead.
    static let sessionTimeout = Duration.seconds(6)

    /// What the library said.
    struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// The library locks what these point to, and they are set once.
    nonisolated(unsafe) private let client: OpaquePointer
    nonisolated(unsafe) private let cluster: OpaquePointer

    /// Runs until it is let go.
    init(brokers: Int32 = 3) throws {
        let failed = Failed(description: "librdkafka's mock cluster does not start")
        guard let client = rd_kafka_new(RD_KAFKA_PRODUCER, nil, nil, 0) else { throw failed }
        guard let cluster = rd_kafka_mock_cluster_new(client, brokers) else {
            rd_kafka_destroy(client)
            throw failed
        }
        self.client = client
        self.cluster = cluster
    }

    deinit {
        rd_kafka_mock_cluster_destroy(cluster)
        rd_kafka_destroy(client)
    }

    /// Where clients begin.
    var bootstrap: String { String(cString: rd_kafka_mock_cluster_bootstraps(cluster)) }

    /// Its admin API does not answer: topics are made here.
    func createTopic(_ name: String, partitions: Int32 = 4, replication: Int32 = 1) throws {
        try check(rd_kafka_mock_topic_create(cluster, name, partitions, replication))
    }

    /// Makes one that may be there already.
    func provideTopic(_ name: String, partitions: Int32) throws {
        let error = rd_kafka_mock_topic_create(cluster, name, partitions, 1)
        if error != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS { try check(error) }
    }

    /// The next requests of a kind are answered with these, one after another; `NO_ERROR` lets one through.
    func fail(_ request: Request, with errors: [rd_kafka_resp_err_t]) {
        rd_kafka_mock_push_request_errors_array(cluster, request.rawValue, errors.count, errors)
    }

    /// Takes back what has not been used.
    func clearFailures(of request: Request) { rd_kafka_mock_clear_request_errors(cluster, request.rawValue) }

    /// Brokers are numbered from 1. One that is down has closed its connections and takes none.
    func setBroker(_ number: Int32, isUp: Bool) throws {
        try check(
            isUp
                ? rd_kafka_mock_broker_set_up(cluster, number)
                : rd_kafka_mock_broker_set_down(cluster, number))
    }

    /// How long a broker takes for each answer.
    func setRoundTrip(_ time: Duration, broker number: Int32) throws {
        let milliseconds = Int32(time / .milliseconds(1))
        try check(rd_kafka_mock_broker_set_rtt(cluster, number, milliseconds))
    }

    /// Which broker leads a partition; nil: none.
    func setLeader(_ broker: Int32?, of topic: String, partition: Int32) throws {
        try check(rd_kafka_mock_partition_set_leader(cluster, topic, partition, broker ?? -1))
    }

    /// What every request about a topic is answered with.
    func setError(_ error: rd_kafka_resp_err_t, of topic: String) {
        rd_kafka_mock_topic_set_error(cluster, topic, error)
    }

    private func check(_ error: rd_kafka_resp_err_t) throws {
        guard error != RD_KAFKA_RESP_ERR_NO_ERROR else { return }
        throw Failed(description: "the mock cluster: \(String(cString: rd_kafka_err2str(error)))")
    }
}
