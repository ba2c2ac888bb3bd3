import CRdKafka
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Gets tokens for one instance of the library, whenever it asks.
final class KafkaTokens: Sendable {
    private struct State {
        weak var handle: KafkaHandle?
        var isWanted = false
        var task: Task<Void, Never>?
        var hasEnded = false
    }

    private let provider: KafkaTokenProvider
    private let trouble: KafkaTrouble
    private let state = Mutex(State())

    init(_ provider: @escaping KafkaTokenProvider, _ trouble: KafkaTrouble) {
        self.provider = provider
        self.trouble = trouble
    }

    /// The instance is there. It may have asked already.
    func begin(_ handle: KafkaHandle) {
        let isWanted = state.withLock { state in
            state.handle = handle
            return state.isWanted
        }
        if isWanted { refresh() }
    }

    /// A token is wanted.
    func refresh() {
        state.withLock { state in
            state.isWanted = true
            guard state.handle != nil, !state.hasEnded, state.task == nil else { return }
            state.isWanted = false
            state.task = Task { await self.get() }
        }
    }

    /// No token is set any more when this returns.
    func end() {
        let task = state.withLock { state in
            state.hasEnded = true
            return state.task
        }
        task?.cancel()
    }

    private func get() async {
        let result: Result<KafkaToken, any Error>
        do {
            result = .success(try await provider())
        } catch {
            result = .failure(error)
        }
        // Under the lock: the instance is not destroyed meanwhile.
        state.withLock { state in
            state.task = nil
            guard !state.hasEnded, let handle = state.handle else { return }
            switch result {
            case .success(let token): set(token, of: handle)
            case .failure(let error): refuse("the token provider failed: \(error)", of: handle)
            }
        }
    }

    private func set(_ token: KafkaToken, of handle: KafkaHandle) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let expiry = Int64(now.tv_sec) * 1_000 + Int64(token.lifetime / .milliseconds(1))
        var reason = [CChar](repeating: 0, count: 512)
        let fields = token.extensions.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
        let copies = fields.map { strdup($0) }
        defer { for copy in copies { free(copy) } }
        var pointers = copies.map { UnsafePointer<CChar>($0) }
        let code = handle.ask {
            rd_kafka_oauthbearer_set_token(
                $0, token.value, expiry, token.principal, &pointers, pointers.count, &reason, reason.count)
        }
        if code != RD_KAFKA_RESP_ERR_NO_ERROR { refuse(String(nullTerminated: reason), of: handle) }
    }

    /// The library asks again after ten seconds.
    private func refuse(_ why: String, of handle: KafkaHandle) {
        _ = handle.ask { rd_kafka_oauthbearer_set_token_failure($0, why) }
        trouble.note(RD_KAFKA_RESP_ERR__AUTHENTICATION, why)
    }
}
