import Logging
import NIOCore
import Synchronization

/// What goes wrong beside any call: counted, logged now and then, shown in health for a minute.
final class RedisTrouble: Sendable {
    private struct State {
        var dropped = 0
        var refused = 0
        var lastRefusal: String?
        var last = NIODeadline.distantPast
        var lastLog = NIODeadline.distantPast
    }

    private let state = Mutex(State())
    private let logger: Logger

    init(_ logger: Logger) { self.logger = logger }

    /// True for a minute after something went wrong.
    var isRecent: Bool { state.withLock { $0.last + .seconds(60) > .now() } }

    var details: [String: String] {
        state.withLock { state in
            var details: [String: String] = [:]
            if state.dropped > 0 { details["dropped"] = String(state.dropped) }
            if let refusal = state.lastRefusal { details["refused"] = "\(state.refused), last: \(refusal)" }
            return details
        }
    }

    /// A message had to be dropped: more came than are handled.
    func dropped() {
        let isToBeLogged = state.withLock { state in
            state.dropped += 1
            return Self.touch(&state)
        }
        guard isToBeLogged else { return }
        logger.warning("messages are dropped: more come than are handled", metadata: [LogKey.transport: "redis"])
    }

    /// An error of Redis that nobody waits for.
    func note(_ error: RedisError) {
        let isToBeLogged = state.withLock { state in
            state.refused += 1
            state.lastRefusal = error.text
            return Self.touch(&state)
        }
        guard isToBeLogged else { return }
        logger.warning(
            "Redis refuses something", metadata: [LogKey.transport: "redis", LogKey.reason: .string(error.text)])
    }

    /// Now is the time of the last trouble. True when it is to be logged: not more often than every five seconds.
    private static func touch(_ state: inout State) -> Bool {
        state.last = .now()
        guard state.lastLog + .seconds(5) <= state.last else { return false }
        state.lastLog = state.last
        return true
    }
}
