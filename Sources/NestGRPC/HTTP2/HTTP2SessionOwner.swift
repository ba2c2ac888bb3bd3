import CNghttp2

/// What a session tells its connection, while it is given bytes or asked for some. Nothing that is told here may give the
/// session bytes, or end the connection: that waits until the session has returned.
protocol HTTP2SessionOwner: AnyObject {
    /// A frame of this kind begins; false when there have been too many.
    func begins(_ frame: HTTP2FrameType?, _ id: Int32, flags: UInt8, length: Int) -> Bool
    /// A peer opens a call; nil refuses it.
    func opened(_ id: Int32) -> HTTP2Stream?
    /// A header field; false resets the call.
    func received(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream
    ) -> Bool
    func received(_ data: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream)
    /// A header block is over.
    func headersEnded(for stream: HTTP2Stream)
    /// The peer has said its last word.
    func inputEnded(for stream: HTTP2Stream)
    func windowGrew(by bytes: Int, for stream: HTTP2Stream)
    func closed(_ stream: HTTP2Stream, _ code: UInt32)
    func receivedSettings()
    func receivedPong()
    /// The peer takes no calls with higher numbers than `last`.
    func receivedGoAway(last: Int32, _ code: UInt32, _ text: String)
}

/// The kinds of frames (RFC 9113, section 6).
enum HTTP2FrameType: UInt8 {
    case data = 0
    case headers = 1
    case priority = 2
    case reset = 3
    case settings = 4
    case pushPromise = 5
    case ping = 6
    case goAway = 7
    case windowUpdate = 8
    case continuation = 9
}
