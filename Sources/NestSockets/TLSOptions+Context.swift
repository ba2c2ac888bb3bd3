package import NIOSSL

extension TLSOptions {
    /// What the connections of a server are made with, as these options say and `adjust` sees fit.
    package func serverContext(
        _ adjust: (inout TLSConfiguration) -> Void = { _ in }
    ) throws(TransportError) -> NIOSSLContext {
        try makeContext(adjust) { () throws in
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

    /// What the connections of a client are made with, as these options say and `adjust` sees fit.
    package func clientContext(
        _ adjust: (inout TLSConfiguration) -> Void = { _ in }
    ) throws(TransportError) -> NIOSSLContext {
        try makeContext(adjust) { () throws in
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

    private func makeContext(
        _ adjust: (inout TLSConfiguration) -> Void, _ make: () throws -> TLSConfiguration
    ) throws(TransportError) -> NIOSSLContext {
        do {
            var configuration = try make()
            adjust(&configuration)
            return try NIOSSLContext(configuration: configuration)
        } catch let error as TransportError {
            throw error
        } catch {
            throw TransportError(.invalidConfiguration, "TLS: the certificate or key cannot be used", cause: error)
        }
    }
}

extension TLSOptions.PEM {
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
