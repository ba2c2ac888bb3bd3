import HTTPTypes
import HummingbirdCore
import NIOCore

/// Answers that are written while a sequence is read. A peer that reads slowly holds the sequence back; one that goes
/// away cancels it.
enum StreamBodies {
    /// An event stream. It has no end that anybody waits for: shutting down ends it.
    static func events<Events: AsyncSequence & Sendable>(
        _ events: Events, for call: HTTPCall
    ) -> HandlerResult where Events.Element == ServerSentEvent {
        let keepAlive = StreamKeepAlive(bytes: ByteBuffer(string: ":\n\n"), interval: .seconds(15))
        let connection = call.state.connection
        let body = ResponseBody { writer in
            connection?.beginStream(isEndless: true, keepAlive: keepAlive)
            var turn = StreamTurn()
            for try await event in events {
                try await writer.write(event.bytes)
                await turn.next()
            }
            try await writer.finish(nil)
        }
        return .response(
            HTTPAnswer(
                fields: [
                    HTTPField(name: .contentType, value: "text/event-stream"),
                    HTTPField(name: .cacheControl, value: "no-cache"),
                    HTTPField(name: .accelBuffering, value: "no"),
                ], body: body))
    }

    /// Bytes as they come.
    static func bytes<Pieces: AsyncSequence & Sendable>(
        _ pieces: Pieces, for call: HTTPCall
    ) -> HandlerResult where Pieces.Element == ByteBuffer {
        let connection = call.state.connection
        let body = ResponseBody { writer in
            connection?.beginStream(isEndless: false, keepAlive: nil)
            var turn = StreamTurn()
            for try await piece in pieces {
                try await writer.write(piece)
                await turn.next()
            }
            try await writer.finish(nil)
        }
        let field = HTTPField(name: .contentType, value: "application/octet-stream")
        return .response(HTTPAnswer(fields: [field], body: body))
    }

    /// JSON values, one a line.
    static func lines(_ values: PayloadStream, _ connection: (any ConnectionControl)?) -> HTTPAnswer {
        let body = ResponseBody { writer in
            connection?.beginStream(isEndless: false, keepAlive: nil)
            var turn = StreamTurn()
            for try await value in values {
                var line = value.buffer
                line.writeInteger(UInt8(ascii: "\n"))
                try await writer.write(line)
                await turn.next()
            }
            try await writer.finish(nil)
        }
        return HTTPAnswer(fields: [HTTPField(name: .contentType, value: "application/x-ndjson")], body: body)
    }
}

extension HTTPField.Name {
    // A valid name: it never comes to nothing.
    static let accelBuffering = HTTPField.Name("x-accel-buffering") ?? .eTag
}

/// A sequence that never has to wait would keep the event loop from its other connections, and from noticing that nobody
/// reads: sockets have their turn after some pieces. An event loop looks at them once it has nothing else to do, so a
/// yield is not enough: the task leaves the loop and comes back.
private struct StreamTurn {
    private var written = 0

    mutating func next() async {
        written &+= 1
        guard written % 64 == 0 else { return }
        await withTaskExecutorPreference(globalConcurrentExecutor) { await Self.leave() }
    }

    @concurrent
    private static func leave() async {}
}
