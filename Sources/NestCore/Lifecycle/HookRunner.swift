import Logging
import Synchronization

/// The singletons in the order they were made, and which of their lifecycle hooks have been called.
final class HookRunner: Sendable {
    private struct Member {
        let object: any Sendable
        let label: String
        var isInitClaimed = false
        var isBootstrapClaimed = false
        var isInitialized: Bool

        init(_ object: any Sendable, _ label: String) {
            self.object = object
            self.label = label
            isInitialized = !(object is any OnModuleInit)
        }
    }

    private struct State {
        var members: [Member] = []
        /// Objects by address: a factory may hand out what another provider made.
        var known: Set<ObjectIdentifier> = []
        /// Newcomers catch up with what the others have behind them.
        var hasInitialized = false
        var hasBootstrapped = false
        var isStopped = false
    }

    /// Whose hook is being called by this task: who waits there for the end of all hooks would wait for himself.
    @TaskLocal private static var current: HookRunner?

    private let state = Mutex(State())
    private let logger: Logger

    init(logger: Logger) { self.logger = logger }

    var objects: [any Sendable] { state.withLock { $0.members.map(\.object) } }
    var isInside: Bool { Self.current === self }
    var isStopped: Bool { state.withLock { $0.isStopped } }

    /// No more hooks on the way up.
    func stop() { state.withLock { $0.isStopped = true } }

    /// Lets go of the objects.
    func clear() {
        let old = state.withLock { state in
            defer { state.members = [] }
            return state.members
        }
        _ = consume old
    }
}

// MARK: - On the way up

extension HookRunner {
    /// Notes a new object and calls the hooks that the others have had already.
    func add(_ object: any Sendable, from record: ProviderRecord) async throws {
        let index = state.withLock { state -> Int? in
            if type(of: object) is any AnyObject.Type {
                guard state.known.insert(ObjectIdentifier(object as AnyObject)).inserted else { return nil }
            }
            state.members.append(Member(object, "\(record.label) in \(record.module)"))
            return state.members.count - 1
        }
        guard let index else { return }
        if state.withLock({ $0.hasInitialized }) { try await initialize(index) }
        if state.withLock({ $0.hasBootstrapped }) { try await bootstrap(index) }
    }

    /// Calls every `onModuleInit` that has not been called.
    func initialize() async throws {
        state.withLock { $0.hasInitialized = true }
        var index = 0
        while index < count {
            try await initialize(index)
            index += 1
        }
    }

    /// Calls every `onApplicationBootstrap` that has not been called.
    func bootstrap() async throws {
        state.withLock { $0.hasBootstrapped = true }
        var index = 0
        while index < count {
            try await bootstrap(index)
            index += 1
        }
    }

    private var count: Int { state.withLock { $0.members.count } }

    private func initialize(_ index: Int) async throws {
        guard let member = try claim(index, \.isInitClaimed) else { return }
        guard let object = member.object as? any OnModuleInit else { return }
        try await call("onModuleInit", member) { try await object.onModuleInit() }
        state.withLock { $0.members[index].isInitialized = true }
    }

    private func bootstrap(_ index: Int) async throws {
        guard let member = try claim(index, \.isBootstrapClaimed) else { return }
        guard let object = member.object as? any OnApplicationBootstrap else { return }
        try await call("onApplicationBootstrap", member) { try await object.onApplicationBootstrap() }
    }

    private func claim(_ index: Int, _ flag: WritableKeyPath<Member, Bool>) throws -> Member? {
        try state.withLock { state in
            guard !state.isStopped else { throw ApplicationError.applicationClosed }
            guard !state.members[index][keyPath: flag] else { return nil }
            state.members[index][keyPath: flag] = true
            return state.members[index]
        }
    }

    private func call(_ hook: String, _ member: Member, _ body: () async throws -> Void) async throws {
        try Task.checkCancellation()
        do {
            try await Self.$current.withValue(self) { try await body() }
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ApplicationError(.hookFailed, "\(hook) of \(member.label) failed", cause: error)
        }
    }
}

// MARK: - On the way down

extension HookRunner {
    func beforeShutdown(_ signal: String?) async {
        await callAll("beforeApplicationShutdown") {
            try await ($0 as? any BeforeApplicationShutdown)?.beforeApplicationShutdown(signal)
        }
    }

    func destroy() async {
        await callAll("onModuleDestroy") { try await ($0 as? any OnModuleDestroy)?.onModuleDestroy() }
    }

    func shutdown(_ signal: String?) async {
        await callAll("onApplicationShutdown") {
            try await ($0 as? any OnApplicationShutdown)?.onApplicationShutdown(signal)
        }
    }

    /// The last made first. Those whose `onModuleInit` failed or never came are left alone.
    private func callAll(_ hook: String, _ body: (any Sendable) async throws -> Void) async {
        let members = state.withLock { $0.members.filter(\.isInitialized) }
        for member in members.reversed() {
            do {
                try await Self.$current.withValue(self) { try await body(member.object) }
            } catch {
                logger.error(
                    "lifecycle hook failed",
                    metadata: ["hook": "\(hook)", "provider": "\(member.label)", "error": "\(error)"])
            }
        }
    }
}
