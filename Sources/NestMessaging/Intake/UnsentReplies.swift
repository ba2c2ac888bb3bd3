package import NIOCore

/// Answers that found no connection, with a bound: they wait for the next one, as long as their callers wait.
package struct UnsentReplies: Sendable {
    private var all: [(message: IncomingMessage, bytes: ByteBuffer)] = []
    private var size = 0
    private let limit: Int

    /// At most so many bytes wait; what is beyond is dropped, and its caller times out.
    package init(limit: Int) { self.limit = limit }

    package mutating func keep(_ bytes: ByteBuffer, for message: IncomingMessage) {
        guard size + bytes.readableBytes <= limit else { return }
        size += bytes.readableBytes
        all.append((message, bytes))
    }

    /// Takes out those whose callers still wait, in their order.
    package mutating func takeAll(now: NIODeadline = .now()) -> [(message: IncomingMessage, bytes: ByteBuffer)] {
        defer {
            all = []
            size = 0
        }
        return all.filter { !$0.message.isExpired(at: now) }
    }
}
