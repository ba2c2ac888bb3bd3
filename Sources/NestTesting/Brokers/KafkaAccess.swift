extension KafkaBroker {
    /// Who may connect to a listener, and how.
    public struct Access: Sendable {
        /// Passwords by user, for PLAIN and SCRAM: more than one while they are exchanged.
        public var users: [String: [String]]
        /// Tokens, for OAUTHBEARER.
        public var tokens: [String]
        /// The SASL mechanisms there are; empty: all that users or tokens need.
        public var mechanisms: [String]
        /// Files for TLS; nil: plain text.
        public var tls: BrokerTLS?

        /// Everybody, in plain text.
        public static let open = Access()

        /// Everybody, with TLS; only those with a certificate when the files say so.
        public static func tls(_ tls: BrokerTLS) -> Access { Access(tls: tls) }

        /// One user with a password, by PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512; `next` is one that is good as well.
        public static func user(
            _ name: String, password: String, next: String? = nil, mechanisms: [String] = [], tls: BrokerTLS? = nil
        ) -> Access {
            Access(users: [name: [password] + (next.map { [$0] } ?? [])], mechanisms: mechanisms, tls: tls)
        }

        /// Whoever has one of these tokens, by OAUTHBEARER.
        public static func tokens(_ tokens: [String], tls: BrokerTLS? = nil) -> Access {
            Access(tokens: tokens, tls: tls)
        }

        /// Anything else. Without users and tokens nobody logs in.
        public init(
            users: [String: [String]] = [:], tokens: [String] = [], mechanisms: [String] = [], tls: BrokerTLS? = nil
        ) {
            self.users = users
            self.tokens = tokens
            self.mechanisms = mechanisms
            self.tls = tls
        }

        var arguments: [String] {
            var arguments = users.flatMap { user in user.value.flatMap { ["--user", "\(user.key):\($0)"] } }
            arguments += tokens.flatMap { ["--token", $0] }
            arguments += mechanisms.flatMap { ["--mechanism", $0] }
            guard let tls else { return arguments }
            arguments += ["--certificate", tls.certificate, "--key", tls.privateKey]
            return arguments + (tls.clientAuthority.map { ["--client-authority", $0] } ?? [])
        }
    }
}
