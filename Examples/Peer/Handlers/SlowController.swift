import NestMessaging
import Synchronization

/// Handlers that take as long as they are told: what is killed in the middle of them has work in its hands.
struct SlowController: Controller {
    let tally: SlowTally

    static var dependencies: [Dependency] { [Dependency(SlowTally.self)] }

    static func make(from resolver: Resolver) async throws -> SlowController {
        SlowController(tally: try await resolver.resolve())
    }

    static var handlers: [Handler<SlowController>] {
        [
            .message("slow") { (slow, request: Slow, _) async throws in
                try await slow.tally.sleep(request.ms)
                return Slept(slept: request.ms)
            },
            .event("slow.event") { (slow, event: Slow, _) async throws in try await slow.tally.sleep(event.ms) },
            .message("slow.running") { (slow, _: NoPayload, _) in slow.tally.running },
        ]
    }
}

/// How many of them are at it.
final class SlowTally: Sendable {
    private let count = Mutex(0)

    var running: Int { count.withLock { $0 } }

    func sleep(_ milliseconds: Int) async throws {
        count.withLock { $0 += 1 }
        defer { count.withLock { $0 -= 1 } }
        try await Task.sleep(for: .milliseconds(milliseconds))
    }
}
