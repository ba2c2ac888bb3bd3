/// What a handler's caller gets: a payload or an error.
public enum WireResponse: Sendable, Equatable {
    /// The handler returned.
    case success(Payload)
    /// The handler, or the way to it, failed.
    case failure(TransportError)

    /// The payload, or throws the error.
    package func get() throws(TransportError) -> Payload {
        switch self {
        case .success(let payload): return payload
        case .failure(let error): throw error
        }
    }
}
