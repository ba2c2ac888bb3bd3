/// TLS to Redis. The servers are verified unless an option with `insecure` in its name says otherwise.
///
/// Files are read for each new connection and watched: one that was exchanged is used without a restart.
public struct RedisTLSOptions: Sendable {
    /// A certificate or key: a PEM file, or PEM text.
    public enum PEM: Sendable {
        /// A file with PEM text.
        case file(String)
        /// PEM text.
        case text(String)
    }

    /// The authorities the servers' certificates must lead to; nil: the system's.
    public var certificateAuthority: PEM?
    /// Our certificate chain, for mutual TLS.
    public var certificate: PEM?
    /// Our private key, for mutual TLS.
    public var privateKey: PEM?
    /// The name the servers' certificates must carry, when it is not the host connected to.
    public var serverName: String?
    /// Takes any certificate. For experiments only: anybody can pose as the server.
    public var insecureSkipVerification = false

    /// TLS that trusts `certificateAuthority` (nil: the system's), with a certificate for mutual TLS.
    public init(
        certificateAuthority: PEM? = nil, certificate: PEM? = nil, privateKey: PEM? = nil, serverName: String? = nil
    ) {
        self.certificateAuthority = certificateAuthority
        self.certificate = certificate
        self.privateKey = privateKey
        self.serverName = serverName
    }
}

extension RedisTLSOptions {
    /// The files that are read.
    var paths: [String] { [certificateAuthority, certificate, privateKey].compactMap { $0?.path } }
}

extension RedisTLSOptions.PEM {
    fileprivate var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }
}

extension RedisTLSOptions.PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Where it stands, never what it says: it may be a key.
    public var description: String {
        switch self {
        case .file(let path): "file(\(path))"
        case .text: "text(***)"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
