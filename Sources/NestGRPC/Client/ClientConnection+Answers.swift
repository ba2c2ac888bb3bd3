import NIOCore

/// What nghttp2 finds in the bytes that came.
extension ClientConnection: HTTP2SessionOwner {
    func begins(_ frame: HTTP2FrameType?, _ id: Int32, flags: UInt8, length: Int) -> Bool { true }

    /// No server may.
    func opened(_ id: Int32) -> HTTP2Stream? { nil }

    func received(
        _ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream
    ) -> Bool {
        stream.headerBytes += name.count + value.count + 32
        guard stream.headerBytes <= options.maxHeaderBytes * 2 else { return false }
        unsafeDowncast(stream, to: ClientStream.self).take(name, value)
        return true
    }

    func headersEnded(for stream: HTTP2Stream) {
        hasAnswered = true
        noteEncodings(of: unsafeDowncast(stream, to: ClientStream.self))
    }

    func received(_ data: UnsafeBufferPointer<UInt8>, for stream: HTTP2Stream) {
        let stream = unsafeDowncast(stream, to: ClientStream.self)
        session?.consume(connection: data.count)
        guard !stream.isSettled else { return }
        stream.inbox.writeBytes(data)
        heldBytes += data.count
        if let length = GRPCMessageFrame.length(in: stream.inbox),
            length - GRPCMessageFrame.prefixLength > options.maxMessageBytes
        {
            return giveUp(stream, tooLarge)
        }
        guard heldBytes <= options.maxInFlightBytesPerConnection else {
            return giveUp(stream, TransportError(.overloaded, "too many bytes of answers wait to become whole"))
        }
        if stream.call.kind == .stream { takeItems(stream) } else { session?.consume(data.count, of: stream) }
    }

    var tooLarge: TransportError {
        TransportError(.tooLarge, "the answer is larger than \(options.maxMessageBytes) bytes, the limit of its client")
    }

    private func giveUp(_ stream: ClientStream, _ error: TransportError) {
        settle(stream, .failure(error))
        abandon(stream)
    }

    func inputEnded(for stream: HTTP2Stream) {
        let stream = unsafeDowncast(stream, to: ClientStream.self)
        stream.isInputEnded = true
        if stream.call.kind == .stream { takeItems(stream) } else { finish(stream) }
        // An answer before the request was whole: the rest of it is not wanted.
        guard stream.outbox.readableBytes > 0 else { return }
        stream.dropOutput()
        session?.reset(stream, .cancel)
    }

    func windowGrew(by bytes: Int, for stream: HTTP2Stream) {}

    func closed(_ stream: HTTP2Stream, _ code: UInt32) {
        let stream = unsafeDowncast(stream, to: ClientStream.self)
        open[stream.id] = nil
        stream.dropOutput()
        guard !stream.isSettled, !stream.isInputEnded else { return }
        if code == HTTP2ErrorCode.refusedStream.rawValue {
            move(stream, GRPCStatus(reset: code).error)
        } else {
            settle(stream, .failure((stream.status ?? GRPCStatus(reset: code)).error))
        }
        heldBytes -= stream.inbox.readableBytes
        stream.inbox = ByteBuffer()
    }

    func receivedSettings() { greeted() }

    func receivedPong() { timeouts?.clear(.pong) }

    func receivedGoAway(last: Int32, _ code: UInt32, _ text: String) {
        if code != HTTP2ErrorCode.noError.rawValue {
            logger.warning(
                "the server sends us away",
                metadata: [
                    LogKey.transport: "grpc", LogKey.address: .string(options.address),
                    LogKey.reason: .string("HTTP/2 error \(code) \(text)"),
                ])
        }
        retire(Self.goingAway(options.address))
    }
}

// MARK: - Single answers

extension ClientConnection {
    /// The answer is there, with all that belongs to it.
    private func finish(_ stream: ClientStream) {
        defer {
            heldBytes -= stream.inbox.readableBytes
            stream.inbox = ByteBuffer()
        }
        guard !stream.isSettled else { return }
        let status = stream.status ?? GRPCStatus(.internal, "the server has ended the call without a status")
        guard status.code == .ok else { return settle(stream, .failure(status.error)) }
        let held = stream.inbox.readableBytes
        let step = GRPCMessageFrame.next(in: &stream.inbox, limit: options.maxMessageBytes)
        heldBytes -= held - stream.inbox.readableBytes
        settle(stream, reply(step, stream))
    }

    private func reply(_ step: GRPCMessageFrame.Step, _ stream: ClientStream) -> PendingReplies.Reply {
        do throws(TransportError) {
            switch step {
            case .message(let frame): return .success(try NestResponse.read(frame, stream.call.messageKind).get())
            case .compressed(let frame):
                let frame = try inflated(frame, of: stream)
                return .success(try NestResponse.read(frame, stream.call.messageKind).get())
            case .incomplete, .tooLarge, .malformed:
                return .failure(TransportError(.invalidMessage, "the server's answer has no whole message"))
            }
        } catch {
            return .failure(error)
        }
    }
}

// MARK: - Streams

extension ClientConnection {
    /// The reader has taken some: there is room for as many more, and the server may send as many bytes.
    func grant(_ items: Int, _ id: UInt64) {
        guard let stream = streams[id] else { return }
        stream.room += items
        var bytes = 0
        for _ in 0..<items { bytes += stream.itemBytes.popFirst() ?? 0 }
        session?.enlargeWindow(of: stream, by: bytes)
        takeItems(stream)
    }

    /// Hands on the items that have come, as far as there is room for them.
    private func takeItems(_ stream: ClientStream) {
        while stream.room > 0, !stream.isSettled {
            let held = stream.inbox.readableBytes
            switch GRPCMessageFrame.next(in: &stream.inbox, limit: options.maxMessageBytes) {
            case .message(let frame):
                count(held - stream.inbox.readableBytes, stream)
                take(frame, stream)
            case .compressed(let frame):
                count(held - stream.inbox.readableBytes, stream)
                takeCompressed(frame, stream)
            case .incomplete: return waitForMore(stream)
            case .tooLarge: return giveUp(stream, tooLarge)
            case .malformed:
                return giveUp(stream, TransportError(.invalidMessage, "the server's answer is no message"))
            }
        }
        if stream.isInputEnded, stream.inbox.readableBytes == 0 { endStream(stream) }
        if stream.inbox.readableBytes == 0 { stream.inbox.clear() }
    }

    /// An item of so many bytes has come: they are given back when its reader takes it.
    private func count(_ bytes: Int, _ stream: ClientStream) {
        heldBytes -= bytes
        stream.itemBytes.append(max(0, bytes - stream.givenBack))
        stream.givenBack = 0
    }

    private func takeCompressed(_ frame: ByteBuffer, _ stream: ClientStream) {
        do throws(TransportError) {
            take(try inflated(frame, of: stream), stream)
        } catch {
            giveUp(stream, error)
        }
    }

    private func take(_ frame: ByteBuffer, _ stream: ClientStream) {
        stream.room -= 1
        do throws(TransportError) {
            let item = try NestResponse.read(frame, .send).get()
            guard !calls.receive(.item(item), id: stream.call.id) else { return }
            // Its reader has gone.
            cancelStream(stream)
        } catch {
            settle(stream, .failure(error))
            if !stream.isInputEnded { abandon(stream) }
        }
    }

    private func cancelStream(_ stream: ClientStream) {
        stream.isSettled = true
        streams[stream.call.id] = nil
        abandon(stream)
    }

    /// An item may be larger than the window: what has come of it is given back, so that the rest can come.
    private func waitForMore(_ stream: ClientStream) {
        if stream.isInputEnded { return endStream(stream) }
        let bytes = stream.inbox.readableBytes
        guard bytes > stream.givenBack else { return }
        session?.enlargeWindow(of: stream, by: bytes - stream.givenBack)
        stream.givenBack = bytes
        stream.inbox.discardReadBytes()
    }

    private func endStream(_ stream: ClientStream) {
        guard !stream.isSettled else { return }
        let status = stream.status ?? GRPCStatus(.internal, "the server has ended the call without a status")
        if status.code != .ok { return settle(stream, .failure(status.error)) }
        guard stream.inbox.readableBytes == 0 else {
            return settle(stream, .failure(TransportError(.invalidMessage, "the server's last item is not whole")))
        }
        stream.isSettled = true
        streams[stream.call.id] = nil
        calls.receive(.success(.null, hasPayload: false), id: stream.call.id)
    }
}
