import NIOCore
import ServiceLifecycle
import Synchronization

/// One instance of a service: takes messages from the bus, as many at once as it may, and settles each of them once.
final class MemoryServer: MicroserviceServer {
    private enum State {
        case made
        case started(member: Int)
        case running
        case ended
    }

    private let bus: MemoryBus
    private let dispatcher: MessageDispatcher
    private let environment: TransportEnvironment
    private let state = Mutex(State.made)

    init(bus: MemoryBus, dispatcher: MessageDispatcher, environment: TransportEnvironment) {
        self.bus = bus
        self.dispatcher = dispatcher
        self.environment = environment
    }

    /// Nothing to dial: callers find it on the bus.
    var endpoint: Endpoint? { nil }

    func start() async throws(TransportError) {
        try bus.options.validate()
        state.withLock { state in
            guard case .made = state else { return }
            state = .started(member: bus.join(MemoryMember(dispatcher, environment)))
        }
    }

    func run() async throws {
        try await start()
        let member = try claim()
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.serve(member) }
            group.addTask { await self.limitShutdown() }
            await group.next()
            group.cancelAll()
        }
        bus.remove(member)
        state.withLock { $0 = .ended }
    }

    private func claim() throws -> Int {
        try state.withLock { state in
            guard case .started(let member) = state else {
                throw ApplicationError(.alreadyRunning, "the memory server was run already")
            }
            state = .running
            return member
        }
    }

    /// Ends when the shutdown has taken as long as it may; the server is cancelled then.
    private func limitShutdown() async {
        try? await gracefulShutdown()
        try? await Task.sleep(for: environment.shutdownTimeout)
    }

    /// Graceful shutdown ends the loop, and leaving the group waits for the handlers. Cancellation tells the callers at
    /// once; what the handlers still come to is nobody's business then.
    private func serve(_ member: Int) async {
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await withDiscardingTaskGroup { group in
                    while let delivery = await bus.next(for: member) {
                        group.addTask { await self.handle(delivery, member) }
                    }
                }
            } onGracefulShutdown: {
                self.bus.stop(member)
            }
        } onCancel: {
            bus.remove(member)
        }
    }

    func health() async -> HealthStatus {
        switch state.withLock({ $0 }) {
        case .started, .running: .up(["queue": environment.queue, "group": environment.group])
        case .made, .ended: .down()
        }
    }
}

// MARK: - One message

extension MemoryServer {
    private func handle(_ delivery: MemoryDelivery, _ member: Int) async {
        let message = delivery.message
        var outcome =
            if let done = dispatcher.dispatchInline(message) { done } else { await dispatcher.dispatch(message) }
        if case .stream(let stream) = outcome {
            guard let credit = message.streamCredit, let call = delivery.call else {
                outcome = await dispatcher.collect(stream, for: message)
                return settle(delivery, outcome, member)
            }
            let opened = call.openStream(credit)
            await dispatcher.send(stream, for: message, credit: opened) { call.answer($0) }
            return finish(delivery, .settled, member)
        }
        settle(delivery, outcome, member)
    }

    /// The one place where an outcome becomes what the bus and the caller are told.
    private func settle(_ delivery: MemoryDelivery, _ outcome: Outcome, _ member: Int) {
        switch outcome {
        case .done, .stream: finish(delivery, .settled, member)
        case .reply(let response): finish(delivery, .settled, member, response)
        case .replyAndDeadLetter(let response, let letter): finish(delivery, .dead(letter), member, response)
        case .deadLetter(let letter): finish(delivery, .dead(letter), member)
        case .retry(let delay, _):
            guard bus.finish(delivery, by: member, .retry) else { return }
            environment.eventLoopGroup.next().scheduleTask(in: TimeAmount(delay)) { [bus] in
                bus.retry(delivery.again())
            }
        }
    }

    /// A caller whose server is gone has its answer already.
    private func finish(
        _ delivery: MemoryDelivery, _ end: MemoryBusState.End, _ member: Int, _ response: WireResponse? = nil
    ) {
        guard bus.finish(delivery, by: member, end), let response else { return }
        delivery.call?.answer(.reply(response))
    }
}
