import NestMessaging
import Synchronization

/// What the peer's handlers remember.
final class PeerState: Sendable {
    private struct Counts {
        var users = UserTally()
        var audits = 0
        var usersOfRun = Recent<UserTally>()
        var auditsOfRun = Recent<Int>()
        var toldOfRun = Recent<Int>()
        var attempts = Recent<[Int]>()
    }

    /// Tells instances apart.
    let id = "peer-" + String(UInt64.random(in: .min ... .max), radix: 36)
    private let counts = Mutex(Counts())

    func countUser(_ user: Payload, run: String?) {
        counts.withLock { counts in
            counts.users.count(user)
            if let run { counts.usersOfRun.update(run, UserTally()) { $0.count(user) } }
        }
    }

    func countAudit(run: String?) {
        counts.withLock { counts in
            counts.audits += 1
            if let run { counts.auditsOfRun.update(run, 0) { $0 += 1 } }
        }
    }

    func countTold(run: String) { counts.withLock { $0.toldOfRun.update(run, 0) { $0 += 1 } } }

    /// All users, or those of a run.
    func users(run: String?) -> UserTally {
        counts.withLock { counts in run.map { counts.usersOfRun[$0] ?? UserTally() } ?? counts.users }
    }

    func audits(run: String?) -> Int {
        counts.withLock { counts in run.map { counts.auditsOfRun[$0] ?? 0 } ?? counts.audits }
    }

    func told(run: String) -> Int { counts.withLock { $0.toldOfRun[run] ?? 0 } }

    /// Notes a try and tells how many there have been here.
    func countAttempt(_ key: String, attempt: Int) -> Int {
        counts.withLock { counts in
            counts.attempts.update(key, []) { $0.append(attempt) }
            return counts.attempts[key]?.count ?? 0
        }
    }

    func attempts(_ key: String) -> [Int] { counts.withLock { $0.attempts[key] ?? [] } }
}

/// How many came, and the last one.
struct UserTally: Sendable {
    private(set) var count = 0
    private(set) var last = Payload.null

    mutating func count(_ user: Payload) {
        count += 1
        last = user
    }
}
