import NestMessaging
import Synchronization

/// What the peer's handlers remember.
final class PeerState: Sendable {
    private struct Counts {
        var users = 0
        var lastUser = Payload.null
        var audits = 0
        var attempts: [String: [Int]] = [:]
    }

    /// Tells instances apart.
    let id = "peer-" + String(UInt64.random(in: .min ... .max), radix: 36)
    private let counts = Mutex(Counts())

    func countUser(_ user: Payload) {
        counts.withLock { counts in
            counts.users += 1
            counts.lastUser = user
        }
    }

    func countAudit() { counts.withLock { $0.audits += 1 } }

    var users: UserCount { counts.withLock { UserCount(count: $0.users, last: $0.lastUser) } }

    var audits: Int { counts.withLock { $0.audits } }

    /// Notes a try and tells how many there have been.
    func countAttempt(_ key: String, attempt: Int) -> Int {
        counts.withLock { counts in
            counts.attempts[key, default: []].append(attempt)
            return counts.attempts[key]?.count ?? 0
        }
    }

    func attempts(_ key: String) -> [Int] { counts.withLock { $0.attempts[key] ?? [] } }
}

/// What `events.count` answers. The payload is spliced in as it came.
struct UserCount: Encodable, Sendable {
    var count: Int
    var last: Payload
}
