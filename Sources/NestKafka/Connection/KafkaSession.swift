import CRdKafka
import Logging
import NIOCore
import Synchronization

/// Everything a client or a server has open towards the brokers, from the first moment to the last. The library finds its
/// way back to brokers that were gone; a session ends only when that cannot help.
final class KafkaSession: BrokerConnection {
    /// A part of a session that is closed with it.
    typealias Closing = @Sendable () async -> Void

    private struct State {
        var ended: TransportError?
        var afterEnd: [@Sendable (TransportError) -> Void] = []
        /// What is closed before the producer, the last first.
        var closings: [Closing] = []
        var flushTime = Duration.zero
        var teardown: Task<Void, Never>?
        /// The brokers are gone and are being looked for.
        var isKnocking = false
    }

    private static let lastNumber = Atomic<UInt64>(0)

    /// What calls over it are tagged with.
    let number = KafkaSession.lastNumber.add(1, ordering: .relaxed).newValue
    let producer: KafkaProducer
    let trouble: KafkaTrouble
    let loop: PollLoop
    private let timers: any EventLoop
    let summary: String
    private let state = Mutex(State())
    private let inboxState = Mutex<KafkaInbox?>(nil)

    init(_ producer: KafkaProducer, _ trouble: KafkaTrouble, _ connector: KafkaConnector) {
        self.producer = producer
        self.trouble = trouble
        loop = connector.loop
        timers = connector.timers
        summary = "kafka://\(connector.options.brokers.joined(separator: ","))"
        producer.whenFatal { [weak self] in self?.end($0) }
    }

    /// Where answers are heard.
    var inbox: KafkaInbox? {
        get { inboxState.withLock { $0 } }
        set { inboxState.withLock { $0 = newValue } }
    }

    /// It is of no use any more.
    var hasEnded: Bool { state.withLock { $0.ended != nil } }

    /// Closes this with the session, before what was added earlier.
    func add(_ closing: @escaping Closing) { state.withLock { $0.closings.append(closing) } }

    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void) {
        let ended = state.withLock { state in
            if state.ended == nil { state.afterEnd.append(body) }
            return state.ended
        }
        if let ended { body(ended) }
    }
}

// MARK: - Brokers that are gone

extension KafkaSession {
    /// Tells `body` whenever no broker can be reached any more, and looks for them until they are back.
    func whenDown(_ body: @escaping @Sendable (TransportError) -> Void) {
        trouble.whenDown { [weak self] error in
            body(error)
            self?.knock()
        }
        // The word may have come before.
        if let failure = trouble.failure {
            body(failure)
            knock()
        }
    }

    private func knock() {
        let isFirst = state.withLock { state in
            guard state.ended == nil, !state.isKnocking else { return false }
            state.isKnocking = true
            return true
        }
        if isFirst { ask(ReconnectBackoff(initial: .milliseconds(20), limit: .milliseconds(500))) }
    }

    /// Asks the brokers for a word, on a thread for that, and again after a while as long as none of them says one.
    private func ask(_ backoff: ReconnectBackoff) {
        let isStarted = DedicatedThread.start { [weak self] in
            guard let self else { return }
            if self.isAnswered() { self.trouble.worked() }
            self.askAgain(backoff)
        }
        if !isStarted { askAgain(backoff) }
    }

    /// The library answers as soon as one of them can be reached.
    private func isAnswered() -> Bool {
        var metadata: UnsafePointer<rd_kafka_metadata>?
        let code = producer.handle.ask { rd_kafka_metadata($0, 0, nil, &metadata, 500) }
        if let metadata { rd_kafka_metadata_destroy(metadata) }
        return code == RD_KAFKA_RESP_ERR_NO_ERROR
    }

    private func askAgain(_ backoff: ReconnectBackoff) {
        let isOver = state.withLock { state in
            if trouble.failure == nil || state.ended != nil { state.isKnocking = false }
            return !state.isKnocking
        }
        guard !isOver else { return }
        var backoff = backoff
        timers.scheduleTask(in: TimeAmount(backoff.next())) { [weak self, backoff] in self?.ask(backoff) }
    }
}

// MARK: - The end

extension KafkaSession {
    /// It is of no use any more, or is given up.
    func end(_ error: TransportError) {
        let after = state.withLock { state -> [@Sendable (TransportError) -> Void] in
            guard state.ended == nil else { return [] }
            state.ended = error
            defer { state.afterEnd = [] }
            state.teardown = Task { await self.tearDown() }
            return state.afterEnd
        }
        for body in after { body(error) }
    }

    /// Sends what waits, five seconds long, and closes everything.
    func close() async {
        state.withLock { $0.flushTime = .seconds(5) }
        end(TransportError(.closed, "the connection was closed"))
        await state.withLock({ $0.teardown })?.value
    }

    private func tearDown() async {
        let (closings, time) = state.withLock { state in
            defer { state.closings = [] }
            return (state.closings, state.flushTime)
        }
        for closing in closings.reversed() { await closing() }
        // Who is not there takes nothing.
        await producer.close(flushingWithin: trouble.failure == nil ? time : .zero)
    }
}
