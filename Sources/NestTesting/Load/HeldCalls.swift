/// Calls to a handler that holds them until it is told to go on.
public struct HeldCalls: Sendable {
    private let calls: Task<[TransportError.Code?], Never>

    /// Sends them. Whether they have come is to be asked of the handler's ``Gate``.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - pattern: The handler's, which takes no payload.
    ///   - client: Who sends them.
    ///   - timeout: How long each may take.
    public init(_ count: Int, of pattern: Pattern, by client: ClientProxy, timeout: Duration = .seconds(30)) {
        calls = Task {
            await withTaskGroup(of: TransportError.Code?.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        do throws(TransportError) {
                            try await client.send(pattern, Payload.null, options: .timeout(timeout))
                            return nil
                        } catch {
                            return error.code
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    /// What each of them came to: an error's code, or nil for an answer.
    public var codes: [TransportError.Code?] {
        get async { await calls.value }
    }
}
