import NIOCore

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TransportError {
    /// Why a server cannot listen, in words that say what to change.
    init(listening options: HTTPOptions, _ error: any Error) {
        let address = "\(options.host):\(options.port)"
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE: self.init(.addressInUse, "port \(options.port) is in use (\(address))", cause: error)
        case EACCES:
            self.init(
                .invalidConfiguration, "port \(options.port) may not be used without privileges", cause: error)
        case EADDRNOTAVAIL:
            self.init(.invalidConfiguration, "\(options.host) is no address of this machine", cause: error)
        case EMFILE, ENFILE:
            self.init(.overloaded, "no file descriptors are left to listen on \(address)", cause: error)
        default: self.init(.invalidConfiguration, "cannot listen on \(address)", cause: error)
        }
    }
}
