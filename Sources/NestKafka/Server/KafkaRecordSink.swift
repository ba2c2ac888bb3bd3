/// Takes records one by one.
protocol KafkaRecordSink: AnyObject, Sendable {
    /// A record that the library has back when this returns.
    func take(lent message: KafkaBatch.Message, _ bytes: consuming KafkaBytes, from assignment: KafkaAssignment)
    /// One that waited for its time.
    func take(_ record: consuming KafkaRecord, from assignment: KafkaAssignment)
}
