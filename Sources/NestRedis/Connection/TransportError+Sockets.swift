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
    /// Why Redis cannot be connected to, in words that say where to look.
    init(connecting address: RedisAddress, _ error: any Error) {
        switch error {
        case let error as TransportError: self = error
        case let error as NIOConnectionError:
            guard let failure = error.connectionErrors.last?.error else {
                self.init(.disconnected, "the host name in \(address) cannot be resolved", cause: error)
                return
            }
            self.init(connecting: address, failure)
        case is ChannelError:
            self.init(.disconnected, "no answer from \(address) within the connect timeout", cause: error)
        case let error as IOError: self.init(.disconnected, "\(address): \(Self.reason(error))", cause: error)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: self.init(securing: address, error)
        default: self.init(.disconnected, "cannot connect to \(address)", cause: error)
        }
    }

    /// Why a connection that worked is gone.
    init(losing address: RedisAddress, _ error: any Error) {
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
    private init(securing address: RedisAddress, _ error: any Error) {
        let text = "\(error)"
        if let error = error as? NIOSSLExtraError, error == .failedToValidateHostname {
            self.init(.unauthenticated, "TLS: the certificate of \(address) is for another name", cause: error)
        } else if text.contains("EOF during handshake") {
            self.init(.disconnected, "the connection to \(address) was lost during the TLS handshake", cause: error)
        } else if text.contains("WRONG_VERSION_NUMBER") {
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
        case ECONNRESET, EPIPE: "the connection was closed"
        case EMFILE, ENFILE: "no file descriptors are left"
        default: "\(error)"
        }
    }
}
