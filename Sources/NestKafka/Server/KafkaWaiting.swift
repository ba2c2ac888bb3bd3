import NIOCore

/// A record that waits for its time.
struct KafkaWaiting: Sendable {
    let record: KafkaRecord
    let due: NIODeadline

    /// It says itself when that is, which anybody may have written: it waits no longer than records of its topic do.
    init(_ record: KafkaRecord) {
        self.record = record
        let wanted = record.headers[KafkaHeader.dueAt].flatMap { Int64($0) } ?? 0
        let (left, isLongAgo) = wanted.subtractingReportingOverflow(WallClock.milliseconds())
        let longest = KafkaNames.delay(ofRetries: record.name.topic)
        due = .now() + .milliseconds(isLongAgo ? 0 : max(0, min(left, longest)))
    }
}
