import NIOCore

/// From messages to commands.
extension RedisClient {
    /// Writes a request; what stands in the way goes to its caller.
    func publish(_ message: OutgoingMessage, _ ticket: PendingReplies.Ticket, _ session: RedisSession) {
        let id = ticket.id
        let reply = (id, to: inbox.reply(for: id, message))
        switch options.mode {
        case .streams:
            let oldest = upkeep.oldest(session.clock)
            session.commands.send(.call(id, .sent(isIdle: inbox.list == nil))) { bytes, scratch in
                add(.send, message, to: requests, reply: reply, oldest: oldest, &bytes, &scratch)
            }
        case .lists:
            var message = message
            message.ownHeaders[RedisHeader.sentAt] = String(session.clock.milliseconds())
            session.commands.send(.call(id, .sent(isIdle: false))) { bytes, scratch in
                write(.send, message, reply, to: &scratch)
                bytes.beginCommand(3)
                bytes.writeArgument("LPUSH" as StaticString)
                bytes.writeArgument(requests)
                bytes.writeArgument(scratch)
            }
        case .pubSub: tell(.send, message, reply, .call(id, .received), session)
        }
    }

    /// Writes an event, the `number`th of this client.
    func store(
        _ message: OutgoingMessage, _ number: Int, _ ticket: PendingReplies.Ticket, _ session: RedisSession
    ) {
        let id = ticket.id
        switch options.mode {
        case .streams:
            session.commands.send(.call(id, .stored)) { bytes, scratch in
                if let key = message.key {
                    chain(named(message, number), key, &bytes, &scratch)
                } else {
                    add(.emit, message, to: events, reply: nil, oldest: nil, &bytes, &scratch)
                    writeID(number, &bytes)
                }
            }
            if upkeep.isDue() { RedisScript.trim(events, keep: options.maxEvents).send(over: session.commands) }
        case .lists:
            session.commands.send(.call(id, .spread)) { bytes, scratch in
                write(.emit, named(message, number), nil, to: &scratch)
                RedisScript.spread.write(to: &bytes, keys: [keys.groups], arguments: 3)
                bytes.writeArgument(keys.events(of: ""))
                bytes.writeArgument(scratch)
                bytes.writeArgument(keys.wakeAll)
            }
        case .pubSub: tell(.emit, message, nil, .call(id, .stored), session)
        }
    }

    /// A call's number, and where its answer is to go.
    private typealias Reply = (id: UInt64, to: String)

    @inline(__always)
    private func write(_ kind: MessageKind, _ message: OutgoingMessage, _ reply: Reply?, to buffer: inout ByteBuffer) {
        codec.write(
            kind, message, id: nil, reply: reply?.to, correlationID: reply.map { String($0.id) }, to: &buffer)
    }

    /// An event with its id and its key among its headers. Without a key the id is written into the command as it is:
    /// nobody else reads it.
    private func named(_ message: OutgoingMessage, _ number: Int) -> OutgoingMessage {
        var message = message
        message.ownHeaders[HeaderName.messageID] = String(buffer: origin) + String(number)
        if let key = message.key { message.ownHeaders[HeaderName.key] = key }
        return message
    }

    private func tell(
        _ kind: MessageKind, _ message: OutgoingMessage, _ reply: Reply?, _ expected: RedisExpected,
        _ session: RedisSession
    ) {
        session.commands.send(expected) { bytes, scratch in
            write(kind, message, reply, to: &scratch)
            bytes.beginCommand(3)
            bytes.writeArgument("PUBLISH" as StaticString)
            bytes.writeArgument(keys.channel(message.pattern))
            bytes.writeArgument(scratch)
        }
    }

    /// What comes before the envelope: the same for all messages with so many arguments.
    static func head(_ stream: String, _ count: Int) -> ByteBuffer {
        var bytes = ByteBuffer()
        head(stream, count, nil, &bytes)
        return bytes
    }

    private static func head(_ stream: String, _ count: Int, _ oldest: Int64?, _ bytes: inout ByteBuffer) {
        bytes.beginCommand(count)
        bytes.writeArgument("XADD" as StaticString)
        bytes.writeArgument(stream)
        if let oldest {
            bytes.writeArgument("MINID" as StaticString)
            bytes.writeArgument("~" as StaticString)
            bytes.writeArgument(oldest)
        }
        bytes.writeArgument("*" as StaticString)
        bytes.writeArgument("m" as StaticString)
    }

    /// An event with a key names the one before it.
    private func chain(
        _ message: OutgoingMessage, _ key: String, _ bytes: inout ByteBuffer, _ scratch: inout ByteBuffer
    ) {
        var plain = message
        let headers = message.ownHeaders.filter { $0.name != RedisField.message }
        plain.ownHeaders = MessageHeaders(
            message.ownHeaders.filter { $0.name == RedisField.message }.map { ($0.name, $0.value) })
        write(.emit, plain, nil, to: &scratch)
        RedisScript.chain.write(to: &bytes, keys: [events, keys.order], arguments: 3 + headers.count * 2)
        bytes.writeArgument(String(RedisSlot.number(of: key)))
        bytes.writeArgument(RedisField.message)
        bytes.writeArgument(scratch)
        for header in headers {
            bytes.writeArgument(header.name)
            bytes.writeArgument(header.value)
        }
    }

    /// The field that names an event.
    @inline(__always)
    private func writeID(_ number: Int, _ bytes: inout ByteBuffer) {
        let (number, size) = (UInt64(number), origin.readableBytes)
        let digits = ByteBuffer.digits(of: number)
        bytes.writeArgument(HeaderName.messageID)
        bytes.writeArgument(size + digits) { target in
            origin.withUnsafeReadableBytes { target.copyMemory(from: $0) }
            ByteBuffer.write(number, digits, to: target, at: size)
        }
    }

    /// An entry of a stream: the envelope, and a field for each header; behind them an event's id is to follow. The time
    /// left travels in the envelope, where it costs nothing.
    @inline(__always)
    private func add(
        _ kind: MessageKind, _ message: OutgoingMessage, to stream: String, reply: Reply?, oldest: Int64?,
        _ bytes: inout ByteBuffer, _ scratch: inout ByteBuffer
    ) {
        let headers = message.ownHeaders
        let isPlain = !headers.contains { $0.name == RedisField.message }
        if isPlain, !headers.isEmpty {
            var bare = message
            bare.ownHeaders = [:]
            write(kind, bare, reply, to: &scratch)
        } else {
            write(kind, message, reply, to: &scratch)
        }
        let count =
            5 + (isPlain ? headers.count * 2 : 0) + (oldest == nil ? 0 : 3) + (kind == .emit ? 2 : 0)
        switch (kind, count) {
        case (.send, 5): bytes.writeImmutableBuffer(requestHead)
        case (.emit, 7): bytes.writeImmutableBuffer(eventHead)
        default: Self.head(stream, count, oldest, &bytes)
        }
        bytes.writeArgument(scratch)
        guard isPlain else { return }
        for header in headers {
            bytes.writeArgument(header.name)
            bytes.writeArgument(header.value)
        }
    }
}
