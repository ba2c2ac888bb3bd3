import Synchronization

/// The thread that looks after the NATS connections of a process, as long as somebody needs it.
///
/// There is one, as a process has one group of event loops: a handler that calls on, over another connection, writes its
/// request and is resumed by the reply without another thread in between.
enum NatsLoop {
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
