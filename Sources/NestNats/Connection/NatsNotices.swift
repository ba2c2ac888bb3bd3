import CNats
import Synchronization

/// What the C library reports beside any call: messages it had to drop, things the server does not permit.
///
/// The library is given a number instead of a pointer: a report that comes late finds nobody.
final class NatsNotices: Sendable {
    private struct Registry {
        var last: UInt = 0
        var receivers: [UInt: @Sendable (natsStatus, String) -> Void] = [:]
    }

    private static let registry = Mutex(Registry())
    private let number: UInt

    /// `receive` is called on a thread of the library, until this object goes.
    init(_ receive: @escaping @Sendable (natsStatus, String) -> Void) {
        number = Self.registry.withLock { registry in
            registry.last += 1
            registry.receivers[registry.last] = receive
            return registry.last
        }
    }

    deinit { Self.registry.withLock { $0.receivers[number] = nil } }

    func install(in options: OpaquePointer?) -> natsStatus {
        natsOptions_SetErrorHandler(
            options, { NatsNotices.report($0, $2, $3) }, UnsafeMutableRawPointer(bitPattern: number))
    }

    private static func report(_ connection: OpaquePointer?, _ status: natsStatus, _ number: UnsafeMutableRawPointer?) {
        let receive = registry.withLock { $0.receivers[UInt(bitPattern: number)] }
        receive?(status, text(of: status, connection))
    }

    /// The text that belongs to this report stands on this thread; what the connection has may be a later one's.
    private static func text(of status: natsStatus, _ connection: OpaquePointer?) -> String {
        var last = NATS_OK
        if let text = nats_GetLastError(&last), last == status { return String(cString: text) }
        var text: UnsafePointer<CChar>?
        natsConnection_GetLastError(connection, &text)
        return text.map { String(cString: $0) } ?? ""
    }
}
