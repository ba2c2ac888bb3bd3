import CRdKafka
import Logging
import NIOCore
import Synchronization

/// What the library tells beside any call: whether the brokers can be reached, and why not.
final class KafkaTrouble: Sendable {
    private struct State {
        /// Why nothing can be reached; nil while something can.
        var failure: TransportError?
        /// The last cause the library named, which its general word that all is lost does not repeat.
        var cause: TransportError?
        var causeTime = NIODeadline.distantPast
        /// What did not go as it should while the brokers were there: a topic that may not be read, a stuck consumer.
        var refusal: TransportError?
        var refusalTime = NIODeadline.distantPast
        var lastLog = NIODeadline.distantPast
        var hasOldLibrary = false
    }

    private let state = Mutex(State())
    private let logger: Logger
    /// Nothing can be reached from now on. Called on any thread.
    private let down = Mutex<(@Sendable (TransportError) -> Void)?>(nil)

    init(_ logger: Logger) { self.logger = logger }

    func whenDown(_ body: @escaping @Sendable (TransportError) -> Void) { down.withLock { $0 = body } }

    /// Why nothing can be reached; nil while something can.
    var failure: TransportError? { state.withLock { $0.failure } }

    /// A cause the library has named in the last seconds.
    var cause: TransportError? {
        state.withLock { $0.causeTime + .seconds(10) > .now() ? $0.cause : nil }
    }

    /// What was refused in the last minute.
    var refusal: TransportError? {
        state.withLock { $0.refusalTime + .seconds(60) > .now() ? $0.refusal : nil }
    }

    /// Something came or went: the brokers are there.
    func worked() {
        state.withLock { state in
            state.failure = nil
            state.cause = nil
        }
    }

    /// An error event of the library.
    func note(_ code: rd_kafka_resp_err_t, _ reason: String) {
        var error = TransportError(kafka: code, "Kafka", reason: reason)
        let (isDown, isToBeLogged) = state.withLock { state -> (Bool, Bool) in
            if state.hasOldLibrary, code == RD_KAFKA_RESP_ERR__TRANSPORT || code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN
            {
                error = Self.oldLibrary
            }
            let wasDown = state.failure != nil
            if code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN {
                state.failure = state.causeTime + .seconds(10) > .now() ? state.cause ?? error : error
            } else {
                state.cause = error
                state.causeTime = .now()
            }
            defer { if state.lastLog + .seconds(5) <= .now() { state.lastLog = .now() } }
            return (!wasDown && state.failure != nil, state.lastLog + .seconds(5) <= .now())
        }
        if isToBeLogged {
            logger.warning(
                "Kafka: something is wrong",
                metadata: [LogKey.transport: "kafka", LogKey.error: .string("\(error)")])
        }
        guard isDown, let failure else { return }
        let body = down.withLock { $0 }
        body?(failure)
    }

    /// Something was refused by brokers that are there.
    func note(refusal error: TransportError) {
        state.withLock { state in
            state.refusal = error
            state.refusalTime = .now()
        }
        logger.warning(
            "Kafka refuses something", metadata: [LogKey.transport: "kafka", LogKey.error: .string("\(error)")])
    }

    /// A line of the library's log.
    func heard(_ level: CInt, _ text: String) {
        if text.contains("ApiVersion"), text.contains("Read underflow") { state.withLock { $0.hasOldLibrary = true } }
        logger.debug("librdkafka", metadata: [LogKey.transport: "kafka", LogKey.reason: .string(text)])
    }

    var details: [String: String] {
        state.withLock { state in
            var details: [String: String] = [:]
            if let failure = state.failure { details["error"] = "\(failure)" }
            if let refusal = state.refusal, state.refusalTime + .seconds(60) > .now() {
                details["refused"] = "\(refusal)"
            }
            return details
        }
    }

    /// Versions before 2.2 read the tagged fields of an ApiVersions reply one byte too far, which newer brokers send.
    static let oldLibrary = TransportError(
        .disconnected,
        """
        Kafka: librdkafka \(String(cString: rd_kafka_version_str())) cannot read how these brokers introduce themselves \
        (ApiVersions with tagged fields): librdkafka 2.2 or newer can
        """)
}
