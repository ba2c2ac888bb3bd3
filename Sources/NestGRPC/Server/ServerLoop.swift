import NIOCore

/// What all connections of one server share that live on the same event loop.
///
/// `@unchecked Sendable`: `writer` and `gzip` are touched on the loop only.
final class ServerLoop: @unchecked Sendable {
    /// One for all of them, so that their jobs share its ticks.
    let executor: LoopTaskExecutor
    /// Where replies are written that need no task.
    @exclusivity(unchecked) var writer: JSONWriter
    let gzip = Gzip()

    init(_ loop: any EventLoop, codec: JSONCodec) {
        executor = LoopTaskExecutor(loop)
        writer = JSONWriter(codec: codec)
    }
}
