import NIOCore

/// What all connections of one server share that live on the same event loop.
///
/// `@unchecked Sendable`: `writer` is touched on the loop only.
final class ServerLoop: @unchecked Sendable {
    /// One for all of them, so that their jobs share its ticks.
    let executor: LoopTaskExecutor
    /// Where replies are written that need no task.
    @exclusivity(unchecked) var writer: JSONWriter

    init(_ loop: any EventLoop, codec: JSONCodec) {
        executor = LoopTaskExecutor(loop)
        writer = JSONWriter(codec: codec)
    }
}

/// The loops of one server.
struct ServerLoops: Sendable {
    private let loops: [ObjectIdentifier: ServerLoop]
    private let codec: JSONCodec

    init(group: any EventLoopGroup, codec: JSONCodec) {
        var loops: [ObjectIdentifier: ServerLoop] = [:]
        for loop in group.makeIterator() { loops[ObjectIdentifier(loop)] = ServerLoop(loop, codec: codec) }
        self.loops = loops
        self.codec = codec
    }

    subscript(loop: any EventLoop) -> ServerLoop {
        loops[ObjectIdentifier(loop)] ?? ServerLoop(loop, codec: codec)
    }
}
