/// What a transport notes about one delivery of a durable broker. It is the ``IncomingMessage/metadata`` of its message,
/// where handlers find it.
@usableFromInline
package protocol BrokerDelivery: AnyObject, Sendable {
    associatedtype ID: Hashable & Sendable
    /// The broker's name for it. Where names end with a connection or an assignment, that one's number is part of it.
    var id: ID { get }
    /// Messages of the same key are handled one after another.
    var key: String? { get }
}
