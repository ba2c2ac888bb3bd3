/// A streaming reply: the items as they come, not decoded. Leaving the iteration cancels the stream on the other side.
///
/// Has one reader. A reader that stops for a while stops the sender after a bounded number of items.
public struct ReplyStream: AsyncSequence, Sendable {
    /// One item.
    public typealias Element = Payload

    private let lifetime: Lifetime

    package init(_ source: ReplyStreamSource) { lifetime = Lifetime(source) }

    /// The iterator; make one only.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(lifetime: lifetime) }

    /// Takes the items one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let lifetime: Lifetime

        /// The next item, nil at the end. Throws what the handler threw, `timeout` when the next item does not come
        /// within the call's timeout, and `disconnected` when the connection is lost.
        public mutating func next() async throws(TransportError) -> Payload? {
            do throws(TransportError) {
                return try await lifetime.source.next()
            } catch {
                throw error.ofCall
            }
        }

        /// The same, on the caller's actor.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(TransportError) -> Payload? {
            do throws(TransportError) {
                return try await lifetime.source.next()
            } catch {
                throw error.ofCall
            }
        }
    }

    /// The last reader to go cancels what is left.
    fileprivate final class Lifetime: Sendable {
        let source: ReplyStreamSource

        init(_ source: ReplyStreamSource) { self.source = source }

        deinit { source.cancel() }
    }
}

/// A streaming reply whose items are decoded as they are taken.
public struct TypedReplyStream<Item: Decodable & Sendable>: AsyncSequence, Sendable {
    /// One decoded item.
    public typealias Element = Item

    let base: ReplyStream
    let codec: JSONCodec

    /// The iterator; make one only.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(base: base.makeAsyncIterator(), codec: codec)
    }

    /// Takes and decodes the items one by one.
    public struct AsyncIterator: AsyncIteratorProtocol {
        var base: ReplyStream.AsyncIterator
        let codec: JSONCodec

        /// The next item, nil at the end. Throws as ``ReplyStream`` does, and `invalid_message` for an item that does
        /// not fit the type.
        public mutating func next() async throws(TransportError) -> Item? {
            guard let payload = try await base.next() else { return nil }
            return try decodeReply(Item.self, from: payload, codec: codec)
        }

        /// The same, on the caller's actor.
        public mutating func next(isolation actor: isolated (any Actor)?) async throws(TransportError) -> Item? {
            guard let payload = try await base.next() else { return nil }
            return try decodeReply(Item.self, from: payload, codec: codec)
        }
    }
}

/// Decodes a reply; what does not fit is the peer's fault and says so.
func decodeReply<Value: Decodable>(
    _ type: Value.Type, from payload: Payload, codec: JSONCodec
) throws(TransportError) -> Value {
    do {
        return try PayloadCoding.decode(type, from: payload, codec: codec)
    } catch {
        throw TransportError(.invalidMessage, "the reply is no \(type)", cause: error)
    }
}
