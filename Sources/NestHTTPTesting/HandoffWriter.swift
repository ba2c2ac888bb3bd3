import HTTPTypes
import HummingbirdCore
import NIOCore

/// Writes a response's body into a ``BodyHandoff``.
struct HandoffWriter: ResponseBodyWriter {
    private let handoff: BodyHandoff

    /// Writes all of `body`, or until nobody reads it any more or the task is cancelled.
    static func write(_ body: ResponseBody, to handoff: BodyHandoff) async {
        do {
            try await body.write(HandoffWriter(handoff: handoff))
            handoff.finish()
        } catch {
            handoff.finish(throwing: error)
        }
    }

    mutating func write(_ buffer: ByteBuffer) async throws {
        guard await handoff.isAsked() else { throw CancellationError() }
        handoff.give(buffer)
    }

    consuming func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
