/// Who we are to the brokers.
///
/// Passwords are read when a client or server connects; when a file that holds one is exchanged, a new connection takes
/// over. Tokens are asked for again before they expire.
public struct KafkaSaslOptions: Sendable {
    enum Mechanism: Sendable {
        case password(String, user: String, Secret)
        case token(KafkaTokenProvider)
    }

    let mechanism: Mechanism

    /// A user and a password as they are: with TLS only, unless the network is trusted.
    public static func plain(_ user: String, password: Secret) -> KafkaSaslOptions {
        KafkaSaslOptions(mechanism: .password("PLAIN", user: user, password))
    }

    /// A user and a password that is proved and not sent (SCRAM-SHA-256).
    public static func scramSHA256(_ user: String, password: Secret) -> KafkaSaslOptions {
        KafkaSaslOptions(mechanism: .password("SCRAM-SHA-256", user: user, password))
    }

    /// A user and a password that is proved and not sent (SCRAM-SHA-512).
    public static func scramSHA512(_ user: String, password: Secret) -> KafkaSaslOptions {
        KafkaSaslOptions(mechanism: .password("SCRAM-SHA-512", user: user, password))
    }

    /// Tokens of an identity provider (OAUTHBEARER). `provider` is called for the first one and before each one expires,
    /// when 80 % of its life is over; what it throws is logged, shown by health, and tried again ten seconds later.
    public static func oauthBearer(_ provider: @escaping KafkaTokenProvider) -> KafkaSaslOptions {
        KafkaSaslOptions(mechanism: .token(provider))
    }
}

/// Gets a token from an identity provider.
public typealias KafkaTokenProvider = @Sendable () async throws -> KafkaToken

/// A token for SASL OAUTHBEARER.
public struct KafkaToken: Sendable {
    /// The token itself, as the brokers want it: nearly always a JWT.
    public var value: String
    /// The principal it is for.
    public var principal: String
    /// How much longer it is good for.
    public var lifetime: Duration
    /// Further fields of the SASL exchange.
    public var extensions: [String: String]

    /// A token.
    public init(_ value: String, principal: String, lifetime: Duration, extensions: [String: String] = [:]) {
        self.value = value
        self.principal = principal
        self.lifetime = lifetime
        self.extensions = extensions
    }
}

extension KafkaToken: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The principal, never the token.
    public var description: String { "token of \(principal)" }
    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension KafkaSaslOptions: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The mechanism and the user, never a secret.
    public var description: String {
        switch mechanism {
        case .password(let name, let user, _): "\(name) as \(user)"
        case .token: "OAUTHBEARER"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}

extension KafkaSaslOptions {
    /// The file that is read; nil when there is none.
    var path: String? {
        guard case .password(_, _, let password) = mechanism else { return nil }
        return password.path
    }

    var tokenProvider: KafkaTokenProvider? {
        guard case .token(let provider) = mechanism else { return nil }
        return provider
    }

    /// The library's properties for it.
    func properties() async throws(TransportError) -> [(name: String, value: String)] {
        switch mechanism {
        case .password(let name, let user, let password):
            return [
                ("sasl.mechanism", name), ("sasl.username", user),
                ("sasl.password", try await password.forKafka("the password of \(user)")),
            ]
        case .token: return [("sasl.mechanism", "OAUTHBEARER")]
        }
    }
}
