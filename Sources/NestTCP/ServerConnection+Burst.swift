import NIOCore

/// The rhythm: a burst is read, served, answered; then the next one is asked for.
extension ServerConnection {
    /// Messages taken in one turn of the loop; then its other connections have theirs.
    static let burst = 256
    /// Answers that wait for this many bytes are sent before more messages are taken.
    static let outputLimit = 256 << 10

    /// True while there is room for one more message and its answer.
    var mayTake: Bool {
        phase == .open && isWritable && suspended.count - streams.count < services.options.maxInFlightPerConnection
            && heldBytes < services.options.maxInFlightBytesPerConnection && output.readableBytes < Self.outputLimit
            && parked == nil
    }

    /// Ends a burst: what was answered leaves, and the next bytes are asked for if there is room for them.
    func settle() {
        flush()
        guard phase == .open else { return }
        if ending == .inputClosed {
            takeLastLine()
            finishGrants()
        }
        if isStarved {
            lines.compact()
            if isDone { return finish() }
            read()
        } else if mayTake {
            scheduleTick()
        }
        watchLine()
    }

    /// Goes on at the next turn of the loop: with lines left over, with places that came free, with late answers.
    func scheduleTick() {
        guard !isTicking, phase == .open else { return }
        isTicking = true
        loop.assumeIsolated().execute {
            self.isTicking = false
            self.budget = Self.burst
            self.pump()
            self.settle()
        }
    }

    func read() {
        guard !isReading, mayTake, wantsInput, let context else { return }
        isReading = true
        budget = Self.burst
        context.read()
    }

    /// Readers of open streams are heard to the end: their credit is what lets the streams finish.
    private var wantsInput: Bool {
        switch ending {
        case nil: true
        case .draining: !streams.isEmpty || hasUnread
        case .inputClosed, .refused: false
        }
    }

    /// While draining: the socket still holds something from before. TLS takes less out of it than lies in it.
    private var hasUnread: Bool { unread > 0 && bytesInSocket > 0 }

    /// Everything that was taken is answered, and nothing more is wanted.
    private var isDone: Bool {
        guard ending != nil, suspended.isEmpty, parked == nil, current == 0 else { return false }
        if ending == .draining { return !hasUnread }
        return ending != .inputClosed || lines.partialBytes == 0
    }

    /// A line that has begun must end in time. Only while we listen: what we do not read is not the peer's fault.
    private func watchLine() {
        guard let timeouts, !isHandshaking else { return }
        let isNew = hasEndedLine
        hasEndedLine = false
        guard isReading, lines.partialBytes > 0 else { return timeouts.clear(.read) }
        if isNew || !timeouts.isSet(.read) { timeouts.set(.read, after: services.options.readTimeout) }
    }

    func noteTraffic() {
        if let idle = services.options.idleTimeout { timeouts?.set(.idle, after: idle) }
    }

    func expired(_ kind: TimeoutKind) {
        switch kind {
        case .read: cut("a line that has begun does not end")
        case .write: checkWrites()
        case .idle: suspended.isEmpty ? drain() : noteTraffic()
        }
    }
}
