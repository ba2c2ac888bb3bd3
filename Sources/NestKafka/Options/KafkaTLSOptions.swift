/// TLS to the brokers. It is verified, the host name included, unless an option with `insecure` in its name says otherwise.
///
/// The library reads the files when a client or server connects; when one is exchanged, a new connection takes over.
public struct KafkaTLSOptions: Sendable {
    /// A certificate or key: a PEM file, or PEM text.
    public enum PEM: Sendable {
        /// A file with PEM text.
        case file(String)
        /// PEM text.
        case text(String)
    }

    /// The authorities the brokers' certificates must lead to; nil: the system's.
    public var certificateAuthority: PEM?
    /// Our certificate chain, for mutual TLS.
    public var certificate: PEM?
    /// Our private key, for mutual TLS.
    public var privateKey: PEM?
    /// What the private key is encrypted with.
    public var privateKeyPassword: Secret?
    /// Takes any certificate. For experiments only: anybody can pose as the broker.
    public var insecureSkipVerification = false

    /// TLS that trusts `certificateAuthority` (nil: the system's), with a certificate for mutual TLS.
    public init(
        certificateAuthority: PEM? = nil, certificate: PEM? = nil, privateKey: PEM? = nil,
        privateKeyPassword: Secret? = nil
    ) {
        self.certificateAuthority = certificateAuthority
        self.certificate = certificate
        self.privateKey = privateKey
        self.privateKeyPassword = privateKeyPassword
    }
}

extension KafkaTLSOptions.PEM: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
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

extension KafkaTLSOptions {
    /// The files that are read.
    var paths: [String] {
        [certificateAuthority, certificate, privateKey].compactMap { $0?.path }
            + [privateKeyPassword?.path].compactMap { $0 }
    }

    func validate() throws(TransportError) {
        guard (certificate == nil) == (privateKey == nil) else {
            throw TransportError(
                .invalidConfiguration, "Kafka options: a certificate and its private key come together")
        }
    }

    /// The library's properties for it.
    func properties() async throws(TransportError) -> [(name: String, value: String)] {
        var all: [(name: String, value: String)] = []
        func add(_ pem: PEM?, file: String, text: String) {
            switch pem {
            case .file(let path): all.append((file, path))
            case .text(let content): all.append((text, content))
            case nil: return
            }
        }
        add(certificateAuthority, file: "ssl.ca.location", text: "ssl.ca.pem")
        add(certificate, file: "ssl.certificate.location", text: "ssl.certificate.pem")
        add(privateKey, file: "ssl.key.location", text: "ssl.key.pem")
        if let privateKeyPassword {
            all.append(("ssl.key.password", try await privateKeyPassword.forKafka("the private key's password")))
        }
        if insecureSkipVerification {
            all.append(("enable.ssl.certificate.verification", "false"))
        } else {
            all.append(("ssl.endpoint.identification.algorithm", "https"))
        }
        return all
    }
}

extension Secret {
    /// The secret as it is now.
    func forKafka(_ what: String) async throws(TransportError) -> String {
        do {
            return try await value()
        } catch {
            throw TransportError(.invalidConfiguration, "\(what) cannot be read: \(error)", cause: error)
        }
    }
}
