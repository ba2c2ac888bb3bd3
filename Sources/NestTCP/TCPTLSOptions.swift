import NIOSSL

/// TLS for TCP. The peer is verified unless an option with `insecure` in its name says otherwise.
///
/// Files are looked at for each new connection: a certificate that was exchanged is used without a restart.
public struct TCPTLSOptions: Sendable {
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
    ) -> TCPTLSOptions {
        TCPTLSOptions(
            certificateAuthority: certificateAuthority, certificate: certificate, privateKey: privateKey,
            serverName: serverName)
    }

    /// TLS for a server; with a `clientCertificateAuthority`, clients must show a certificate it has signed.
    public static func server(
        certificate: PEM, privateKey: PEM, clientCertificateAuthority: PEM? = nil
    ) -> TCPTLSOptions {
        TCPTLSOptions(
            certificateAuthority: clientCertificateAuthority, certificate: certificate, privateKey: privateKey,
            requiresClientCertificate: clientCertificateAuthority != nil)
    }
}

extension TCPTLSOptions.PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
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

    var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }
}

extension TCPTLSOptions {
    func serverContext() throws(TransportError) -> NIOSSLContext {
        try makeContext { () throws in
            guard let certificate, let privateKey else {
                throw TransportError(.invalidConfiguration, "TLS: a server needs a certificate and a private key")
            }
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: try certificate.certificates().map { .certificate($0) },
                privateKey: .privateKey(try privateKey.privateKey()))
            if requiresClientCertificate {
                guard let certificateAuthority else {
                    throw TransportError(.invalidConfiguration, "TLS: client certificates need a certificateAuthority")
                }
                configuration.trustRoots = .certificates(try certificateAuthority.certificates())
                // No host name to check on this side: the CA is what makes a client one of ours.
                configuration.certificateVerification = .noHostnameVerification
            }
            return configuration
        }
    }

    func clientContext() throws(TransportError) -> NIOSSLContext {
        try makeContext { () throws in
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let certificateAuthority {
                configuration.trustRoots = .certificates(try certificateAuthority.certificates())
            }
            if let certificate {
                configuration.certificateChain = try certificate.certificates().map { .certificate($0) }
            }
            if let privateKey { configuration.privateKey = .privateKey(try privateKey.privateKey()) }
            if insecureSkipVerification { configuration.certificateVerification = .none }
            return configuration
        }
    }

    private func makeContext(_ make: () throws -> TLSConfiguration) throws(TransportError) -> NIOSSLContext {
        do {
            return try NIOSSLContext(configuration: try make())
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.invalidConfiguration, "TLS: the certificate or key cannot be used", cause: error)
        }
    }
}

extension TCPTLSOptions.PEM {
    fileprivate func certificates() throws -> [NIOSSLCertificate] {
        switch self {
        case .file(let path): try NIOSSLCertificate.fromPEMFile(path)
        case .text(let text): try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
        }
    }

    fileprivate func privateKey() throws -> NIOSSLPrivateKey {
        switch self {
        case .file(let path): try NIOSSLPrivateKey(file: path, format: .pem)
        case .text(let text): try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem)
        }
    }
}
