import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import NIOPosix

/// A connection for each request, so that no test sees what another one left behind.
struct LiveBackend: HTTPTestBackend {
    private typealias Connection = NIOAsyncChannel<HTTPResponsePart, HTTPRequestPart>
    private typealias Inbound = NIOAsyncChannelInboundStream<HTTPResponsePart>
    private typealias Outbound = NIOAsyncChannelOutboundWriter<HTTPRequestPart>

    let host: String
    let port: Int

    func withAnswer<Value: Sendable>(
        to request: HTTPTestRequest, _ body: @escaping @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value {
        let connection = try await connect()
        var value: Value?
        do {
            try await connection.executeThenClose { inbound, outbound in
                value = try await Self.ask(request, inbound, outbound, body)
            }
        } catch {
            // Closing in the middle of an answer is an error to the connection, not to the test.
            guard value != nil else { throw error }
        }
        guard let value else { throw CancellationError() }
        return value
    }

    private static func ask<Value: Sendable>(
        _ request: HTTPTestRequest, _ inbound: Inbound, _ outbound: Outbound,
        _ body: @escaping @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value {
        // A server may answer, and close, before all of the request is there.
        async let _: Void? = try? send(request, on: outbound)
        var parts = inbound.makeAsyncIterator()
        guard let head = try await head(&parts) else {
            throw TransportError(.disconnected, "the connection was closed without an answer")
        }
        let handoff = BodyHandoff()
        async let value = read(HTTPTestStream(head, handoff), handoff, body)
        await pass(&parts, to: handoff)
        return try await value
    }

    private static func read<Value: Sendable>(
        _ answer: HTTPTestStream, _ handoff: BodyHandoff, _ body: @Sendable (HTTPTestStream) async throws -> Value
    ) async throws -> Value {
        defer { handoff.stop() }
        return try await body(answer)
    }

    /// Passes the body on as long as somebody reads it.
    private static func pass(_ parts: inout Inbound.AsyncIterator, to handoff: BodyHandoff) async {
        do {
            while await handoff.isAsked(), case .body(let piece)? = try await parts.next(isolation: #isolation) {
                handoff.give(piece)
            }
            handoff.finish()
        } catch {
            handoff.finish(throwing: error)
        }
    }

    private func connect() async throws -> Connection {
        try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.socketOption(.so_reuseaddr), value: 1)
            .connect(host: host, port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(HTTP1ToHTTPClientCodec())
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
    }

    /// That of the answer, after any `100 Continue`.
    private static func head(_ parts: inout Inbound.AsyncIterator) async throws -> HTTPResponse? {
        while let part = try await parts.next(isolation: #isolation) {
            if case .head(let head) = part, head.status.kind != .informational { return head }
        }
        return nil
    }

    private static func send(_ request: HTTPTestRequest, on outbound: Outbound) async throws {
        var head = request.head
        if head.headerFields[.connection] == nil { head.headerFields[.connection] = "close" }
        let body = request.body.map { [HTTPRequestPart.body($0)] } ?? []
        try await outbound.write(contentsOf: [.head(head)] + body + [.end(nil)])
    }
}
