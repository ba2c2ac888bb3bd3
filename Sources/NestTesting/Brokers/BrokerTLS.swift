/// Files of a broker's TLS.
public struct BrokerTLS: Sendable {
    /// The certificate chain.
    public var certificate: String
    /// The private key.
    public var privateKey: String
    /// Clients must show a certificate of this authority; nil: they need none.
    public var clientAuthority: String?

    /// Files for TLS.
    public init(certificate: String, privateKey: String, clientAuthority: String? = nil) {
        self.certificate = certificate
        self.privateKey = privateKey
        self.clientAuthority = clientAuthority
    }
}
