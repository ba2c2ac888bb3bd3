/// What one case of the ``TransportSuite`` plays on: a bus, a port, a prefix on a broker, shared with no other case.
public protocol TransportStage: Sendable {
    /// The transport for an instance of the service.
    ///
    /// - Parameter endpoint: Nil for an instance of its own; the endpoint of one that has gone, when it is to come
    ///   back in the same place.
    func serverTransport(at endpoint: Endpoint?) async throws -> any Transport
    /// The transport for a client.
    ///
    /// - Parameter endpoint: Where an instance listens; nil when it listens on a broker.
    func clientTransport(to endpoint: Endpoint?) async throws -> any Transport
    /// The headers of the dead letters, once there are so many. Asked only with ``Guarantees/deadLetters``.
    func deadLetters(atLeast count: Int) async throws -> [MessageHeaders]
    /// Cuts every connection of clients, once. Asked only when ``TransportFixture/canCut`` is set.
    func cut() async throws
    /// The case is over, well or not.
    func close() async
}

extension TransportStage {
    /// None: the transport keeps no dead letters.
    public func deadLetters(atLeast count: Int) async throws -> [MessageHeaders] {
        throw TransportError(.unsupported, "this stage keeps no dead letters")
    }

    /// Cannot.
    public func cut() async throws { throw TransportError(.unsupported, "this stage cuts no connections") }

    /// Nothing to do.
    public func close() async {}
}
