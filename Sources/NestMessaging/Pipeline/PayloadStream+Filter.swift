extension PayloadStream {
    /// The same items. An error in place of one is shown to `filter` first: a result it returns takes the error's place
    /// (a value is the last item, a stream goes on from there), what it throws ends the stream.
    func filtered(by filter: @escaping @Sendable (any Error) async throws -> HandlerResult) -> PayloadStream {
        PayloadStream {
            let items = FilteredItems(makeAsyncIterator(), filter)
            return AsyncIterator { try await items.next() }
        }
    }
}

/// Asks the filter once: what comes in an error's place is not filtered again.
private final class FilteredItems {
    private var items: PayloadStream.AsyncIterator?
    private var filter: (@Sendable (any Error) async throws -> HandlerResult)?

    init(_ items: PayloadStream.AsyncIterator, _ filter: @escaping @Sendable (any Error) async throws -> HandlerResult)
    {
        self.items = items
        self.filter = filter
    }

    func next() async throws -> Payload? {
        do {
            return try await items?.next()
        } catch {
            items = nil
            guard let filter else { throw error }
            self.filter = nil
            return try await replacement(filter(error))
        }
    }

    private func replacement(_ result: HandlerResult) async throws -> Payload? {
        switch result {
        case .payload(let payload): return payload
        case .none: return nil
        case .stream(let rest):
            items = rest.makeAsyncIterator()
            return try await next()
        case .response: throw TransportError(.internal, "the filter answered in another front's terms")
        }
    }
}
