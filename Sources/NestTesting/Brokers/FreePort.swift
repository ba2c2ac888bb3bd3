import Foundation
import Synchronization

/// Ports nobody listens on.
public enum FreePort {
    private static let given = Mutex<Set<Int>>([])

    /// A port on 127.0.0.1 that is free now and is given to nobody else in this process.
    public static func take() throws -> Int {
        while true {
            let port = try unused()
            if given.withLock({ $0.insert(port).inserted }) { return port }
        }
    }

    private static func unused() throws -> Int {
        #if canImport(Darwin)
            let descriptor = socket(AF_INET, SOCK_STREAM, 0)
        #else
            let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        #endif
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { address in
            address.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, size) == 0 && getsockname(descriptor, address, &size) == 0
            }
        }
        guard descriptor >= 0, isBound else { throw BrokerProcess.Failed(description: "no port is free") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
