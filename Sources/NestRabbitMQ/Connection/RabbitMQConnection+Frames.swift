import CRabbitMQ
import NIOCore
import Synchronization

/// From frames to channels.
extension RabbitMQConnection {
    func receive(_ frame: AMQPFrame) {
        if case .ended = phase { return }
        switch frame.kind {
        case .heartbeat: return
        case .method where frame.channel == 0: receiveOwn(frame.payload)
        case .method: receive(frame.payload, channels[frame.channel])
        case .header: channels[frame.channel]?.receiveHeader(frame.payload)
        case .body: channels[frame.channel]?.receiveBody(frame.payload)
        }
    }

    /// A method of a channel. What comes for one that was closed is late, and nobody's.
    private func receive(_ payload: ByteBuffer, _ channel: RabbitMQChannel?) {
        var arguments = payload
        guard let channel, let number = arguments.readInteger(as: UInt32.self) else { return }
        channel.receive(number, arguments)
    }

    /// A method of the connection itself.
    private func receiveOwn(_ payload: ByteBuffer) {
        var arguments = payload
        guard let number = arguments.readInteger(as: UInt32.self) else { return }
        defer { pool.recycle() }
        switch number {
        case UInt32(AMQP_CONNECTION_START_METHOD): start(arguments)
        case UInt32(AMQP_CONNECTION_TUNE_METHOD): tune(arguments)
        case UInt32(AMQP_CONNECTION_OPEN_OK_METHOD): opened()
        case UInt32(AMQP_CONNECTION_BLOCKED_METHOD): blocked(arguments)
        case UInt32(AMQP_CONNECTION_UNBLOCKED_METHOD): unblocked()
        case UInt32(AMQP_CONNECTION_CLOSE_METHOD): closed(arguments)
        case UInt32(AMQP_CONNECTION_CLOSE_OK_METHOD): end(Self.closed)
        default: end(TransportError(.disconnected, "\(address): the broker sends what was not asked for"))
        }
    }

    /// The broker is short of memory or disk, and reads no more of what we publish.
    private func blocked(_ arguments: ByteBuffer) {
        let reason = decode(UInt32(AMQP_CONNECTION_BLOCKED_METHOD), arguments, as: amqp_connection_blocked_t.self) {
            $0.reason.text
        }
        isBlocked = true
        blockedReason.withLock { $0 = reason ?? "no reason given" }
    }

    private func unblocked() {
        isBlocked = false
        blockedReason.withLock { $0 = nil }
        whenRoomy?()
    }

    /// The broker closes the connection, and says why.
    private func closed(_ arguments: ByteBuffer) {
        let error = decode(UInt32(AMQP_CONNECTION_CLOSE_METHOD), arguments, as: amqp_connection_close_t.self) {
            TransportError(closing: address, code: Int($0.reply_code), $0.reply_text.text, isGreeting: !isOpen)
        }
        writer.connectionClosed()
        flush()
        end(error ?? TransportError(.disconnected, "\(address): the broker closed the connection"))
    }

    /// Decodes a method's arguments; nil when they are none of this method.
    func decode<Method, Result>(
        _ number: UInt32, _ arguments: ByteBuffer, as type: Method.Type, _ body: (Method) -> Result
    ) -> Result? {
        arguments.withUnsafeReadableBytes { pool.withMethod(number, $0, as: type, body) }
    }
}
