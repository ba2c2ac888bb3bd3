import Synchronization

/// One indicator, asked by many: who comes while it is being asked waits for that answer.
final class HealthCheck: Sendable {
    struct Settings: Sendable {
        let timeout: Duration
        let cacheTime: Duration
        let logger: Logger
        let time: HealthTime
    }

    private struct Answer {
        var status: HealthStatus
        var time: Duration
    }

    private typealias Waiter = CheckedContinuation<HealthStatus, Never>

    private enum Phase {
        /// Nobody asks; the last answer may still be good.
        case idle
        /// These wait for the answer.
        case asking([Waiter])
        /// Nobody waits any more: the answer was late, and until it comes the thing counts as down.
        case late
    }

    private struct State {
        var phase = Phase.idle
        /// Counts how often the thing was asked: the end of one time has nothing to say about the next.
        var turn = 0
        var last: Answer?
        /// What the log knows.
        var isKnownDown = false
    }

    private let name: String
    private let indicator: any HealthIndicator
    private let settings: Settings
    private let state = Mutex(State())

    init(_ name: String, _ indicator: any HealthIndicator, _ settings: Settings) {
        self.name = name
        self.indicator = indicator
        self.settings = settings
    }

    /// The last answer while it is good, or the next one. Never later than the timeout.
    func status() async -> HealthStatus {
        let now = settings.time.now()
        return await withCheckedContinuation { waiter in
            switch state.withLock({ step(&$0, waiter, now) }) {
            case .answer(let status): waiter.resume(returning: status)
            case .ask(let turn): ask(turn)
            case .wait: break
            }
        }
    }

    private enum Step {
        case answer(HealthStatus)
        case ask(turn: Int)
        case wait
    }

    private func step(_ state: inout State, _ waiter: Waiter, _ now: Duration) -> Step {
        switch state.phase {
        case .late: return .answer(noAnswer)
        case .asking(let waiters):
            state.phase = .asking(waiters + [waiter])
            return .wait
        case .idle:
            if let last = state.last, now - last.time < settings.cacheTime { return .answer(last.status) }
            state.phase = .asking([waiter])
            state.turn += 1
            return .ask(turn: state.turn)
        }
    }
}

// MARK: - Asking

extension HealthCheck {
    /// Not a part of the caller's task: others wait for the same answer, and one that ignores its cancellation holds
    /// nobody. There is one of them at most, since a late one is not asked again.
    private func ask(_ turn: Int) {
        Task.detached { [self] in
            await withDiscardingTaskGroup { group in
                let first = Latch()
                group.addTask { await self.askIndicator(turn, first) }
                group.addTask { await self.limit(turn, first) }
                await first.wait()
                group.cancelAll()
            }
        }
    }

    private func askIndicator(_ turn: Int, _ first: Latch) async {
        settle(turn, await answer(), then: .idle)
        first.open()
    }

    private func limit(_ turn: Int, _ first: Latch) async {
        guard (try? await settings.time.sleep(settings.timeout)) != nil else { return }
        settle(turn, noAnswer, then: .late)
        first.open()
    }

    private func answer() async -> HealthStatus {
        do {
            return try await indicator.check()
        } catch {
            return .down(["error": Self.text(of: error)])
        }
    }

    /// What a late answer says is not used: the thing is asked anew.
    private func settle(_ turn: Int, _ status: HealthStatus, then phase: Phase) {
        let now = settings.time.now()
        let (waiters, isNews) = state.withLock { state -> ([Waiter], Bool) in
            guard state.turn == turn else { return ([], false) }
            guard case .asking(let waiters) = state.phase else {
                state.phase = .idle
                return ([], false)
            }
            state.phase = phase
            state.last = Answer(status: status, time: now)
            let isDown = status.state == .down
            defer { state.isKnownDown = isDown }
            return (waiters, isDown != state.isKnownDown)
        }
        if isNews { report(status) }
        for waiter in waiters { waiter.resume(returning: status) }
    }

    private var noAnswer: HealthStatus { .down(["error": "no answer in \(settings.timeout.inSeconds) s"]) }

    private func report(_ status: HealthStatus) {
        var metadata: Logger.Metadata = [LogKey.indicator: .string(name)]
        guard status.state == .down else {
            return settings.logger.info("a health indicator is available again", metadata: metadata)
        }
        metadata[LogKey.reason] = status.details["error"].map { .string($0) }
        settings.logger.warning("a health indicator is down", metadata: metadata)
    }

    /// What was thrown on purpose is told; anything else may hold what is not for everybody.
    private static func text(of error: any Error) -> String {
        switch error {
        case let error as TransportError: "\(error.code): \(error.message)"
        case let error as HTTPException: error.message
        default: "\(type(of: error))"
        }
    }
}

extension Duration {
    /// `2`, `0.5`.
    fileprivate var inSeconds: String {
        let (seconds, fraction) = components
        guard fraction != 0 else { return String(seconds) }
        return String(Double(seconds) + Double(fraction) / 1e18)
    }
}
