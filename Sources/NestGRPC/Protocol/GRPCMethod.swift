import CNghttp2

/// What a server can be asked.
enum GRPCMethod: Sendable, CaseIterable {
    case send
    case emit
    case sendStream
    case healthCheck
    case healthWatch
    case reflection
    case reflectionAlpha

    static let service = "nestrs.microservices.Microservice"
    static let health = "grpc.health.v1.Health"
    static let reflectionService = "grpc.reflection.v1.ServerReflection"
    static let reflectionAlphaService = "grpc.reflection.v1alpha.ServerReflection"

    var path: StaticString {
        switch self {
        case .send: "/nestrs.microservices.Microservice/Send"
        case .emit: "/nestrs.microservices.Microservice/Emit"
        case .sendStream: "/nestrs.microservices.Microservice/SendStream"
        case .healthCheck: "/grpc.health.v1.Health/Check"
        case .healthWatch: "/grpc.health.v1.Health/Watch"
        case .reflection: "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"
        case .reflectionAlpha: "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo"
        }
    }

    /// The method of a path; nil for one that is not served.
    @inline(__always)
    init?(path: UnsafeBufferPointer<UInt8>) {
        for method in Self.inOrder where method.path.isEqual(to: path) {
            self = method
            return
        }
        return nil
    }

    /// The one that is asked for most comes first.
    private static let inOrder: [GRPCMethod] = [
        .send, .emit, .sendStream, .healthCheck, .healthWatch, .reflection, .reflectionAlpha,
    ]

    /// The client goes on talking while it is answered.
    var isBidirectional: Bool { self == .reflection || self == .reflectionAlpha }
}

extension StaticString {
    @inline(__always)
    func isEqual(to bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        guard bytes.count == utf8CodeUnitCount, let start = bytes.baseAddress else { return false }
        return nest_bytes_are_equal(start, utf8Start, bytes.count)
    }
}
