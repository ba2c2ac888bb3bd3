/// Headers of events in a stream.
enum KeptHeader {
    /// The stream keeps one message of an id.
    static let id = "Nats-Msg-Id"
    /// The same as C wants it.
    static let idName: StaticString = "Nats-Msg-Id"
    /// The only group an event is for: it was put back for it.
    static let group = "nest-only-group"
}
