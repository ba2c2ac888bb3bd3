import CRdKafka

/// The library the tests run with.
enum KafkaLibrary {
    /// It cannot read replies of ApiVersions with tagged fields.
    static var isOld: Bool { rd_kafka_version() < 0x0202_0000 }
}
