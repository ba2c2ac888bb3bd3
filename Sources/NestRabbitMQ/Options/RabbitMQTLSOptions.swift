import NIOSSL

/// TLS to the broker. It is verified unless an option with `insecure` in its name says otherwise.
///
/// Files are read for each new connection: a certificate that was exchanged is used without a restart.
public struct RabbitMQTLSOptions: Sendable {
    /// A certificate or key: a PEM file, or PEM text.
    public enum PEM: Sendable {
        /// A file with PEM text.
        case file(String)
        /// PEM text.
        case text(String)
    }

    /// The authorities the broker's certificate must lead to; nil: the system's.
    public var certificateAuthority: PEM?
    /// Our certificate chain, for mutual TLS.
    public var certificate: PEM?
    /// Our private key, for mutual TLS.
    public var privateKey: PEM?
    /// The name the broker's certificate must carry, when it is not the host connected to.
    public var serverName: String?
    /// Takes any certificate. For experiments only: anybody can pose as the broker.
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

extension RabbitMQTLSOptions.PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
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

extension RabbitMQTLSOptions {
    /// The files that are read.
    var paths: [String] { [certificateAuthority, certificate, privateKey].compactMap { $0?.path } }

    /// Reads the files. Blocks on them.
    func context() throws(TransportError) -> NIOSSLContext {
        guard (certificate == nil) == (privateKey == nil) else {
            throw TransportError(.invalidConfiguration, "TLS: a certificate and its private key come together")
        }
        do {
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let certificateAuthority {
                configuration.trustRoots = .certificates(try certificateAuthority.certificates())
            }
            if let certificate {
                configuration.certificateChain = try certificate.certificates().map { .certificate($0) }
            }
            if let privateKey { configuration.privateKey = .privateKey(try privateKey.key()) }
            if insecureSkipVerification { configuration.certificateVerification = .none }
            return try NIOSSLContext(configuration: configuration)
        } catch {
            throw TransportError(.invalidConfiguration, "TLS: the certificate or key cannot be used", cause: error)
        }
    }
}

extension RabbitMQTLSOptions.PEM {
    fileprivate var path: String? {
        guard case .file(let path) = self else { return nil }
        return path
    }

    fileprivate func certificates() throws -> [NIOSSLCertificate] {
        switch self {
        case .file(let path): try NIOSSLCertificate.fromPEMFile(path)
        case .text(let text): try NIOSSLCertificate.fromPEMBytes(Array(text.utf8))
        }
    }

    fileprivate func key() throws -> NIOSSLPrivateKey {
        switch self {
        case .file(let path): try NIOSSLPrivateKey(file: path, format: .pem)
        case .text(let text): try NIOSSLPrivateKey(bytes: Array(text.utf8), format: .pem)
        }
    }
}
