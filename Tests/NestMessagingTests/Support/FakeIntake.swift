import NIOCore
import NIOPosix
import NestTesting

@testable import NestMessaging

/// A transport's side that gets its messages from the test and writes lines.
final class FakeIntake: MessageIntake, @unchecked Sendable {
    let state: IntakeState
    let loop: PollLoop
    let lines = Watched<[String]>([])
    private var come = Fifo<IncomingMessage>()
    private(set) var isConnected = true
    var canStream: Bool { isConnected }

    init(_ dispatcher: MessageDispatcher, limits: IntakeLimits) throws {
        loop = try PollLoop()
        state = IntakeState(
            transport: "fake", loop: loop, timers: MultiThreadedEventLoopGroup.singleton.next(),
            dispatcher: dispatcher, limits: limits, logger: Logger(label: "quiet") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Messages that come in one read.
    func receive(_ messages: [IncomingMessage]) async {
        await loop.run {
            for message in messages { self.come.append(message) }
            self.takeAll()
        }
    }

    func pull() -> IncomingMessage? { come.popFirst() }

    func writeReply(to message: IncomingMessage) {
        var output = ByteBuffer()
        NestCodec().write(state.writer, to: &output)
        lines.append("\(message.pattern) \(String(buffer: output))")
    }

    func write(_ response: OutboundResponse, to message: IncomingMessage, stream: UInt64?) {
        guard message.kind == .send else { return }
        var output = ByteBuffer()
        NestCodec().write(response, id: nil, to: &output)
        lines.append("\(message.pattern)\(stream.map { " [\($0)]" } ?? "") \(String(buffer: output))")
    }

    func dropped(_ message: IncomingMessage) { lines.append("dropped \(message.pattern)") }
}
