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
        /// All is answered, and the rest of a body that nobody wants is coming.
        case discarding(since: NIODeadline)
        /// We have said our last word and wait for the peer to close.
        case lingering(since: NIODeadline)
        case closed
    }

    let timeouts: ConnectionTimeouts
    private(set) var phase: Phase
    /// Requests whose heads have come and whose answers have not gone.
    private(set) var pending = 0
    /// The last request's body is still coming.
    private(set) var isReading = false
    /// Somebody waits for a piece of that body.
    private(set) var isAwaited = false
    /// The answer to the first pending request has begun.
    private(set) var hasAnswered = false
    /// An answer is complete, but the system has not taken all of it yet.
    private(set) var isFlushing = false
    /// No request after the pending ones.
    private(set) var isClosing = false
    /// What comes now belongs to a request after the last one.
    private(set) var isIgnoring = false
    /// The application ends: what has no end of its own is to be ended.
    private(set) var isDraining = false
    /// The peer sends nothing more.
    private(set) var isInputClosed = false
    /// When the answer must have begun; nil: no limit, or its clock does not run yet.
    private(set) var answerBy: NIODeadline?
    /// How long the first pending request may take.
    private var limit: TimeAmount?
    private(set) var lastRead: NIODeadline
    private(set) var lastWrite: NIODeadline
    private(set) var keepAlive: TimeAmount?
    /// There while the peer takes less than there is for it.
    var reading: ReadingWatch?
    private var discarded = 0

    init(timeouts: ConnectionTimeouts, now: NIODeadline) {
        self.timeouts = timeouts
        phase = .idle(since: now)
        lastRead = now
        lastWrite = now
    }

    /// The last answer has gone, and there will be no other.
    var isFinished: Bool { isClosing && pending == 0 && !isFlushing }
}

// MARK: - What comes

extension ConnectionState {
    /// True when a head has begun, so that there is a new deadline.
    mutating func bytesCame(now: NIODeadline) -> Bool {
        guard case .idle = phase, !isClosing else { return false }
        phase = .head(since: now)
        return true
    }

    /// False when it is one request too many. `closes`: there is to be no other answer after this one.
    mutating func headCame(closes: Bool, now: NIODeadline) -> Bool {
        isIgnoring = isClosing
        guard !isClosing else { return false }
        phase = .busy
        pending += 1
        isReading = true
        isAwaited = false
        if closes { isClosing = true }
        discarded = 0
        lastRead = now
        if pending == 1 { beginRequest(now) }
        return true
    }

    mutating func bodyCame(now: NIODeadline) { lastRead = now }

    /// Somebody begins to wait for a piece of the body, or has got it.
    mutating func awaits(_ isAwaited: Bool, now: NIODeadline) {
        if isAwaited { lastRead = now }
        self.isAwaited = isAwaited
    }

    mutating func requestEnded(now: NIODeadline) {
        isReading = false
        if case .discarding = phase { phase = .idle(since: now) }
    }

    /// Bytes that nobody wants any more; true when it is enough of them.
    mutating func discard(_ count: Int) -> Bool {
        discarded += count
        if case .lingering = phase { return discarded > timeouts.lingerBytes }
        return discarded > timeouts.discard
    }

    mutating func inputClosed() { isInputClosed = true }

    mutating func limitAnswer(to limit: TimeAmount?, now: NIODeadline) {
        self.limit = limit
        if !isFlushing { answerBy = limit.map { now + $0 } }
    }

    /// The clock of a request whose predecessor's answer still waits for the peer does not run yet.
    private mutating func beginRequest(_ now: NIODeadline) {
        hasAnswered = false
        keepAlive = nil
        limit = timeouts.request
        answerBy = isFlushing ? nil : now + timeouts.request
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

    mutating func wrote(_ count: Int, now: NIODeadline) {
        lastWrite = now
        reading?.wrote(count)
    }

    /// An answer is complete, but for what the system has yet to take: see ``flushed(now:)``.
    mutating func answerEnded(now: NIODeadline) {
        pending -= 1
        keepAlive = nil
        hasAnswered = false
        isFlushing = true
        if pending > 0 {
            beginRequest(now)
        } else {
            phase = isReading ? .discarding(since: now) : .idle(since: now)
        }
    }

    /// The system has taken everything: now the clocks run of what comes next.
    mutating func flushed(now: NIODeadline) {
        isFlushing = false
        reading = nil
        switch phase {
        case .idle: phase = .idle(since: now)
        case .head: phase = .head(since: now)
        case .discarding: phase = .discarding(since: now)
        case .busy: if !hasAnswered { answerBy = limit.map { now + $0 } }
        case .lingering, .closed: break
        }
    }

    /// The peer takes less than there is for it: `waiting` bytes.
    mutating func fellBehind(waiting: Int, now: NIODeadline) {
        if reading == nil { reading = ReadingWatch(waiting: waiting, patience: timeouts.idle, now: now) }
    }

    mutating func caughtUp() { if !isFlushing { reading = nil } }

    mutating func streams(keepAlive interval: TimeAmount?, now: NIODeadline) {
        keepAlive = interval
        lastWrite = now
    }

    mutating func linger(now: NIODeadline) { phase = .lingering(since: now) }

    mutating func close() { phase = .closed }

    /// No further requests.
    mutating func drain() {
        isClosing = true
        isDraining = true
    }
}
