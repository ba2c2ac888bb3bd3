/// Who we are to the servers. Secrets are read anew for each connection, and files among them are watched: when one is
/// exchanged another connection is made with what stands in it now, and takes over from the old one.
public struct NatsCredentials: Sendable {
    enum Kind: Sendable {
        case user(String, password: Secret)
        case token(Secret)
        case nkey(String, seed: Secret)
        case creds(Secret)
    }

    let kind: Kind

    /// A user and a password.
    public static func user(_ name: String, password: Secret) -> NatsCredentials {
        NatsCredentials(kind: .user(name, password: password))
    }

    /// A token.
    public static func token(_ token: Secret) -> NatsCredentials { NatsCredentials(kind: .token(token)) }

    /// An NKey: its public half (`U…`) and the seed (`SU…`) that signs what the server asks.
    public static func nkey(_ publicKey: String, seed: Secret) -> NatsCredentials {
        NatsCredentials(kind: .nkey(publicKey, seed: seed))
    }

    /// A `.creds` file: a user's JWT and the seed that belongs to it.
    public static func file(_ path: String) -> NatsCredentials { .creds(.file(path)) }

    /// What stands in a `.creds` file, from wherever it is kept.
    public static func creds(_ contents: Secret) -> NatsCredentials { NatsCredentials(kind: .creds(contents)) }

    /// The file that is read; nil when there is none.
    var path: String? {
        switch kind {
        case .user(_, let secret), .token(let secret), .nkey(_, let secret), .creds(let secret): secret.path
        }
    }
}

extension NatsCredentials: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The kind and the name, never a secret.
    public var description: String {
        switch kind {
        case .user(let name, _): "user \(name)"
        case .token: "token ***"
        case .nkey(let key, _): "nkey \(key)"
        case .creds(let contents): contents.path.map { "file(\($0))" } ?? "creds ***"
        }
    }

    /// As ``description``.
    public var debugDescription: String { description }
    /// Nothing inside.
    public var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }
}
