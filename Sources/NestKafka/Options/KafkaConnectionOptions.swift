/// How the brokers are reached: what services, clients, health and operators' tools have in common.
public struct KafkaConnectionOptions: Sendable {
    /// What the brokers call us in their logs and quotas.
    public var clientID: String
    /// Encrypts the connections.
    public var tls: KafkaTLSOptions?
    /// Who we are.
    public var sasl: KafkaSaslOptions?
    /// Any other property of librdkafka by its name, such as `socket.keepalive.enable`. A name or a value that it does not
    /// know fails with `invalid_configuration` before anything connects, and so does a property that this transport needs
    /// for itself. What is for producers only, or for consumers only, is given to them only.
    public var properties: [String: String]

    /// Options with their parts.
    public init(
        clientID: String = "swift-nest", tls: KafkaTLSOptions? = nil, sasl: KafkaSaslOptions? = nil,
        properties: [String: String] = [:]
    ) {
        self.clientID = clientID
        self.tls = tls
        self.sasl = sasl
        self.properties = properties
    }
}

extension KafkaConnectionOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// Never a secret: of the properties only the names.
    public var description: String {
        var parts = [clientID, tls == nil ? "plaintext" : "TLS"]
        if let sasl { parts.append(sasl.description) }
        if !properties.isEmpty { parts.append("with \(properties.keys.sorted().joined(separator: ", "))") }
        return parts.joined(separator: ", ")
    }

    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension KafkaConnectionOptions {
    /// The files that secrets and certificates are read from.
    var files: [String] { [sasl?.path].compactMap { $0 } + (tls?.paths ?? []) }

    /// `security.protocol`.
    private var security: String {
        switch (tls != nil, sasl != nil) {
        case (false, false): "PLAINTEXT"
        case (true, false): "SSL"
        case (false, true): "SASL_PLAINTEXT"
        case (true, true): "SASL_SSL"
        }
    }

    /// The library's properties for it, those the user has named aside.
    func own() async throws(TransportError) -> [(name: String, value: String)] {
        var all = [("client.id", clientID), ("security.protocol", security)].map { (name: $0.0, value: $0.1) }
        if let tls { all += try await tls.properties() }
        if let sasl { all += try await sasl.properties() }
        return all
    }

    func validate() throws(TransportError) {
        try tls?.validate()
        for (name, value) in properties { try KafkaProperties.check(name, value) }
    }
}
