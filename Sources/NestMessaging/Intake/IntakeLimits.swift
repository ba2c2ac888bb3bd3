/// What one server takes at once.
@usableFromInline
package struct IntakeLimits: Sendable {
    /// Messages that are handled at once.
    @usableFromInline package var maxInFlight: Int
    /// Messages that came although there was no place for them, and their bytes.
    package var maxWaiting: Int
    package var maxWaitingBytes: Int
    /// Streams that are sent at once.
    package var maxStreams: Int

    /// `maxWaiting` is for brokers that send whether or not there is a place.
    package init(maxInFlight: Int, maxWaiting: Int = 0, maxWaitingBytes: Int = 0) {
        self.maxInFlight = maxInFlight
        self.maxWaiting = maxWaiting
        self.maxWaitingBytes = maxWaitingBytes
        maxStreams = max(1_024, maxInFlight)
    }
}
