import NIOCore
import Synchronization

/// A request's way back to its caller, and the caller's words about a running stream: what a socket is elsewhere.
/// Both go as bytes.
final class MemoryCall: Sendable {
    private let id: UInt64
    private let codec: NestCodec
    private let receive: @Sendable (ByteBuffer) -> Bool
    private let credit = Mutex<StreamCredit?>(nil)

    /// `receive` is given each response; false says that nobody waits for it any more.
    init(id: UInt64, codec: NestCodec, receive: @escaping @Sendable (ByteBuffer) -> Bool) {
        self.id = id
        self.codec = codec
        self.receive = receive
    }

    /// Sends a response to the caller.
    func answer(_ response: OutboundResponse) {
        var frame = ByteBuffer()
        codec.write(response, id: ByteBuffer(string: "\"\(id)\""), to: &frame)
        guard !receive(frame), case .item = response else { return }
        tell(.cancel)
    }

    /// The credit of the stream that is about to begin.
    func openStream(_ initial: Int) -> StreamCredit {
        let made = StreamCredit(initial)
        credit.withLock { $0 = made }
        return made
    }

    /// Sends a word of the stream's reader to its writer.
    func tell(_ control: StreamControl) {
        var frame = ByteBuffer()
        codec.write(control, id: id, to: &frame)
        guard case .control(let heard, _)? = try? codec.readRequest(frame, in: frame.wholeRange) else { return }
        let credit = credit.withLock { $0 }
        switch heard {
        case .credit(let count): credit?.grant(count)
        case .cancel: credit?.cancel()
        }
    }
}

extension ByteBuffer {
    /// All of it, as the codec wants to be told.
    var wholeRange: ByteRange { ByteRange(readerIndex, writerIndex) }
}
