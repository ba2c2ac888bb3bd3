/// Takes records one by one.
protocol KafkaRecordSink: AnyObject, Sendable {
    func take(_ record: consuming KafkaRecord, from assignment: KafkaAssignment)
}
