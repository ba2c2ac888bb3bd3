/// Changes or checks what a handler is given, last before it is called.
///
/// Bytes first, then the decoded value. Throw ``TransportError/Code/rejected`` (or an error of your own) to refuse it.
public protocol Pipe: Sendable {
    /// Sees the payload before it is decoded. Returns it as it is unless implemented.
    func transform(payload: Payload, _ context: ExecutionContext) async throws -> Payload
    /// Sees the decoded value. Returns it as it is unless implemented.
    func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value
}

extension Pipe {
    /// The payload as it is.
    public func transform(payload: Payload, _ context: ExecutionContext) async throws -> Payload { payload }
    /// The value as it is.
    public func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value { value }
}

/// A payload type that knows what makes it valid; ``ValidationPipe`` asks it.
public protocol Validatable {
    /// Throws when the value may not reach a handler. The error's text goes to the caller.
    func validate() throws
}

/// Refuses ``Validatable`` payloads that are not valid, with ``TransportError/Code/rejected``.
public struct ValidationPipe: Pipe {
    /// A pipe that validates.
    public init() {}

    /// Validates the value if it can be validated.
    public func transform<Value>(value: Value, _ context: ExecutionContext) async throws -> Value {
        guard let validatable = value as? any Validatable else { return value }
        do {
            try validatable.validate()
        } catch let error as TransportError {
            throw error
        } catch let error as HTTPException {
            throw error
        } catch {
            throw TransportError(.rejected, "\(error)", cause: error)
        }
        return value
    }
}
