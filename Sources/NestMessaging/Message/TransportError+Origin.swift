extension TransportError {
    /// Who says so. Decides what an HTTP client is told, see ``HTTPException/init(_:)-(TransportError)``; never travels.
    package enum Origin: Sendable {
        /// A handler of this process, or what stands around it.
        case here
        /// A peer: the error was read off a wire.
        case peer
        /// The way to a peer: a client, a network or a broker, which speak of this process and not of its callers.
        case way
    }

    /// The error as a call throws it: what no peer said happened on the way.
    package var ofCall: TransportError {
        guard origin == .here else { return self }
        return TransportError(code, message, details: details, cause: cause, origin: .way)
    }

    /// A call to a service behind was refused on its way there, say for this process's credentials: nothing that the
    /// caller of this process has done, and nothing it should read.
    package var isOwnTrouble: Bool {
        origin == .way && [.unauthenticated, .forbidden, .tooLarge].contains(code)
    }
}
