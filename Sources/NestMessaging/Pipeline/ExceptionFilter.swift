/// Turns an error on its way to the caller into another error, or into a result.
///
/// Filters see errors from guards, interceptors, pipes and the handler: the handler's own filters first, then its
/// controller's, then the global ones. An error thrown by a sequence that a handler returned comes here as well, while
/// the stream runs: a result then takes the error's place as the stream's last item.
public protocol ExceptionFilter: Sendable {
    /// Returns a result to answer with, or throws: the same error to pass it on, another to replace it.
    func `catch`(_ error: any Error, _ context: ExecutionContext) async throws -> HandlerResult
}
