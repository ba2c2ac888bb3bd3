import CNghttp2

/// What nghttp2 calls while it is given bytes: turned into words for the session's owner.
extension HTTP2Session {
    private static let failure = NGHTTP2_ERR_CALLBACK_FAILURE.rawValue
    private static let streamFailure = NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue

    /// The same for all sessions; never freed.
    nonisolated(unsafe) static let callbacks: OpaquePointer? = {
        var callbacks: OpaquePointer?
        guard nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, user in
            HTTP2Session.begins(header, user)
        }
        nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { handle, frame, user in
            HTTP2Session.opened(handle, frame, user)
        }
        nghttp2_session_callbacks_set_on_header_callback(callbacks) {
            handle, frame, name, nameLength, value, length, _, user in
            HTTP2Session.header(
                handle, frame, UnsafeBufferPointer(start: name, count: nameLength),
                UnsafeBufferPointer(start: value, count: length), user)
        }
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { handle, _, id, bytes, count, user in
            guard let stream = HTTP2Session.stream(handle, id) else {
                // Of a call that is closed: nobody else will give its bytes back.
                nghttp2_session_consume_connection(handle, count)
                return 0
            }
            HTTP2Session.session(user)?.owner.received(UnsafeBufferPointer(start: bytes, count: count), for: stream)
            return 0
        }
        nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { handle, frame, user in
            HTTP2Session.frame(handle, frame, user)
            return 0
        }
        nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { handle, id, code, user in
            guard let stream = HTTP2Session.stream(handle, id) else { return 0 }
            nghttp2_session_set_stream_user_data(handle, id, nil)
            HTTP2Session.session(user)?.opening = nil
            stream.isClosed = true
            HTTP2Session.session(user)?.owner.closed(stream, code)
            return 0
        }
        return callbacks
    }()

    @inline(__always)
    private static func session(_ user: UnsafeMutableRawPointer?) -> HTTP2Session? {
        user.map { Unmanaged<HTTP2Session>.fromOpaque($0).takeUnretainedValue() }
    }

    @inline(__always)
    private static func stream(_ handle: OpaquePointer?, _ id: Int32) -> HTTP2Stream? {
        nghttp2_session_get_stream_user_data(handle, id).map {
            Unmanaged<HTTP2Stream>.fromOpaque($0).takeUnretainedValue()
        }
    }

    private static func begins(_ header: UnsafePointer<nghttp2_frame_hd>?, _ user: UnsafeMutableRawPointer?) -> Int32 {
        guard let header = header?.pointee, let session = session(user) else { return failure }
        let type = HTTP2FrameType(rawValue: header.type)
        return session.owner.begins(type, header.stream_id, flags: header.flags, length: header.length) ? 0 : failure
    }

    private static func opened(
        _ handle: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame, let session = session(user) else { return failure }
        session.opening = nil
        guard frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST else { return 0 }
        let id = frame.pointee.hd.stream_id
        guard let stream = session.owner.opened(id) else { return streamFailure }
        stream.id = id
        nghttp2_session_set_stream_user_data(handle, id, Unmanaged.passUnretained(stream).toOpaque())
        session.opening = .passUnretained(stream)
        return 0
    }

    @inline(__always)
    private static func header(
        _ handle: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ name: UnsafeBufferPointer<UInt8>,
        _ value: UnsafeBufferPointer<UInt8>, _ user: UnsafeMutableRawPointer?
    ) -> Int32 {
        guard let frame, let session = session(user),
            let stream = session.opening?.takeUnretainedValue() ?? stream(handle, frame.pointee.hd.stream_id)
        else { return 0 }
        return session.owner.received(name, value, for: stream) ? 0 : streamFailure
    }

    private static func frame(
        _ handle: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?, _ user: UnsafeMutableRawPointer?
    ) {
        guard let frame, let owner = session(user)?.owner else { return }
        let header = frame.pointee.hd
        let isAcknowledgement = header.flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0
        switch HTTP2FrameType(rawValue: header.type) {
        case .headers:
            session(user)?.opening = nil
            if let stream = stream(handle, header.stream_id) { owner.headersEnded(for: stream) }
            endOfInput(handle, header, owner)
        case .data: endOfInput(handle, header, owner)
        case .windowUpdate:
            guard let stream = stream(handle, header.stream_id) else { return }
            owner.windowGrew(by: Int(frame.pointee.window_update.window_size_increment), for: stream)
        case .settings: if !isAcknowledgement { owner.receivedSettings() }
        case .ping: if isAcknowledgement { owner.receivedPong() }
        case .goAway: goAway(frame.pointee.goaway, owner)
        default: break
        }
    }

    @inline(__always)
    private static func endOfInput(
        _ handle: OpaquePointer?, _ header: nghttp2_frame_hd, _ owner: any HTTP2SessionOwner
    ) {
        guard header.flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 else { return }
        // Its headers may have ended it already.
        if let stream = stream(handle, header.stream_id) { owner.inputEnded(for: stream) }
    }

    private static func goAway(_ frame: nghttp2_goaway, _ owner: any HTTP2SessionOwner) {
        let text = UnsafeBufferPointer(start: frame.opaque_data, count: min(frame.opaque_data_len, 256))
        owner.receivedGoAway(last: frame.last_stream_id, frame.error_code, String(decoding: text, as: UTF8.self))
    }
}
