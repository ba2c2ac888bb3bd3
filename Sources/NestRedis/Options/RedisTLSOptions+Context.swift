import NIOSSL

extension RedisTLSOptions {
    /// Reads the files. Throws `invalid_configuration` when they cannot be used.
    func context() throws(TransportError) -> NIOSSLContext {
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

extension RedisTLSOptions.PEM {
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
