import Logging
import NIOCore
public import Synchronization

/// Keeps one connection to a broker up: connects when somebody needs it, and again after every cut.
@usableFromInline
package final class BrokerLink<Connection: BrokerConnection>: Sendable {
    /// What its owner does when the connection comes and goes.
    package struct Owner: Sendable {
        /// Subscribes. The connection counts as up when it returns; throwing gives it up.
        package var prepare: @Sendable (Connection) async throws(TransportError) -> Void
        /// The connection is gone, called once for each that was up, before the next attempt.
        package var lost: @Sendable (Connection, TransportError) -> Void
        /// Another connection was prepared and has taken over, see ``BrokerLinkSettings/files`` and
        /// ``BrokerLink/replace(_:)``: takes what this one has still brought, and closes it.
        package var retire: @Sendable (Connection) async -> Void

        package init(
            prepare: @escaping @Sendable (Connection) async throws(TransportError) -> Void,
            lost: @escaping @Sendable (Connection, TransportError) -> Void,
            retire: @escaping @Sendable (Connection) async -> Void
        ) {
            self.prepare = prepare
            self.lost = lost
            self.retire = retire
        }

        /// For an owner with nothing to take from a connection that is replaced.
        package init(
            prepare: @escaping @Sendable (Connection) async throws(TransportError) -> Void,
            lost: @escaping @Sendable (TransportError) -> Void
        ) {
            self.init(prepare: prepare, lost: { lost($1) }, retire: { await $0.close() })
        }
    }

    struct State {
        var kept: KeptConnection<Connection>
        /// They wait through failures, with how many bytes they have to send.
        var patient: [UInt64: Int] = [:]
        var attempt: Task<Void, Never>?
        /// Makes another connection beside the one that is up.
        var renewal: Task<Void, Never>?
        var isRenewing = false
        /// An attempt is going on that is no renewal.
        var isAttempting = false
        /// Files have changed after they were read for the connection that is being made.
        var isStale = false
        var renewBackoff: ReconnectBackoff
        /// Why it is down.
        var failure: TransportError?
    }

    let settings: BrokerLinkSettings
    /// Makes a connection; takes bounded time.
    let makeConnection: @Sendable () async throws(TransportError) -> Connection
    let owner: Owner
    let timers: any EventLoop
    let callers: PendingReplies
    let logger: Logger
    let reconnects: ReconnectCounter?
    /// The files that secrets and certificates are read from.
    let files: FileWatch
    let state: Mutex<State>
    /// The connection of `state`, where every message finds it without going into the module.
    @usableFromInline let up = Mutex<Connection?>(nil)

    /// `connect` makes one attempt, which takes bounded time; the link calls it again and again.
    package init(
        _ settings: BrokerLinkSettings, environment: TransportEnvironment, owner: Owner,
        connect: @escaping @Sendable () async throws(TransportError) -> Connection
    ) {
        self.settings = settings
        self.owner = owner
        makeConnection = connect
        timers = environment.eventLoopGroup.next()
        callers = PendingReplies(eventLoop: timers, limit: settings.maxPending)
        logger = environment.logger
        reconnects = ReconnectCounter.installed(transport: settings.transport)
        files = FileWatch(settings.files, on: timers, every: settings.fileCheckInterval)
        state = Mutex(
            State(
                kept: KeptConnection(delay: settings.reconnectDelay, maxDelay: settings.maxReconnectDelay),
                renewBackoff: ReconnectBackoff(initial: settings.reconnectDelay, limit: settings.maxReconnectDelay)))
    }

    /// The connection, while it is up.
    @inlinable package var connection: Connection? { up.withLock { $0 } }

    /// True before the first use.
    package var isIdle: Bool { state.withLock { $0.kept.isIdle } }

    /// Why it is down; nil while it is up, and before the first failure.
    package var failure: TransportError? { state.withLock { $0.failure } }

    /// Calls that wait for a connection.
    package var waitingCount: Int { callers.count }
}

// MARK: - The end

extension BrokerLink {
    /// Ends it for good; what waits for a connection fails with `error`. Returns when the connection is gone, and what
    /// was handed to it is written.
    package func close(_ error: TransportError) async {
        callers.failAll(error, closing: true)
        let (connection, attempts) = end(error)
        for attempt in attempts { await attempt.value }
        await connection?.close()
    }

    /// The same without waiting for it: for an owner that was let go of without being closed.
    package func abandon(_ error: TransportError) {
        callers.failAll(error, closing: true)
        if let connection = end(error).0 { Task { await connection.close() } }
    }

    private func end(_ error: TransportError) -> (Connection?, [Task<Void, Never>]) {
        files.end()
        return state.withLock { state in
            state.failure = error
            up.withLock { $0 = nil }
            return (state.kept.close(error), [state.attempt, state.renewal].compactMap { $0 })
        }
    }
}
