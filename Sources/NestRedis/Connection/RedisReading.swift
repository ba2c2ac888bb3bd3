/// The connection that something is read over, and whether it was asked for more.
///
/// Another connection may take over while the answer is still to come: it is let come, and asked for over the other one
/// afterwards. So nothing is lost that Redis has given away, and nothing is asked for twice.
struct RedisReading {
    private(set) var reader: RedisSession.Reader?
    /// Takes over when the answer has come.
    private var next: RedisSession.Reader?
    /// Something was asked for and has not come.
    private(set) var isAsking = false

    /// Reads over this connection from now on, or as soon as what was asked for has come.
    mutating func begin(_ reader: RedisSession.Reader) {
        if isAsking, self.reader != nil { next = reader } else { self.reader = reader }
    }

    /// The connections are gone, with what was asked for.
    mutating func lost() {
        reader = nil
        next = nil
        isAsking = false
    }

    /// The connection to ask over; nil when it was asked already, or there is none.
    mutating func ask() -> RedisConnection? {
        guard !isAsking, let reader else { return nil }
        isAsking = true
        return reader.connection
    }

    /// Nobody is asked until ``came()``.
    mutating func rest() { isAsking = true }

    /// The answer has come, or will never come. True when another connection has taken over.
    @discardableResult
    mutating func came() -> Bool {
        isAsking = false
        guard let next else { return false }
        reader = next
        self.next = nil
        return true
    }
}
