import Synchronization

/// A record's headers. While the library lends the record, they are read when somebody asks, and not before.
///
/// `@unchecked Sendable`: what is changed is changed behind the lock, or while nobody else has this.
final class KafkaRecordHeaders: @unchecked Sendable {
    private let lock = Mutex(())
    /// The library's record, until its headers are read.
    @exclusivity(unchecked) private var lent: KafkaBatch.Message?
    @exclusivity(unchecked) private var headers: MessageHeaders
    private let reader: KafkaHeaderReader?

    init(_ headers: MessageHeaders) {
        self.headers = headers
        reader = nil
    }

    /// Those of a record that the library lends. ``keep()`` must come before it has the record back, unless nobody else has
    /// this by then.
    init(lent message: KafkaBatch.Message, _ reader: KafkaHeaderReader) {
        lent = message
        headers = [:]
        self.reader = reader
    }

    /// Those of another record. Only while nobody else has this, and not for what was not lent.
    func become(lent message: KafkaBatch.Message) { lent = message }

    var all: MessageHeaders {
        lock.withLock { _ in
            if let message = lent, let reader {
                headers = reader.take(outOf: message)
                lent = nil
            }
            return headers
        }
    }

    /// Reads them, unless that was done: the library gets its record back.
    func keep() { _ = all }
}
