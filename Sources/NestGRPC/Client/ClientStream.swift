import NIOCore

/// One call as the client sees it.
final class ClientStream: HTTP2Stream, @unchecked Sendable {
    let call: ClientCall
    /// Its caller has been told how it went.
    @exclusivity(unchecked) var isSettled = false

    // What the answer's headers and trailers say.
    @exclusivity(unchecked) private var httpStatus = 0
    @exclusivity(unchecked) private var code: Int?
    private var text = ""
    private var name: String?
    @exclusivity(unchecked) private(set) var encoding = MessageEncoding.identity
    /// Whether the server takes gzip; nil when it does not say what it takes.
    private(set) var serverTakesGzip: Bool?

    // A streaming reply.
    /// Items that its reader is ready for.
    var room = 0
    /// Items that the reader has, or will have: how many bytes of window each gives back when it is taken.
    var itemBytes = Fifo<Int>()
    /// Bytes of the item that has begun which were given back already, so that it can become whole.
    var givenBack = 0
    var isInputEnded = false

    init(_ call: ClientCall, _ tally: OutputTally) {
        self.call = call
        super.init(tally)
    }

    /// Takes a field; nothing is kept of those that nobody reads.
    @inline(__always)
    func take(_ field: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        switch field.count {
        case 7 where Name.status.isEqual(to: field): httpStatus = Self.number(value) ?? 0
        case 11 where Name.grpcStatus.isEqual(to: field): code = Self.number(value) ?? -1
        case 12 where Name.grpcMessage.isEqual(to: field): text = PercentCoding.decode(value)
        case 13 where Name.encoding.isEqual(to: field): encoding = MessageEncoding(value)
        case 20 where Name.encodings.isEqual(to: field):
            serverTakesGzip = serverTakesGzip == true || MessageEncoding.listsGzip(value)
        case 15 where Name.errorCode.isEqual(to: field): name = PercentCoding.decode(value)
        default: break
        }
    }

    /// How the call went; nil while its trailers have not come.
    var status: GRPCStatus? {
        if encoding == .other { return GRPCStatus(.internal, "the server's grpc-encoding is not known here") }
        guard let code else { return httpStatus == 0 || httpStatus == 200 ? nil : GRPCStatus(http: httpStatus) }
        var status = GRPCStatus(GRPCStatus.Code(rawValue: code) ?? .unknown, text)
        status.name = name
        return status
    }

    private static func number(_ value: UnsafeBufferPointer<UInt8>) -> Int? {
        guard (1...3).contains(value.count) else { return nil }
        var number = 0
        for byte in value {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }

    private enum Name {
        static let status: StaticString = ":status"
        static let grpcStatus: StaticString = "grpc-status"
        static let grpcMessage: StaticString = "grpc-message"
        static let encoding: StaticString = "grpc-encoding"
        static let encodings: StaticString = "grpc-accept-encoding"
        static let errorCode: StaticString = "nest-error-code"
    }
}
