import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension TransportError {
    /// Why a server cannot listen, in words that say what to change.
    init(binding options: GRPCOptions, _ error: any Error) {
        if let error = error as? TransportError {
            self = error
            return
        }
        guard let code = (error as? IOError)?.errnoCode else {
            self.init(.invalidConfiguration, "cannot listen on \(options.address)", cause: error)
            return
        }
        let address = options.address
        switch code {
        case EADDRINUSE: self.init(.addressInUse, "port \(options.port) is in use (\(address))", cause: error)
        case EACCES:
            self.init(.invalidConfiguration, "port \(options.port) may not be used without privileges", cause: error)
        case EADDRNOTAVAIL:
            self.init(.invalidConfiguration, "\(options.host) is no address of this machine", cause: error)
        case EMFILE, ENFILE:
            self.init(.overloaded, "no file descriptors are left to listen on \(address)", cause: error)
        default:
            self.init(.invalidConfiguration, "cannot listen on \(address)", cause: error)
        }
    }

    /// Why a client cannot connect, in words that say where to look.
    init(connecting address: String, _ error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case let error as NIOConnectionError: self.init(connecting: address, failures: error)
        case is ChannelError:
            self.init(.disconnected, "no answer from \(address) within the connect timeout", cause: error)
        case let error as IOError: self.init(.disconnected, "\(address): \(Self.reason(error))", cause: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(securing: address, error)
        default: self.init(.disconnected, "cannot connect to \(address)", cause: error)
        }
    }

    private init(connecting address: String, failures: NIOConnectionError) {
        if let failure = failures.connectionErrors.last?.error {
            self.init(connecting: address, failure)
        } else {
            self.init(.disconnected, "the host name in \(address) cannot be resolved", cause: failures)
        }
    }

    /// Why a connection that worked is gone. A TLS peer that ends without a goodbye was killed, or cut off.
    init(losing address: String, _ error: any Error) {
        switch error {
        case is TransportError, is IOError: self.init(connecting: address, error)
        default: self.init(.disconnected, "the connection to \(address) was lost", cause: error)
        }
    }

    /// True when the peer says in TLS that it does not take our certificate.
    static func isRefusal(_ error: any Error) -> Bool {
        guard error is BoringSSLError || error is NIOSSLError else { return false }
        let text = "\(error)"
        return text.contains("ALERT") && text.contains("CERTIFICATE")
    }

    /// What went wrong with TLS: who the peer is, not whether it is there.
    init(securing address: String, _ error: any Error) {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            self.init(.unauthenticated, "TLS: the certificate of \(address) is for another name", cause: error)
        } else if "\(error)".contains("EOF during handshake") {
            // Who refuses a certificate says so; who only goes away is gone.
            self.init(.disconnected, "the connection to \(address) was lost during the TLS handshake", cause: error)
        } else {
            self.init(
                .unauthenticated, "TLS with \(address) failed: check the certificates of both sides", cause: error)
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused, nobody listens there"
        case EHOSTUNREACH, ENETUNREACH: "the host cannot be reached"
        case ETIMEDOUT: "no answer"
        case ECONNRESET, EPIPE: "the peer closed the connection"
        case EMFILE, ENFILE: "no file descriptors are left"
        default: "\(error)"
        }
    }
}
