import NIOCore

extension ConnectionState {
    /// What is to be done now.
    enum Action: Equatable {
        case nothing
        case close
        /// Answer in the handler's stead, and close: `408` or `504`.
        case giveUp(status: Int)
        case keepAlive
    }

    /// When something is due; nil while nothing is.
    var deadline: NIODeadline? {
        let phaseEnd = phaseEnd
        guard let reading else { return phaseEnd }
        return phaseEnd.map { min($0, reading.next) } ?? reading.next
    }

    /// As long as the peer has not got its answer, only its reading is watched.
    private var phaseEnd: NIODeadline? {
        switch phase {
        case .lingering(let start): return start + timeouts.linger
        case .closed: return nil
        case .idle, .head, .busy, .discarding: if isFlushing { return nil }
        }
        switch phase {
        case .idle(let start), .discarding(let start): return start + timeouts.idle
        case .head(let start): return start + timeouts.header
        case .busy: return busyEnd
        case .lingering, .closed: return nil
        }
    }

    private var busyEnd: NIODeadline? {
        if !hasAnswered { return answerBy }
        let quiet = keepAlive.map { lastWrite + $0 }
        guard let bodyEnd else { return quiet }
        return quiet.map { min($0, bodyEnd) } ?? bodyEnd
    }

    /// When a peer is given up that does not send the rest of a request whose answer has begun.
    private var bodyEnd: NIODeadline? { isReading && isAwaited ? lastRead + timeouts.idle : nil }

    /// `waiting`: bytes that the system has not taken yet.
    mutating func due(now: NIODeadline, waiting: @autoclosure () -> Int = 0) -> Action {
        if let next = reading?.next, next <= now, reading?.look(waiting: waiting(), now: now) == true { return .close }
        guard let phaseEnd, phaseEnd <= now else { return .nothing }
        switch phase {
        case .idle, .discarding, .lingering: return .close
        case .head: return .giveUp(status: 408)
        case .closed: return .nothing
        case .busy:
            if !hasAnswered { return .giveUp(status: isReading && isAwaited && pending == 1 ? 408 : 504) }
            return bodyEnd.map { $0 <= now } == true ? .close : .keepAlive
        }
    }
}
