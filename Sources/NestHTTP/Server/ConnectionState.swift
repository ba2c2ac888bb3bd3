import NIOCore

/// Where one HTTP/1.1 connection is: what it may do next, and until when. Knows no channel.
struct ConnectionState {
    enum Phase: Equatable {
        /// No request, no byte of one.
        case idle(since: NIODeadline)
        /// A head has begun to come.
        case head(since: NIODeadline)
        /// At least one request has no complete answer yet.
        case busy
        /// We have said our last word and wait for the peer to close.
        case lingering(since: NIODeadline)
        case closed
    }

    /// What is to be done now.
    enum Action: Equatable {
        case nothing
        case close
        /// Answer in the handler's stead, and close: `408` or `504`.
        case giveUp(status: Int)
        case keepAlive
    }

    let timeouts: ConnectionTimeouts
    private(set) var phase: Phase
    /// Requests whose heads have come and whose answers have not gone.
    private(set) var pending = 0
    /// The last request's body is still coming.
    private(set) var isReading = false
    /// The answer to the first pending request has begun.
    private(set) var hasAnswered = false
    /// No request after the pending ones.
    private(set) var isClosing = false
    /// The application ends: what has no end of its own is to be ended.
    private(set) var isDraining = false
    /// The peer sends nothing more.
    private(set) var isInputClosed = false
    /// When the answer must have begun; nil: no limit.
    private(set) var answerBy: NIODeadline?
    private var lastRead: NIODeadline
    /// Since when the peer reads nothing; nil while it does.
    private var stalledSince: NIODeadline?
    private var lastWrite: NIODeadline
    private var keepAlive: TimeAmount?
    private var discarded = 0

    init(timeouts: ConnectionTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        phase = .idle(since: now)
        lastRead = now
        lastWrite = now
    }
}

// MARK: - What comes

extension ConnectionState {
    /// True when a head has begun, so that there is a new deadline.
    mutating func bytesCame(now: NIODeadline) -> Bool {
        guard case .idle = phase else { return false }
        phase = .head(since: now)
        return true
    }

    /// `closes`: the peer wants no other answer after this one.
    mutating func headCame(closes: Bool, now: NIODeadline) {
        phase = .busy
        pending += 1
        isReading = true
        if closes { isClosing = true }
        discarded = 0
        lastRead = now
        if pending == 1 { beginRequest(now) }
    }

    mutating func bodyCame(now: NIODeadline) { lastRead = now }

    mutating func requestEnded() { isReading = false }

    /// Everything has come and everything has gone.
    mutating func becameIdle(now: NIODeadline) { phase = .idle(since: now) }

    /// Bytes that nobody wants any more; true when it is enough of them.
    mutating func discard(_ count: Int) -> Bool {
        discarded += count
        if case .lingering = phase { return discarded > timeouts.lingerBytes }
        return discarded > timeouts.discard
    }

    mutating func inputClosed() { isInputClosed = true }

    mutating func limitAnswer(to deadline: NIODeadline?) { answerBy = deadline }

    private mutating func beginRequest(_ now: NIODeadline) {
        hasAnswered = false
        keepAlive = nil
        stalledSince = nil
        answerBy = now + timeouts.request
    }
}

// MARK: - What goes

extension ConnectionState {
    /// An answer begins. True when it is the connection's last and should say so.
    ///
    /// `rest` is how much of the request's body may still come, if it is known.
    mutating func answerBegan(closes: Bool, rest: Int?, now: NIODeadline) -> Bool {
        hasAnswered = true
        lastWrite = now
        if closes || (isReading && pending == 1 && (rest ?? .max) > timeouts.discard) { isClosing = true }
        return isClosing && pending == 1
    }

    mutating func wrote(now: NIODeadline) { lastWrite = now }

    /// An answer is complete. True when the connection is to be closed.
    mutating func answerEnded(now: NIODeadline) -> Bool {
        pending -= 1
        keepAlive = nil
        guard pending == 0 else {
            beginRequest(now)
            return false
        }
        if isClosing { return true }
        if !isReading { phase = .idle(since: now) }
        return false
    }

    mutating func streams(keepAlive interval: TimeAmount?, now: NIODeadline) {
        keepAlive = interval
        lastWrite = now
    }

    mutating func writability(_ isWritable: Bool, now: NIODeadline) { stalledSince = isWritable ? nil : now }

    mutating func linger(now: NIODeadline) { phase = .lingering(since: now) }

    mutating func close() { phase = .closed }

    /// No further requests. True when the connection can be closed right away.
    mutating func drain() -> Bool {
        isClosing = true
        isDraining = true
        if case .idle = phase { return true }
        return false
    }
}

// MARK: - Time

extension ConnectionState {
    /// When something is due; nil while nothing is.
    var deadline: NIODeadline? {
        switch phase {
        case .idle(let start): start + timeouts.idle
        case .head(let start): start + timeouts.header
        case .lingering(let start): start + timeouts.linger
        case .closed: nil
        case .busy: busyDeadline
        }
    }

    private var busyDeadline: NIODeadline? {
        if pending == 0 { return lastRead + timeouts.idle }
        if !hasAnswered { return answerBy }
        return [stuckAt, keepAlive.map { lastWrite + $0 }].compactMap { $0 }.min()
    }

    /// When a peer that neither reads its answer nor sends the rest of its request is given up.
    private var stuckAt: NIODeadline? {
        [stalledSince, isReading ? lastRead : nil].compactMap { $0 }.min().map { $0 + timeouts.idle }
    }

    func due(now: NIODeadline) -> Action {
        guard let deadline, deadline <= now else { return .nothing }
        switch phase {
        case .idle, .lingering: return .close
        case .head: return .giveUp(status: 408)
        case .closed: return .nothing
        case .busy:
            if pending == 0 { return .close }
            if !hasAnswered { return .giveUp(status: isReading ? 408 : 504) }
            return stuckAt.map { $0 <= now } == true ? .close : .keepAlive
        }
    }
}
