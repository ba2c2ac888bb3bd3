/// How a peer says in `grpc-encoding` that its compressed messages are made.
enum MessageEncoding: Equatable {
    case identity
    case gzip
    /// One that is not known here.
    case other

    /// What `grpc-accept-encoding` says of us.
    static let accepted = "identity,gzip"

    init(_ value: UnsafeBufferPointer<UInt8>) {
        if Name.gzip.isEqual(to: value) {
            self = .gzip
        } else {
            self = value.isEmpty || Name.identity.isEqual(to: value) ? .identity : .other
        }
    }

    /// Whether a list of encodings, with commas between them, names gzip.
    static func listsGzip(_ value: UnsafeBufferPointer<UInt8>) -> Bool {
        value.split(separator: UInt8(ascii: ",")).contains { part in
            let name = part.drop { $0 == UInt8(ascii: " ") }
            return Name.gzip.isEqual(to: UnsafeBufferPointer(rebasing: name.prefix { $0 != UInt8(ascii: " ") }))
        }
    }

    private enum Name {
        static let gzip: StaticString = "gzip"
        static let identity: StaticString = "identity"
    }
}
