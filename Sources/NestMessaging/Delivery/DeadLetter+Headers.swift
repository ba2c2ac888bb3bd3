extension DeadLetter {
    /// The headers a message is kept with: its own, and what an operator wants to know about its end.
    ///
    /// - Parameters:
    ///   - headers: Those the message came with.
    ///   - source: Where it came from in the transport's terms: a queue, a stream, a topic and partition.
    ///   - attempt: The try that failed.
    ///   - date: Now, as RFC 3339.
    package func headers(
        adding headers: MessageHeaders, source: String, attempt: Int, date: String = WallClock.timestamp()
    ) -> MessageHeaders {
        var headers = headers
        headers[HeaderName.attempt] = String(attempt)
        headers[HeaderName.deadReason] = reason.rawValue
        headers[HeaderName.deadError] = "\(error.code): \(error.message)"
        headers[HeaderName.deadSource] = source
        headers[HeaderName.deadAt] = date
        return headers
    }
}
