/// Decides whether a call may go on. Runs before interceptors and pipes.
public protocol Guard: Sendable {
    /// False refuses the call with ``TransportError/Code/forbidden``; throw to refuse with an error of your own.
    func canActivate(_ context: ExecutionContext) async throws -> Bool
}
