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
    /// Why a server cannot listen at `location`, in words that say what to change.
    package init(
        binding location: Endpoint.Location, _ address: some CustomStringConvertible, _ error: any Error
    ) {
        if let error = error as? TransportError {
            self = error
            return
        }
        switch ((error as? IOError)?.errnoCode, location) {
        case (EADDRINUSE, .host(_, let port)):
            self.init(.addressInUse, "port \(port) is in use (\(address))", cause: error)
        case (EADDRINUSE, .path(let path)): self.init(.addressInUse, "\(path) is in use", cause: error)
        case (EACCES, .host(_, let port)):
            self.init(.invalidConfiguration, "port \(port) may not be used without privileges", cause: error)
        case (EACCES, .path(let path)), (ENOENT, .path(let path)):
            self.init(.invalidConfiguration, "\(path) cannot be made: check its folder", cause: error)
        case (EADDRNOTAVAIL, .host(let host, _)):
            self.init(.invalidConfiguration, "\(host) is no address of this machine", cause: error)
        case (EMFILE, _), (ENFILE, _):
            self.init(.overloaded, "no file descriptors are left to listen on \(address)", cause: error)
        default:
            self.init(.invalidConfiguration, "cannot listen on \(address)", cause: error)
        }
    }

    /// Why a client cannot connect, in words that say where to look.
    package init(connecting address: some CustomStringConvertible, _ error: any Error) {
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

    private init(connecting address: some CustomStringConvertible, failures: NIOConnectionError) {
        if let failure = failures.connectionErrors.last?.error {
            self.init(connecting: address, failure)
        } else {
            self.init(.disconnected, "the host name in \(address) cannot be resolved", cause: failures)
        }
    }

    /// Why a connection that worked is gone. A TLS peer that ends without a goodbye was killed, or cut off.
    package init(losing address: some CustomStringConvertible, _ error: any Error) {
        switch error {
        case is TransportError, is IOError: self.init(connecting: address, error)
        default: self.init(.disconnected, "the connection to \(address) was lost", cause: error)
        }
    }

    /// True when the peer says in TLS that it does not take our certificate.
    package static func isRefusal(_ error: any Error) -> Bool {
        guard error is BoringSSLError || error is NIOSSLError else { return false }
        let text = "\(error)"
        return text.contains("ALERT") && text.contains("CERTIFICATE")
    }

    /// What went wrong with TLS: who the peer is, not whether it is there.
    package init(securing address: some CustomStringConvertible, _ error: any Error) {
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            self.init(.unauthenticated, "TLS: the certificate of \(address) is for another name", cause: error)
        } else if "\(error)".contains("EOF during handshake") {
            // Who refuses a certificate says so; who only goes away is gone.
            self.init(.disconnected, "the connection to \(address) was lost during the TLS handshake", cause: error)
        } else if "\(error)".contains("WRONG_VERSION_NUMBER") {
            self.init(.unauthenticated, "\(address) does not speak TLS on this port", cause: error)
        } else {
            self.init(
                .unauthenticated, "TLS with \(address) failed: check the certificates of both sides", cause: error)
        }
    }

    private static func reason(_ error: IOError) -> String {
        switch error.errnoCode {
        case ECONNREFUSED: "connection refused, nobody listens there"
        case ENOENT: "there is no such socket"
        case EHOSTUNREACH, ENETUNREACH: "the host cannot be reached"
        case ETIMEDOUT: "no answer"
        case ECONNRESET, EPIPE: "the peer closed the connection"
        case EMFILE, ENFILE: "no file descriptors are left"
        default: "\(error)"
        }
    }
}
