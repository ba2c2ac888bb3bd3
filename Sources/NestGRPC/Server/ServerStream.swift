import NIOCore

/// One call as the server sees it.
final class ServerStream: HTTP2Stream, @unchecked Sendable {
    /// Why a call is not served.
    enum Refusal {
        /// It is no gRPC call at all.
        case http(Int)
        case status(GRPCStatus)
    }

    // What its headers say.
    @exclusivity(unchecked) var method: GRPCMethod?
    @exclusivity(unchecked) var refusal: Refusal?
    @exclusivity(unchecked) var isPost = false
    @exclusivity(unchecked) var isGRPC = false
    @exclusivity(unchecked) var hasHeaders = false
    @exclusivity(unchecked) var timeoutMilliseconds: Int64?
    /// Items a peer of ours is ready to take; it says by its window when it has taken some.
    @exclusivity(unchecked) var window: Int?
    @exclusivity(unchecked) var headers = MessageHeaders()
    @exclusivity(unchecked) var encoding = MessageEncoding.identity
    /// Its caller says which encodings it takes, and gzip is one of them.
    @exclusivity(unchecked) var namesEncodings = false
    @exclusivity(unchecked) var takesGzip = false

    // The request.
    /// Bytes of the connection's window that it holds.
    @exclusivity(unchecked) var heldBytes = 0
    /// What they came to, if they were compressed.
    @exclusivity(unchecked) var inflatedBytes = 0
    @exclusivity(unchecked) var isComplete = false
    @exclusivity(unchecked) var message: IncomingMessage?
    /// When its caller stops waiting.
    @exclusivity(unchecked) var deadline: NIODeadline?

    // The answer.
    /// It has begun to be answered.
    @exclusivity(unchecked) var isBegun = false
    /// All of the answer is in the outbox, or left it.
    @exclusivity(unchecked) var isAnswered = false
    /// The run that serves it, while that has suspended.
    @exclusivity(unchecked) var run = 0
    @exclusivity(unchecked) var credit: StreamCredit?
    /// Items that were sent, and not taken yet: their lengths.
    var sentItems = Fifo<Int>()
    /// Bytes taken beyond whole items.
    var takenBytes = 0
    @exclusivity(unchecked) var writer: UnsafeContinuation<Void, Never>?
    /// What answers a question about health.
    @exclusivity(unchecked) var task: Task<Void, Never>?
    /// For a watch: the service exists, and what was said last.
    var isKnownService = false
    var lastHealth: HealthState?

    /// Bytes in its outbox from which on its writer waits.
    static let outputLimit = 64 << 10
}

extension ServerStream {
    /// The reader has taken so many bytes: whole items are credit for as many more.
    func taken(_ bytes: Int) {
        guard let credit, window != nil else { return }
        takenBytes += bytes
        var items = 0
        while let length = sentItems.first, length <= takenBytes {
            takenBytes -= length
            _ = sentItems.popFirst()
            items += 1
        }
        if sentItems.isEmpty { takenBytes = 0 }
        if items > 0 { credit.grant(items) }
    }

    func resumeWriter() {
        let waiting = writer
        writer = nil
        waiting?.resume()
    }
}
