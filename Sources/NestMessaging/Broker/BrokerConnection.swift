/// One connection to a broker, from its first moment to its last. It does not come back: ``BrokerLink`` makes the next.
@usableFromInline
package protocol BrokerConnection: AnyObject, Sendable {
    /// Where it leads, for logs; without secrets.
    var summary: String { get }
    /// Calls back once, when the connection is gone; soon, when it is gone already.
    func whenEnded(_ body: @escaping @Sendable (TransportError) -> Void)
    /// Writes what waits and closes; returns when the connection is gone. It takes bounded time.
    func close() async
}
