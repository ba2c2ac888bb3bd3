import NIOCore

/// The watches of one connection, and the timer that looks for them whether the service's health has changed. It is set
/// only while there are watches.
final class HealthWatchers {
    static let interval = TimeAmount.milliseconds(500)

    private(set) var streams: [Int32: ServerStream] = [:]
    private var timer: RepeatedTask?
    /// Somebody looks already.
    var isLooking = false
    var look: Task<Void, Never>?

    func add(_ stream: ServerStream, on loop: any EventLoop, _ look: @escaping @Sendable () -> Void) {
        streams[stream.id] = stream
        guard timer == nil else { return }
        timer = loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in look() }
    }

    func remove(_ stream: ServerStream) {
        guard streams.removeValue(forKey: stream.id) != nil, streams.isEmpty else { return }
        end()
    }

    func end() {
        timer?.cancel()
        timer = nil
        look?.cancel()
    }
}
