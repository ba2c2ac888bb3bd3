import CNghttp2
import NIOCore

/// One nghttp2 session: HTTP/2 without a socket. Bytes that came are put in, bytes to be sent are taken out.
///
/// Owns the C handle, and lives on its connection's event loop. nghttp2 knows it by an unretained pointer, and is gone
/// before it is.
final class HTTP2Session {
    enum Side {
        case server, client
    }

    private let handle: OpaquePointer
    /// Outlives the session, which is asked for nothing but by it. Checking that for each field would cost.
    unowned(unsafe) let owner: any HTTP2SessionOwner
    /// The call whose header block comes, so that it need not be looked up for each field.
    @exclusivity(unchecked) var opening: Unmanaged<HTTP2Stream>?

    /// Throws `overloaded` when there is no memory.
    init(_ side: Side, owner: any HTTP2SessionOwner) throws(TransportError) {
        self.owner = owner
        var made: OpaquePointer?
        var option: OpaquePointer?
        nghttp2_option_new(&option)
        defer { nghttp2_option_del(option) }
        nghttp2_option_set_no_auto_window_update(option, 1)
        nghttp2_option_set_no_closed_streams(option, 1)
        nest_nghttp2_lift_reset_limit(option)
        let status =
            side == .server
            ? nghttp2_session_server_new2(&made, Self.callbacks, nil, option)
            : nghttp2_session_client_new2(&made, Self.callbacks, nil, option)
        guard status == 0, let made else { throw TransportError(.overloaded, "no memory for another connection") }
        handle = made
        nghttp2_session_set_user_data(made, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { nghttp2_session_del(handle) }
}

// MARK: - Bytes

extension HTTP2Session {
    /// Puts in what came. Below 0 when the peer speaks something else, or must not go on.
    @inline(__always)
    func receive(_ bytes: UnsafeRawBufferPointer) -> Int {
        withExtendedLifetime(self) {
            nghttp2_session_mem_recv(handle, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
    }

    /// Appends what is to be sent, until the buffer holds `limit` bytes; true when there is no more.
    @inline(__always)
    func take(into buffer: inout ByteBuffer, limit: Int) -> Bool {
        while buffer.readableBytes < limit {
            var bytes: UnsafePointer<UInt8>?
            let count = nghttp2_session_mem_send(handle, &bytes)
            guard count > 0 else { return true }
            buffer.writeBytes(UnsafeRawBufferPointer(start: bytes, count: count))
        }
        return false
    }

    var wantsToWrite: Bool { nghttp2_session_want_write(handle) != 0 }
    /// Neither reads nor writes any more: the connection has no use.
    var isOver: Bool { nghttp2_session_want_read(handle) == 0 && nghttp2_session_want_write(handle) == 0 }
}

// MARK: - The connection

extension HTTP2Session {
    struct Settings {
        var maxConcurrentStreams: Int?
        var streamWindow: Int
        var connectionWindow: Int
        var maxHeaderBytes: Int
        var isClient = false
    }

    /// The first thing either side says.
    func submit(_ settings: Settings) {
        func entry(_ id: nghttp2_settings_id, _ value: Int) -> nghttp2_settings_entry {
            nghttp2_settings_entry(settings_id: Int32(id.rawValue), value: UInt32(truncatingIfNeeded: value))
        }
        var entries = [
            entry(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, settings.streamWindow),
            entry(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, settings.maxHeaderBytes),
        ]
        if settings.isClient { entries.append(entry(NGHTTP2_SETTINGS_ENABLE_PUSH, 0)) }
        if let streams = settings.maxConcurrentStreams {
            entries.append(entry(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, streams))
        }
        nghttp2_submit_settings(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count)
        let window = Int32(clamping: settings.connectionWindow)
        nghttp2_session_set_local_window_size(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, window)
    }

    func ping() { nghttp2_submit_ping(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil) }

    /// Says that an end is near: calls that are under way are still taken.
    func announceEnd() { nghttp2_submit_shutdown_notice(handle) }

    /// Takes no calls but those that have come.
    func goAway() {
        let last = nghttp2_session_get_last_proc_stream_id(handle)
        nghttp2_submit_goaway(
            handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, HTTP2ErrorCode.noError.rawValue, nil, 0)
    }

    /// Ends everything; what has been submitted before still goes out.
    func terminate(_ code: HTTP2ErrorCode) { nghttp2_session_terminate_session(handle, code.rawValue) }

    /// Calls that the peer lets us have open at once.
    var peerMaxConcurrentStreams: Int {
        Int(nghttp2_session_get_remote_settings(handle, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS))
    }

    /// Bytes of memory that came are free again.
    @inline(__always)
    func consume(connection bytes: Int) { nghttp2_session_consume_connection(handle, bytes) }

    /// More may be sent on a call.
    @inline(__always)
    func consume(_ bytes: Int, of stream: HTTP2Stream) {
        guard !stream.isClosed else { return }
        nghttp2_session_consume_stream(handle, stream.id, bytes)
    }

    /// The same, told at once and not only when half a window is free.
    func enlargeWindow(of stream: HTTP2Stream, by bytes: Int) {
        guard !stream.isClosed, bytes > 0 else { return }
        nghttp2_submit_window_update(
            handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, Int32(clamping: bytes))
    }
}

// MARK: - Calls

extension HTTP2Session {
    /// Begins to answer with what the stream's outbox holds, and goes on with its end.
    @inline(__always)
    func reply(_ stream: HTTP2Stream, isCompressed: Bool, namesEncodings: Bool) {
        var provider = Self.provider(for: stream)
        _ = nest_nghttp2_submit_reply(handle, stream.id, &provider, isCompressed, namesEncodings)
    }

    /// Answers without a message.
    func reply(_ stream: HTTP2Stream, _ status: GRPCStatus) {
        var fields = HTTP2Fields()
        fields.add(":status", "200")
        fields.add("content-type", "application/grpc")
        if status.code == .unimplemented { fields.add("grpc-accept-encoding", MessageEncoding.accepted) }
        fields.add(status)
        _ = fields.withFields { nghttp2_submit_response(handle, stream.id, $0, $1, nil) }
    }

    /// Answers what is no gRPC at all.
    func reply(_ stream: HTTP2Stream, http status: Int) {
        var fields = HTTP2Fields()
        fields.add(":status", String(status))
        _ = fields.withFields { nghttp2_submit_response(handle, stream.id, $0, $1, nil) }
    }

    /// Opens a call; its number, or below 0 when that cannot be.
    func request(_ stream: HTTP2Stream, _ fields: HTTP2Fields) -> Int32 {
        var provider = Self.provider(for: stream)
        let pointer = Unmanaged.passUnretained(stream).toOpaque()
        return fields.withFields { nghttp2_submit_request(handle, nil, $0, $1, &provider, pointer) }
    }

    /// There are bytes in the outbox, or its end is known.
    @inline(__always)
    func resume(_ stream: HTTP2Stream) {
        guard stream.isDeferred, !stream.isClosed else { return }
        stream.isDeferred = false
        nghttp2_session_resume_data(handle, stream.id)
    }

    func reset(_ stream: HTTP2Stream, _ code: HTTP2ErrorCode) {
        guard !stream.isClosed, stream.id != 0 else { return }
        nghttp2_submit_rst_stream(handle, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.id, code.rawValue)
    }

    @inline(__always)
    private static func provider(for stream: HTTP2Stream) -> nghttp2_data_provider {
        var provider = nghttp2_data_provider()
        provider.source.ptr = Unmanaged.passUnretained(stream).toOpaque()
        provider.read_callback = { handle, _, target, room, flags, source, _ in
            guard let handle, let target, let flags, let pointer = source?.pointee.ptr else {
                return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
            }
            let stream = Unmanaged<HTTP2Stream>.fromOpaque(pointer).takeUnretainedValue()
            return stream.read(into: target, room, flags, handle)
        }
        return provider
    }
}
