import NIOCore
import NestHTTP
import NestTesting
import Testing

private let size = 8 << 20
private let body = String(repeating: "x", count: size)

private struct Large: Controller {
    static func make(from resolver: Resolver) -> Large { Large() }
    static var handlers: [Handler<Large>] {
        [
            .get("/large") { (_, _: HTTPCall) in body },
            .get("/quick") { (_, _: HTTPCall) in "quick" },
        ]
    }
}

private let large = "GET /large HTTP/1.1\r\nhost: t\r\n\r\n"

/// Answers that the peer takes its time to read.
@Suite("Connections: slow readers") struct ConnectionFlushTests {
    private func options(idle: Duration = .seconds(60), request: Duration = .seconds(30)) -> HTTPOptions {
        var options = HTTPOptions()
        options.idleTimeout = idle
        options.requestTimeout = request
        return options
    }

    @Test("a peer that reads slowly gets all of its answer, with or without a goodbye", arguments: [false, true])
    func steady(closes: Bool) async throws {
        try await withWeb(Large.self, options: options(idle: .seconds(2))) { web async throws in
            let peer = try await SlowPeer.connect(to: web.port, pause: .milliseconds(50))
            try await peer.send(closes ? "GET /large HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n" : large)
            let seen = try await peer.received.eventually(within: .seconds(60), "the end") { $0.isClosed }
            #expect(seen.count > size)
            await peer.close()
        }
    }

    @Test("a peer that stops reading is cut")
    func stopped() async throws {
        try await withWeb(Large.self, options: options(idle: .seconds(1))) { web async throws in
            let peer = try await SlowPeer.connect(to: web.port, delay: .seconds(6))
            try await peer.send(large)
            let seen = try await peer.received.eventually(within: .seconds(60), "the end") { $0.isClosed }
            #expect(seen.count < size)
            await peer.close()
        }
    }

    @Test("shutting down waits for what is being read")
    func drain() async throws {
        try await withWeb(Large.self, options: options()) { web async throws in
            let peer = try await SlowPeer.connect(to: web.port, pause: .milliseconds(20))
            try await peer.send(large)
            try await peer.received.eventually(within: .seconds(20), "the beginning") { $0.count > 0 }
            await web.app.close()
            let seen = try await peer.received.eventually(within: .seconds(60), "the end") { $0.isClosed }
            #expect(seen.count > size)
            await peer.close()
        }
    }

    @Test("the time limit of a pipelined request does not run while its predecessor's answer is read")
    func pipelined() async throws {
        try await withWeb(Large.self, options: options(request: .seconds(1))) { web async throws in
            let peer = try await SlowPeer.connect(to: web.port, pause: .milliseconds(50))
            try await peer.send(large + "GET /quick HTTP/1.1\r\nhost: t\r\nconnection: close\r\n\r\n")
            let seen = try await peer.received.eventually(within: .seconds(60), "the end") { $0.isClosed }
            #expect(seen.count > size && seen.tail.hasSuffix("\r\n\r\nquick"), "\(seen.tail.debugDescription)")
            await peer.close()
        }
    }
}
