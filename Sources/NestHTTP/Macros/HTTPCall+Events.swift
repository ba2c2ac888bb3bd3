extension HTTPCall {
    /// The events as they are: what ``Sse(_:)`` calls, so that nothing else is taken for an event stream.
    public func events<Events: AsyncSequence & Sendable>(_ events: Events) -> Events
    where Events.Element == ServerSentEvent { events }

    /// Values as events: each becomes the data of one, as JSON. What ``Sse(_:)`` calls.
    public func events<Values: AsyncSequence & Sendable>(
        _ values: Values
    ) -> AsyncThrowingMapSequence<Values, ServerSentEvent> where Values.Element: Encodable & Sendable {
        let codec = codec
        return values.map { try ServerSentEvent(encoding: $0, codec: codec) }
    }
}
