/// TLS for TCP and gRPC. The peer is verified unless an option with `insecure` in its name says otherwise.
///
/// Files are looked at for each new connection: a certificate that was exchanged is used without a restart.
public struct TLSOptions: Sendable {
    /// A certificate or key: a PEM file, or PEM text.
    public enum PEM: Sendable {
        /// A file with PEM text.
        case file(String)
        /// PEM text.
        case text(String)
    }

    /// The CA certificates the peer's certificate must lead to; nil: the system's.
    public var certificateAuthority: PEM?
    /// This side's certificate chain. A server needs one; a client has one for mutual TLS.
    public var certificate: PEM?
    /// This side's private key.
    public var privateKey: PEM?
    /// As a server: clients must show a certificate that ``certificateAuthority`` has signed.
    public var requiresClientCertificate = false
    /// As a client: the name the server's certificate must carry, when it is not the host connected to.
    public var serverName: String?
    /// As a client: takes any certificate. For experiments only: anybody can pose as the server.
    public var insecureSkipVerification = false

    /// TLS for a client that trusts `certificateAuthority` (nil: the system's), with a certificate for mutual TLS.
    public static func client(
        certificateAuthority: PEM? = nil, certificate: PEM? = nil, privateKey: PEM? = nil, serverName: String? = nil
    ) -> TLSOptions {
        TLSOptions(
            certificateAuthority: certificateAuthority, certificate: certificate, privateKey: privateKey,
            serverName: serverName)
    }

    /// TLS for a server; with a `clientCertificateAuthority`, clients must show a certificate it has signed.
    public static func server(
        certificate: PEM, privateKey: PEM, clientCertificateAuthority: PEM? = nil
    ) -> TLSOptions {
        TLSOptions(
            certificateAuthority: clientCertificateAuthority, certificate: certificate, privateKey: privateKey,
            requiresClientCertificate: clientCertificateAuthority != nil)
    }
}

extension TLSOptions.PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
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

    package var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }
}
