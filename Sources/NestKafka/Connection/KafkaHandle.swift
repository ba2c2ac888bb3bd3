import CRdKafka
import Dispatch
import Synchronization

/// One client instance of the library, with its threads.
///
/// Whoever calls the library with it borrows it: it ends when nobody does any more.
///
/// `@unchecked Sendable`: the library allows its calls from any thread; the pointer is constant.
final class KafkaHandle: @unchecked Sendable {
    /// What the library calls. On the loop, but for the log and the token, which come on threads of the library.
    struct Callbacks: Sendable {
        var trouble: KafkaTrouble
        var statistics: (@Sendable (String) -> Void)?
        /// Partitions come or go: the code says which, the list is lent.
        var rebalanced: (@Sendable (rd_kafka_resp_err_t, KafkaPartitions) -> Void)?
        /// What became of a commit nobody waits for.
        var committed: (@Sendable (rd_kafka_resp_err_t, KafkaPartitions) -> Void)?
        var tokens: KafkaTokens?
    }

    private final class Box: Sendable {
        let callbacks: Callbacks

        init(_ callbacks: Callbacks) { self.callbacks = callbacks }
    }

    private let pointer: OpaquePointer
    private let gate = KafkaGate()
    private let box: Unmanaged<Box>
    private let tokens: KafkaTokens?

    /// Makes an instance; it begins to connect. Throws `invalid_configuration` for properties the library does not take.
    init(
        _ type: rd_kafka_type_t, _ properties: [(name: String, value: String)], events: CInt = 0, _ callbacks: Callbacks
    ) throws(TransportError) {
        guard let conf = rd_kafka_conf_new() else { throw TransportError(.overloaded, "there is no memory left") }
        let box = Unmanaged.passRetained(Box(callbacks))
        var reason = [CChar](repeating: 0, count: 512)
        var made: OpaquePointer?
        do throws(TransportError) {
            for (name, value) in properties { try KafkaProperties.set(name, value, in: conf) }
            Self.setCallbacks(conf, callbacks)
            rd_kafka_conf_set_opaque(conf, box.toOpaque())
            if events != 0 { rd_kafka_conf_set_events(conf, events) }
            made = rd_kafka_new(type, conf, &reason, reason.count)
            if made == nil {
                throw TransportError(.invalidConfiguration, "Kafka options: \(String(nullTerminated: reason))")
            }
        } catch {
            // An instance that was made owns them.
            rd_kafka_conf_destroy(conf)
            box.release()
            throw error
        }
        guard let made else { throw TransportError(.internal, "there is no instance") }
        pointer = made
        self.box = box
        tokens = callbacks.tokens
        // Tokens are asked for on a thread of the library, whether or not somebody polls.
        if let tokens, let error = rd_kafka_sasl_background_callbacks_enable(made) {
            callbacks.trouble.note(rd_kafka_error_code(error), String(cString: rd_kafka_error_string(error)))
            rd_kafka_error_destroy(error)
            tokens.begin(self)
        } else {
            tokens?.begin(self)
        }
    }

    /// Lends it for a call of the library, which may block; nil when it is ending. From any thread.
    func lend<Answer, Failure: Error>(_ body: (OpaquePointer) throws(Failure) -> Answer) throws(Failure) -> Answer? {
        guard gate.enter() else { return nil }
        defer { gate.leave() }
        return try body(pointer)
    }

    /// Lends it for what is done on a queue, later. False, and it is not done, when it is ending.
    func lend(on queue: DispatchQueue, _ body: @escaping @Sendable () -> Void) -> Bool {
        guard gate.enter() else { return false }
        queue.async { [gate] in
            body()
            gate.leave()
        }
        return true
    }

    /// Lends it for a call that answers with a code.
    func ask(_ body: (OpaquePointer) -> rd_kafka_resp_err_t) -> rd_kafka_resp_err_t {
        lend(body) ?? RD_KAFKA_RESP_ERR__DESTROY
    }

    /// Ends it. Blocks until whoever borrowed it is done and its threads have ended; afterwards nothing is called back.
    func destroy() {
        tokens?.end()
        gate.end()
        rd_kafka_destroy(pointer)
        box.release()
    }
}

// MARK: - What the library calls

extension KafkaHandle {
    private static func setCallbacks(_ conf: OpaquePointer, _ callbacks: Callbacks) {
        rd_kafka_conf_set_error_cb(conf) { client, code, reason, opaque in
            KafkaHandle.failed(client, code, reason, opaque)
        }
        rd_kafka_conf_set_log_cb(conf) { client, level, _, text in KafkaHandle.logged(client, level, text) }
        if callbacks.statistics != nil {
            rd_kafka_conf_set_stats_cb(conf) { _, text, size, opaque in KafkaHandle.counted(text, size, opaque) }
        }
        if callbacks.rebalanced != nil {
            rd_kafka_conf_set_rebalance_cb(conf) { _, code, list, opaque in KafkaHandle.rebalanced(code, list, opaque) }
        }
        if callbacks.committed != nil {
            rd_kafka_conf_set_offset_commit_cb(conf) { _, code, list, opaque in
                KafkaHandle.committed(code, list, opaque)
            }
        }
        if callbacks.tokens != nil {
            rd_kafka_conf_enable_sasl_queue(conf, 1)
            rd_kafka_conf_set_oauthbearer_token_refresh_cb(conf) { _, _, opaque in
                KafkaHandle.callbacks(opaque)?.tokens?.refresh()
            }
        }
    }

    private static func callbacks(_ opaque: UnsafeMutableRawPointer?) -> Callbacks? {
        opaque.map { Unmanaged<Box>.fromOpaque($0).takeUnretainedValue().callbacks }
    }

    private static func failed(
        _ client: OpaquePointer?, _ code: CInt, _ reason: UnsafePointer<CChar>?, _ opaque: UnsafeMutableRawPointer?
    ) {
        guard let callbacks = callbacks(opaque) else { return }
        var code = rd_kafka_resp_err_t(code)
        var said = reason.map { String(cString: $0) } ?? ""
        if code == RD_KAFKA_RESP_ERR__FATAL, let client {
            var text = [CChar](repeating: 0, count: 512)
            code = rd_kafka_fatal_error(client, &text, text.count)
            said = String(nullTerminated: text)
        }
        callbacks.trouble.note(code, said)
    }

    private static func logged(_ client: OpaquePointer?, _ level: CInt, _ text: UnsafePointer<CChar>?) {
        guard let client, let text, let callbacks = callbacks(rd_kafka_opaque(client)) else { return }
        callbacks.trouble.heard(level, String(cString: text))
    }

    private static func counted(
        _ text: UnsafeMutablePointer<CChar>?, _ size: Int, _ opaque: UnsafeMutableRawPointer?
    ) -> CInt {
        guard let text, let statistics = callbacks(opaque)?.statistics else { return 0 }
        statistics(String(decoding: UnsafeRawBufferPointer(start: text, count: size), as: UTF8.self))
        return 0
    }

    private static func rebalanced(
        _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
        _ opaque: UnsafeMutableRawPointer?
    ) {
        guard let list else { return }
        callbacks(opaque)?.rebalanced?(code, KafkaPartitions(list.pointee))
    }

    private static func committed(
        _ code: rd_kafka_resp_err_t, _ list: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>?,
        _ opaque: UnsafeMutableRawPointer?
    ) {
        guard let list else { return }
        callbacks(opaque)?.committed?(code, KafkaPartitions(list.pointee))
    }
}
