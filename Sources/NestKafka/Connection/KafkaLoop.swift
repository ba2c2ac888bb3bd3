import Synchronization

/// The thread that hands on what the libraries of all Kafka connections of a process have brought, as long as somebody
/// needs it. The libraries have threads of their own for their sockets.
enum KafkaLoop {
    private struct Reference: Sendable {
        weak var loop: PollLoop?
    }

    private static let current = Mutex(Reference())

    /// Throws `overloaded` when the process has no file descriptors left.
    static func shared() throws(TransportError) -> PollLoop {
        let result = current.withLock { current -> Result<PollLoop, TransportError> in
            if let loop = current.loop { return .success(loop) }
            return Result { () throws(TransportError) in
                let loop = try PollLoop()
                current.loop = loop
                return loop
            }
        }
        return try result.get()
    }
}
