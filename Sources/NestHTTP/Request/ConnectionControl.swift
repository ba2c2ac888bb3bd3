import NIOCore

/// What a request may ask of the connection that it came by.
protocol ConnectionControl: Sendable {
    /// The peer's address, such as `192.0.2.7:51234`.
    var peer: String? { get }
    /// Lets this request take another time than the usual one until its answer begins; nil: as long as it likes.
    func limit(to time: Duration?)
    /// The answer is a stream: when the peer goes away the task is cancelled, at shutdown too if the stream has no end
    /// of its own. `keepAlive` is written when nothing else was for a while.
    func beginStream(isEndless: Bool, keepAlive: StreamKeepAlive?)
    /// Tells a peer that waits for leave to send its body (`Expect: 100-continue`).
    func continueBody()
}

/// What keeps a quiet stream from being taken for a dead one.
struct StreamKeepAlive: Sendable {
    var bytes: ByteBuffer
    var interval: TimeAmount
}
