import NestTesting

@testable import NestMessaging

/// Handlers that wait for the test.
struct Waiter: Controller {
    let gates: WaiterGates

    static var dependencies: [Dependency] { [Dependency(WaiterGates.self)] }
    static func make(from resolver: Resolver) async throws -> Waiter { Waiter(gates: try await resolver.resolve()) }

    static var handlers: [Handler<Waiter>] {
        [
            .message("now") { (_, number: Int, _) in number },
            .message("soon") { (_, number: Int, _) async in number },
            .message("late") { (waiter, number: Int, _) async throws in
                waiter.gates.begun.append(number)
                try await waiter.gates.gate.pass()
                return number
            },
            .message("count") { (_, count: Int, _) in
                AsyncStream<Int> { stream in
                    for number in 0..<count { stream.yield(number) }
                    stream.finish()
                }
            },
        ]
    }
}

final class WaiterGates: Sendable {
    let gate = Gate()
    let begun = Watched<[Int]>([])
}
