import NIOCore
import NIOPosix
import Testing

@testable import NestSockets

@Suite("Deadlines of a connection") struct ConnectionTimeoutsTests {
    private enum Kind: Int, CaseIterable {
        case first, second, third
    }

    private let loop = MultiThreadedEventLoopGroup.singleton.next()

    /// What expires until the third deadline, which ends the test.
    private func expired(_ set: @escaping @Sendable (ConnectionTimeouts<Kind>) -> Void) async throws -> [Kind] {
        try await loop.flatSubmit { [loop] in
            let end = loop.makePromise(of: [Kind].self)
            var seen: [Kind] = []
            var timeouts: ConnectionTimeouts<Kind>?
            timeouts = ConnectionTimeouts(loop: loop) { kind in
                seen.append(kind)
                guard kind == .third else { return }
                timeouts?.stop()
                timeouts = nil
                end.succeed(seen)
            }
            if let timeouts { set(timeouts) }
            return end.futureResult
        }.get()
    }

    @Test("expire in the order of their times, each once")
    func order() async throws {
        let seen = try await expired {
            $0.set(.third, after: .milliseconds(40))
            $0.set(.second, after: .milliseconds(2))
            $0.set(.first, after: .milliseconds(20))
        }
        #expect(seen == [.second, .first, .third])
    }

    @Test("one that is cleared or moved back does not expire at its old time")
    func movedBack() async throws {
        let seen = try await expired {
            $0.set(.first, after: .milliseconds(1))
            $0.set(.second, after: .milliseconds(1))
            $0.clear(.first)
            $0.set(.second, after: .seconds(60))
            #expect(!$0.isSet(.first) && $0.isSet(.second))
            $0.set(.third, after: .milliseconds(20))
        }
        #expect(seen == [.third])
    }

    @Test("one is advanced to an earlier time only")
    func advanced() async throws {
        let seen = try await expired {
            $0.set(.first, after: .seconds(60))
            $0.advance(.first, to: .now() + .milliseconds(1))
            $0.set(.third, after: .milliseconds(20))
            $0.advance(.third, to: .now() + .seconds(60))
        }
        #expect(seen == [.first, .third])
    }
}
