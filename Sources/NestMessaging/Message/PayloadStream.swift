/// A handler's stream of results, each already encoded. Pulled by the transport as the caller grants credit.
public struct PayloadStream: AsyncSequence, Sendable {
    /// One encoded item.
    public typealias Element = Payload

    private let makeNext: @Sendable () -> AsyncIterator

    /// Pulls the items.
    public struct AsyncIterator: AsyncIteratorProtocol {
        private let step: () async throws -> Payload?

        init(_ step: @escaping () async throws -> Payload?) { self.step = step }

        /// The next item, nil at the end. Throws what the handler's sequence throws.
        public mutating func next() async throws -> Payload? { try await step() }
    }

    init(_ makeNext: @escaping @Sendable () -> AsyncIterator) { self.makeNext = makeNext }

    /// Encodes the elements of any sequence as they are pulled.
    package init<Base: AsyncSequence & Sendable>(_ base: Base, codec: JSONCodec) where Base.Element: Encodable {
        makeNext = {
            let iterator = IteratorBox(base.makeAsyncIterator())
            return AsyncIterator {
                guard let element = try await iterator.next() else { return nil }
                return try PayloadCoding.encode(element, codec: codec)
            }
        }
    }

    /// An iterator over the items; a handler's sequence is iterated once.
    public func makeAsyncIterator() -> AsyncIterator { makeNext() }

    /// All items as one JSON array. Throws ``TransportError/Code/tooLarge`` beyond the bounds, and when cancelled: a
    /// sequence that ends because of that is not whole.
    package func collect(maxItems: Int, maxBytes: Int) async throws -> Payload {
        var items: [Payload] = []
        var bytes = 2
        for try await item in self {
            bytes += item.count + 1
            guard items.count < maxItems, bytes <= maxBytes else {
                throw TransportError(
                    .tooLarge, "the handler streams more than \(maxItems) items or \(maxBytes) bytes: ask for a stream")
            }
            items.append(item)
        }
        try Task.checkCancellation()
        return Payload(joining: items, size: bytes)
    }
}

private final class IteratorBox<Base: AsyncIteratorProtocol> {
    private var base: Base

    init(_ base: Base) { self.base = base }

    func next() async throws -> Base.Element? { try await base.next(isolation: #isolation) }
}
