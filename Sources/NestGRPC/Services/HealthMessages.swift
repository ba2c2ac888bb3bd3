import NIOCore

/// `HealthCheckResponse.ServingStatus` of `grpc.health.v1`.
enum HealthState: UInt64 {
    case serving = 1
    case notServing = 2
    case serviceUnknown = 3

    init(_ isServing: Bool) { self = isServing ? .serving : .notServing }

    func write(to buffer: inout ByteBuffer) { buffer.writeMessage { $0.writeField(1, rawValue) } }
}

/// `HealthCheckRequest`.
enum HealthQuestion {
    /// The service that is asked for; empty for the server as a whole. Nil for what is no request.
    static func service(_ frame: ByteBuffer) -> String? {
        frame.withUnsafeReadableBytes { bytes -> String? in
            var reader = ProtobufReader(bytes)
            var service = ""
            do throws(ProtobufReader.Failure) {
                while let field = try reader.next() {
                    guard field.number == 1, let range = try reader.range(of: field) else {
                        if field.number != 1 { try reader.skip(field.kind) }
                        continue
                    }
                    service = try reader.string(range)
                }
                return service
            } catch {
                return nil
            }
        }
    }
}
