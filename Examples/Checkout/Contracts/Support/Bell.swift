/// Wakes one that waits. Rings while it is busy become one.
package struct Bell: Sendable {
    /// Yields at once, and after every ``ring()``. For one reader.
    package let rings: AsyncStream<Void>
    private let continuation: AsyncStream<Void>.Continuation

    package init() {
        (rings, continuation) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        ring()
    }

    package func ring() { continuation.yield() }
}
