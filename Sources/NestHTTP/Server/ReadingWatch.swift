import NIOCore

/// Whether a peer goes on taking what there is for it, however slowly: looked at from time to time.
struct ReadingWatch {
    private let patience: TimeAmount
    private var lastProgress: NIODeadline
    private var lastLook: NIODeadline
    private var waiting: Int
    private var written = 0

    /// `waiting`: bytes that the system has not taken yet.
    init(waiting: Int, patience: TimeAmount, now: NIODeadline) {
        self.patience = patience
        self.waiting = waiting
        lastProgress = now
        lastLook = now
    }

    /// When to look again.
    var next: NIODeadline { min(lastLook + .nanoseconds(patience.nanoseconds / 4), lastProgress + patience) }

    mutating func wrote(_ count: Int) { written += count }

    /// True when the peer has taken nothing for too long.
    mutating func look(waiting: Int, now: NIODeadline) -> Bool {
        if waiting < self.waiting + written { lastProgress = now }
        (self.waiting, written, lastLook) = (waiting, 0, now)
        return lastProgress + patience <= now
    }
}
