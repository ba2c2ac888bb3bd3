import CNats
import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A message as the C library hands it over. Its memory goes with this value: what is kept is copied.
struct NatsMessage: ~Copyable {
    private let handle: OpaquePointer
    private let isOwned: Bool

    /// Takes the message over.
    init(taking handle: OpaquePointer) {
        self.handle = handle
        isOwned = true
    }

    /// Whoever lends it frees it, after this value has gone.
    init(lending handle: OpaquePointer) {
        self.handle = handle
        isOwned = false
    }

    deinit { if isOwned { natsMsg_Destroy(handle) } }

    var subject: UnsafeRawBufferPointer { Self.text(natsMsg_GetSubject(handle)) }

    /// Empty without one.
    var reply: UnsafeRawBufferPointer { Self.text(natsMsg_GetReply(handle)) }

    var body: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: natsMsg_GetData(handle), count: Int(natsMsg_GetDataLength(handle)))
    }

    /// The server says that nobody listens to the subject a request went to.
    var isNoResponders: Bool { natsMsg_IsNoResponders(handle) }

    /// The first value of a header, its name in exactly this case; nil without it.
    func header(_ name: String) -> String? {
        var value: UnsafePointer<CChar>?
        guard natsMsgHeader_Get(handle, name, &value) == NATS_OK, let value else { return nil }
        return String(cString: value)
    }

    /// All headers, of several values the first. The id that a stream knows the message by is the message's, unless it has
    /// one of its own, as those have that were put back.
    var headers: MessageHeaders {
        var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
        var count: CInt = 0
        guard natsMsgHeader_Keys(handle, &names, &count) == NATS_OK, let names else { return MessageHeaders() }
        defer { free(names) }
        var builder = MessageHeadersBuilder()
        for index in 0..<Int(count) {
            guard let name = names[index] else { continue }
            var value: UnsafePointer<CChar>?
            guard natsMsgHeader_Get(handle, name, &value) == NATS_OK, let value else { continue }
            builder.set(String(cString: name), String(cString: value))
        }
        var headers = builder.headers
        if let id = headers[KeptHeader.id], headers[HeaderName.messageID] == nil { headers[HeaderName.messageID] = id }
        return headers
    }

    private static func text(_ pointer: UnsafePointer<CChar>?) -> UnsafeRawBufferPointer {
        guard let pointer else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: pointer, count: strlen(pointer))
    }
}
