import NIOCore

/// Tells whether it pays to spin for what may come, by measuring: in each period of the clock it is tried with and
/// without for a moment, and the rest is spent in the way that brought clearly more bytes.
///
/// All processes of a machine have one clock. So both sides of an exchange try the same at the same time.
struct SpinWorth {
    /// Nanoseconds, as the rest.
    static let period: UInt64 = 200_000_000
    static let trial: UInt64 = 8_000_000
    /// What a gain must be at least: it is paid for with time of a processor.
    private static let gain = 1.1

    private enum Phase {
        case awake, asleep, settled
    }

    /// How long to stay awake.
    private let limit: TimeAmount
    /// Who waits longer than this is not in a brisk exchange: to sleep costs little beside it.
    private let briskness: TimeAmount
    private var sent: NIODeadline?
    private var isBrisk = false
    /// The period whose trials are counted.
    private var settled: UInt64 = 0
    /// In this period's trials.
    private var awake = 0.0
    private var asleep = 0.0
    /// In those of the last periods, the last ones weighing most.
    private var averageAwake = 0.0
    private var averageAsleep = 0.0
    private var pays = false

    init(limit: TimeAmount) {
        self.limit = limit
        briskness = limit * 16
    }

    /// Something has left. Until when to stay awake for what may come; nil: it does not pay.
    mutating func sent(at now: NIODeadline) -> NIODeadline? {
        sent = now
        guard isBrisk else { return nil }
        switch phase(at: now) {
        case .awake: return now + limit
        case .asleep: return nil
        case .settled: return pays ? now + limit : nil
        }
    }

    /// Bytes came.
    mutating func came(_ bytes: Int, at now: NIODeadline) {
        if let sent { isBrisk = now - sent < briskness }
        switch phase(at: now) {
        case .awake: awake += Double(bytes)
        case .asleep: asleep += Double(bytes)
        case .settled: break
        }
    }

    private mutating func phase(at now: NIODeadline) -> Phase {
        let (number, time) = now.uptimeNanoseconds.quotientAndRemainder(dividingBy: Self.period)
        if time < Self.trial { return .awake }
        if time < Self.trial * 2 { return .asleep }
        if number != settled {
            settled = number
            settle()
        }
        return .settled
    }

    private mutating func settle() {
        guard awake + asleep > 0 else { return }
        averageAwake += (awake - averageAwake) / 8
        averageAsleep += (asleep - averageAsleep) / 8
        (awake, asleep) = (0, 0)
        pays = averageAwake > averageAsleep * Self.gain
    }
}
