import CRabbitMQ
import NIOCore
import Synchronization

/// The first words of a connection, and its heartbeat.
extension RabbitMQConnection {
    /// The most bytes of a frame that we take and send.
    private static let frameLimit: UInt32 = 131_072

    func greet() {
        guard case .shaking = phase else { return }
        writer.protocolHeader()
        flush()
    }

    /// The broker says who it is, and how it lets anybody in.
    func start(_ arguments: ByteBuffer) {
        let number = UInt32(AMQP_CONNECTION_START_METHOD)
        let offer = decode(number, arguments, as: amqp_connection_start_t.self) { start in
            (mechanisms: start.mechanisms.text, properties: AMQPTable(copying: start.server_properties))
        }
        guard let offer else { return end(TransportError(reading: address, .malformed)) }
        brokerVersion.withLock { $0 = offer.properties["version"]?.text ?? "" }
        let mechanism = handshake.login.mechanism
        guard offer.mechanisms.split(separator: " ").contains(where: { $0 == mechanism }) else {
            return end(
                TransportError(
                    .unauthenticated, "\(address): the broker takes no SASL \(mechanism), only \(offer.mechanisms)"))
        }
        var answer = amqp_connection_start_ok_t()
        answer.client_properties = pool.table(handshake.properties)
        answer.mechanism = pool.bytes(mechanism)
        answer.response = pool.bytes(handshake.login.response)
        answer.locale = pool.bytes("en_US")
        writer.method(UInt32(AMQP_CONNECTION_START_OK_METHOD), answer, channel: 0, room: 4_096)
        flushSoon()
    }

    /// The broker lets us in, and names its bounds.
    func tune(_ arguments: ByteBuffer) {
        let number = UInt32(AMQP_CONNECTION_TUNE_METHOD)
        guard var bounds = decode(number, arguments, as: amqp_connection_tune_t.self, { $0 }) else {
            return end(TransportError(reading: address, .malformed))
        }
        bounds.frame_max = bounds.frame_max == 0 ? Self.frameLimit : min(bounds.frame_max, Self.frameLimit)
        bounds.channel_max = bounds.channel_max == 0 ? channelLimit : min(bounds.channel_max, channelLimit)
        let ours = UInt16(clamping: handshake.heartbeat)
        bounds.heartbeat = bounds.heartbeat == 0 ? ours : min(bounds.heartbeat, ours)
        (channelLimit, reader.limit) = (bounds.channel_max, Int(bounds.frame_max))
        writer.frameLimit = Int(bounds.frame_max)
        let answer = amqp_connection_tune_ok_t(
            channel_max: bounds.channel_max, frame_max: bounds.frame_max, heartbeat: bounds.heartbeat)
        writer.method(UInt32(AMQP_CONNECTION_TUNE_OK_METHOD), answer, channel: 0)
        var open = amqp_connection_open_t()
        open.virtual_host = pool.bytes(handshake.virtualHost)
        writer.method(UInt32(AMQP_CONNECTION_OPEN_METHOD), open, channel: 0)
        flushSoon()
        beginBeating(every: Int64(bounds.heartbeat))
    }

    func opened() {
        guard case .shaking = phase else { return }
        phase = .open
        for promise in greeters { promise.succeed() }
        greeters = []
    }
}

// MARK: - Heartbeat

extension RabbitMQConnection {
    /// Twice in each interval: says that we are there when nothing else was said, and notices when the broker is not.
    private func beginBeating(every seconds: Int64) {
        guard seconds > 0 else { return }
        let pause = TimeAmount.milliseconds(seconds * 500)
        beat = loop.scheduleRepeatedTask(initialDelay: pause, delay: pause) { [weak self] _ in self?.lookAtThePeer() }
    }

    private func lookAtThePeer() {
        quietBeats = hasRead ? 0 : quietBeats + 1
        hasRead = false
        // Four halves: two intervals, as the protocol has it.
        guard quietBeats < 4 else {
            return end(TransportError(.disconnected, "\(address): the broker does not answer any more"))
        }
        if !hasWritten {
            writer.heartbeat()
            flush()
        }
        hasWritten = false
    }
}
