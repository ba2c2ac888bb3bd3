import CNats
import Logging
import NIOCore
import Synchronization

/// What goes wrong beside any call: counted, logged now and then, shown in health for a minute.
final class NatsTrouble: Sendable {
    private struct State {
        var dropped = 0
        var refused = 0
        var lastRefusal: String?
        var last = NIODeadline.distantPast
        var lastLogs: [Kind: NIODeadline] = [:]
    }

    /// Each has its own place in the log: one that comes all the time does not hide the other.
    private enum Kind {
        case drop
        case refusal
    }

    private let state = Mutex(State())

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

    /// Messages had to be dropped: more came than are handled.
    func dropped(_ count: Int, _ logger: Logger) {
        let isToBeLogged = state.withLock { state in
            state.dropped += count
            return Self.touch(.drop, &state)
        }
        guard isToBeLogged else { return }
        logger.warning(
            "messages are dropped: more come than are handled", metadata: [LogKey.transport: "nats"])
    }

    /// A report of the library.
    func note(_ status: natsStatus, _ text: String, _ logger: Logger) {
        if status == NATS_SLOW_CONSUMER { return dropped(1, logger) }
        let isToBeLogged = state.withLock { state in
            if status == NATS_NOT_PERMITTED {
                state.refused += 1
                state.lastRefusal = text
            }
            return Self.touch(.refusal, &state)
        }
        guard isToBeLogged else { return }
        logger.warning(
            "the NATS server refuses something",
            metadata: [LogKey.transport: "nats", LogKey.reason: .string(text)])
    }

    /// Now is the time of the last trouble. True when it is to be logged: not more often than every five seconds.
    private static func touch(_ kind: Kind, _ state: inout State) -> Bool {
        state.last = .now()
        if let lastLog = state.lastLogs[kind], lastLog + .seconds(5) > state.last { return false }
        state.lastLogs[kind] = state.last
        return true
    }
}
